import { Readable } from 'node:stream';

const HIGH_WATER_BYTES = 256 * 1024;
/** A limited feed gives at most this many milliseconds' worth at once. */
const BURST_MS = 100;

/** How a feed is made. */
export interface TargetFeedOptions {
  /** Null for no limit. */
  maxBytesPerSecond: number | null;
  /** Some of what was given has been taken. */
  onTaken: () => void;
  /** What was given is not read any more. */
  onSent: (bytes: Buffer) => void;
}

/**
 * What one target of a shared read is sent. The read gives bytes, the target's upload takes them;
 * what lies between is the read's to bound. Bytes are passed on as they are: several feeds hold the
 * same buffers.
 */
export class TargetFeed extends Readable {
  readonly #options: TargetFeedOptions;
  readonly #pending: Buffer[] = [];
  /** Taken by the upload and not yet said to be sent. */
  readonly #unsent: Buffer[] = [];
  /** Sent of the first of them. */
  #sentBytes = 0;
  #pendingBytes = 0;
  #takenBytes = 0;
  #isWanted = false;
  #isFinished = false;
  /** When the next bytes may go, on the clock of `performance`. */
  #nextAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: TargetFeedOptions) {
    super({ highWaterMark: HIGH_WATER_BYTES });
    this.#options = options;
  }

  /** Given and not yet taken. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Taken by the upload. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Whether it holds itself back, so that it is no fault of the target's. */
  get isLimited(): boolean {
    return this.#timer !== null;
  }

  give(bytes: Buffer): void {
    if (this.destroyed || bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#flush();
  }

  /** To be called by the upload, of what it took: so many more bytes are not read any more. */
  sent(bytes: number): void {
    this.#sentBytes += bytes;
    for (;;) {
      const first = this.#unsent[0];
      if (first === undefined || first.length > this.#sentBytes) return;
      this.#unsent.shift();
      this.#sentBytes -= first.length;
      this.#options.onSent(first);
    }
  }

  /** Nothing comes any more, and all that came is right: the upload may end. */
  finish(): void {
    this.#isFinished = true;
    this.#flush();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#flush();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pending.length = 0;
    this.#unsent.length = 0;
    this.#pendingBytes = 0;
    callback(error);
    this.#options.onTaken();
  }

  #flush(): void {
    let taken = 0;
    while (this.#isWanted && this.#timer === null) {
      const bytes = this.#pending[0];
      if (bytes === undefined) break;
      if (!this.#mayGo(bytes.length)) break;
      this.#pending.shift();
      this.#unsent.push(bytes);
      taken += bytes.length;
      this.#isWanted = this.push(bytes);
    }
    if (taken > 0) {
      this.#pendingBytes -= taken;
      this.#takenBytes += taken;
      this.#options.onTaken();
    }
    if (this.#isFinished && this.#pending.length === 0 && !this.readableEnded) {
      this.#isFinished = false;
      this.push(null);
    }
  }

  #mayGo(size: number): boolean {
    const { maxBytesPerSecond } = this.#options;
    if (maxBytesPerSecond === null) return true;
    const now = performance.now();
    if (this.#nextAt > now) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#flush();
      }, this.#nextAt - now);
      return false;
    }
    const from = Math.max(this.#nextAt, now - BURST_MS);
    this.#nextAt = from + (size * 1000) / maxBytesPerSecond;
    return true;
  }
}
