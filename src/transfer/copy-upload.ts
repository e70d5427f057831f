import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { EngineError } from '../common/errors.ts';
import type { LoadResult, ProgressMessage } from '../engine/image-verbs.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import { TargetFeed } from './target-feed.ts';
import { ByteCounter, compressInto, compressor } from './transfer-compression.ts';
import type { ConnectionSpeeds, SentCompression } from './transfer-compression.ts';

/** Sends the archives of one copy to its target, one attempt after the other, and counts them. */
export class CopyUpload {
  readonly #target: HostRecord;
  readonly #compression: SentCompression;
  readonly #speeds: ConnectionSpeeds;
  #bytesSent = 0;
  /** What is being sent as it is, and counts itself. */
  #sending: TargetFeed | null = null;

  constructor(target: HostRecord, compression: SentCompression, speeds: ConnectionSpeeds) {
    this.#target = target;
    this.#compression = compression;
    this.#speeds = speeds;
  }

  /** As they went over the connection so far, in all attempts. */
  get bytesSent(): number {
    return this.#bytesSent + (this.#sending?.takenBytes ?? 0);
  }

  /** Sends an archive that ends only where it is proven. Resolves when the target has loaded it. */
  async load(
    archive: Readable,
    options: { signal: AbortSignal; onProgress: (message: ProgressMessage) => void },
  ): Promise<LoadResult> {
    const { name } = this.#target.config;
    const since = performance.now();
    const before = this.#bytesSent;
    let last = since;
    archive.once('end', () => {
      last = performance.now();
    });
    const counted = this.#counted(archive);
    try {
      const said = await this.#target.engine.verbs.loadImages(counted, {
        ...options,
        ...(counted instanceof TargetFeed && { onSent: (bytes) => counted.sent(bytes) }),
      });
      if (!archive.readableEnded) throw answeredEarly(name);
      if (this.#compression === 'NONE') {
        this.#speeds.note(name, this.bytesSent - before, last - since);
      }
      return said;
    } finally {
      this.#bytesSent = this.bytesSent;
      this.#sending = null;
    }
  }

  /** The archive as it goes over the connection. */
  #counted(archive: Readable): Readable {
    const compress = compressor(this.#compression);
    if (compress === null && archive instanceof TargetFeed) {
      this.#sending = archive;
      return archive;
    }
    const count = new ByteCounter((bytes) => {
      this.#bytesSent += bytes;
    });
    if (compress !== null) {
      compressInto(compress, archive, (bytes) => {
        if (archive instanceof TargetFeed) archive.sent(bytes);
      });
    }
    // Errors go on to the upload, which hears of them from the last of the stages.
    pipeline(compress ?? archive, count, () => {});
    return count;
  }
}

/** The target did not wait for all of the archive, so that it cannot have all of the image. */
export function answeredEarly(host: string): EngineError {
  return new EngineError(`${host} answered before the end of the archive`, { host });
}
