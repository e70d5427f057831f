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

/** Unpacks one layer as it comes, whether it is compressed or not; hashes and counts what it was. */
export class LayerUnpacker {
  readonly #hash = createHash('sha256');
  readonly #name: string;
  #sizeBytes = 0;
  /** Undefined until the first bytes say what it is; null for what is not compressed. */
  #stream: Transform | null | undefined;
  #start = Buffer.alloc(0);
  #out: Buffer[] = [];

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

  /** What these bytes are unpacked. Rejects with DamagedArchiveError. */
  async write(bytes: Buffer): Promise<Buffer[]> {
    if (this.#stream !== undefined) return this.#unpack(bytes);
    this.#start = Buffer.concat([this.#start, bytes]);
    return this.#start.length < MAGIC_BYTES ? [] : this.#open();
  }

  /** What is left. */
  async end(): Promise<Buffer[]> {
    const first = this.#stream === undefined ? await this.#open() : [];
    const stream = this.#stream;
    if (!stream) return first;
    try {
      stream.end();
      if (!stream.readableEnded) await once(stream, 'end');
    } catch (error) {
      throw this.#damaged(error);
    }
    return [...first, ...this.#taken()];
  }

  destroy(): void {
    this.#stream?.destroy();
  }

  #open(): Promise<Buffer[]> {
    const start = this.#start;
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    this.#stream = isGzip ? createGunzip() : isZstd(start) ? createZstdDecompress() : null;
    this.#stream?.on('data', (bytes: Buffer) => this.#out.push(bytes));
    // Whoever writes or ends hears of it.
    this.#stream?.on('error', () => {});
    return this.#unpack(start);
  }

  async #unpack(bytes: Buffer): Promise<Buffer[]> {
    const stream = this.#stream;
    if (!stream) {
      this.#out.push(bytes);
      return this.#taken();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } catch (error) {
      throw this.#damaged(error);
    }
    return this.#taken();
  }

  #taken(): Buffer[] {
    const taken = this.#out;
    this.#out = [];
    for (const bytes of taken) {
      this.#hash.update(bytes);
      this.#sizeBytes += bytes.length;
    }
    return taken;
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
