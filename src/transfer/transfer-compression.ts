import { Transform } from 'node:stream';
import type { Readable, TransformCallback } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { HostRecord } from '../fleet/fleet.ts';
import { eachChunk } from './each-chunk.ts';
import type { TransferCompression } from './transfer-request.ts';

/** What an archive is sent with. */
export type SentCompression = Exclude<TransferCompression, 'AUTO'>;

/** Bytes a second below which a connection is slower than compressing for it. */
const SLOW = { ZSTD: 100 * 1024 * 1024, GZIP: 50 * 1024 * 1024 };
/** A host that is so far away is taken for slow until its speed is known. */
const FAR_MS = 8;
/** So many are compressed at once: another thread does it, and each time costs a change of threads. */
const COMPRESSED_BYTES = 256 * 1024;
/** Less than that says nothing about the speed of a connection. */
const MIN_SAMPLE_BYTES = 4 * 1024 * 1024;

/** How fast connections to hosts were, to decide whether compressing pays. */
export class ConnectionSpeeds {
  readonly #bytesPerSecond = new Map<string, number>();

  /** Takes note of an upload: bytes on the wire, from the first to the last. */
  note(host: string, bytes: number, ms: number): void {
    if (bytes >= MIN_SAMPLE_BYTES && ms > 0) this.#bytesPerSecond.set(host, (bytes * 1000) / ms);
  }

  /** What to send to this host with. */
  choose(wanted: TransferCompression, host: HostRecord): SentCompression {
    if (wanted === 'NONE' || wanted === 'GZIP') return wanted;
    const { config, status } = host;
    const compression = takesZstdArchive(host) ? 'ZSTD' : 'GZIP';
    if (wanted === 'AUTO') {
      if (config.endpoint.transport === 'UNIX') return 'NONE';
      const known = this.#bytesPerSecond.get(config.name);
      const isSlow =
        known === undefined ? (status.latencyMs ?? 0) > FAR_MS : known < SLOW[compression];
      if (!isSlow) return 'NONE';
    }
    return compression;
  }
}

/** A stream that compresses; none for NONE. Made for speed: layers are often compressed badly. */
export function compressor(compression: SentCompression): Transform | null {
  const chunkSize = COMPRESSED_BYTES;
  if (compression === 'GZIP') return createGzip({ level: constants.Z_BEST_SPEED, chunkSize });
  if (compression === 'ZSTD') {
    return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize });
  }
  return null;
}

/** Sends all of an archive through a compressor; `onRead` hears of bytes that are not read any more. */
export function compressInto(
  compress: Transform,
  archive: Readable,
  onRead: (bytes: number) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const joined = () => {
    const bytes = Buffer.concat(chunks, size);
    onRead(size);
    chunks.length = size = 0;
    return bytes;
  };
  const take = (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size < COMPRESSED_BYTES) return null;
    return new Promise<void>((done) => compress.write(joined(), () => done()));
  };
  compress.once('close', () => archive.destroy());
  eachChunk(archive, take).then(
    () => compress.end(joined()),
    (error: Error) => compress.destroy(error),
  );
}

/** Counts the bytes that pass. */
export class ByteCounter extends Transform {
  readonly #onBytes: (bytes: number) => void;

  constructor(onBytes: (bytes: number) => void) {
    super();
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    this.#onBytes(chunk.length);
    callback(null, chunk);
  }
}

/**
 * Whether the engine can unpack layers that zstd compressed: Docker from 23.0 on; podman of any age
 * that is still about.
 */
export function takesZstd({ status: { engine } }: HostRecord): boolean {
  if (engine?.imageStore === 'PODMAN') return true;
  return majorVersion(engine?.version) >= 23;
}

/**
 * Whether the engine survives an archive that is zstd as a whole. With a classic store Docker 23 to
 * 27 may die of one, with all that runs on it: once it has the end of the tar it takes the connection
 * from its decoder, which goes on to read for the end of the stream (mended by moby#49117).
 */
function takesZstdArchive(host: HostRecord): boolean {
  const { engine } = host.status;
  if (engine?.imageStore === 'CLASSIC') return majorVersion(engine.version) >= 28;
  return takesZstd(host);
}

function majorVersion(version: string | undefined): number {
  return Number.parseInt(version ?? '', 10);
}
