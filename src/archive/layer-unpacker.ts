import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { DamagedArchiveError } from './archive-errors.ts';

const MAGIC_BYTES = 4;

/** Whether bytes are the beginning of something that zstd compressed. */
export function isZstd(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC_BYTES).toString('hex') === '28b52ffd';
}

/**
 * Unpacks one layer as it comes, whether it is compressed or not; hashes and counts what it was. It
 * unpacks no further than is taken: a few bytes may be compressed gigabytes.
 */
export class LayerUnpacker {
  readonly #hash = createHash('sha256');
  readonly #name: string;
  #sizeBytes = 0;
  /** Undefined until the first bytes say what it is; null for what is not compressed. */
  #stream: Transform | null | undefined;
  #start = Buffer.alloc(0);

  /** `name`: for errors. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Of all that came out, when it has ended. */
  get digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What these bytes are unpacked. Throws DamagedArchiveError. */
  async *write(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
    if (this.#stream !== undefined) {
      yield* this.#unpack(bytes);
      return;
    }
    this.#start = Buffer.concat([this.#start, bytes]);
    if (this.#start.length >= MAGIC_BYTES) yield* this.#open();
  }

  /** What is left. */
  async *end(): AsyncGenerator<Buffer, void, void> {
    if (this.#stream === undefined) yield* this.#open();
    const stream = this.#stream;
    if (!stream) return;
    const ended = once(stream, 'end');
    stream.end();
    yield* this.#takenUntil(stream, ended);
  }

  destroy(): void {
    this.#stream?.destroy();
  }

  #open(): AsyncGenerator<Buffer, void, void> {
    const start = this.#start;
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    this.#stream = isGzip ? createGunzip() : isZstd(start) ? createZstdDecompress() : null;
    // Whoever writes or ends hears of it.
    this.#stream?.on('error', () => {});
    return this.#unpack(start);
  }

  async *#unpack(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
    const stream = this.#stream;
    if (!stream) {
      yield this.#passed(bytes);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A write that meets damaged bytes is never called back.
    stream.once('error', reject);
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    yield* this.#takenUntil(stream, promise);
    stream.off('error', reject);
  }

  /** What comes out until the stream has done something. */
  async *#takenUntil(
    stream: Transform,
    done: Promise<unknown>,
  ): AsyncGenerator<Buffer, void, void> {
    let isDone = false;
    const settled = done.then(
      () => (isDone = true),
      () => (isDone = true),
    );
    for (;;) {
      for (let bytes = read(stream); bytes !== null; bytes = read(stream))
        yield this.#passed(bytes);
      if (isDone) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.once('readable', resolve);
      await Promise.race([promise, settled]);
      stream.off('readable', resolve);
    }
    try {
      await done;
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  #passed(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
    return bytes;
  }

  #damaged(error: unknown): DamagedArchiveError {
    const { message } = error as Error;
    return new DamagedArchiveError(
      `layer ${this.#name} cannot be unpacked: ${message}`,
      { entry: this.#name },
      error,
    );
  }
}

function read(stream: Transform): Buffer | null {
  return stream.read() as Buffer | null;
}
