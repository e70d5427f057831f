import { createHash } from 'node:crypto';
import type { TransformCallback } from 'node:stream';
import { ArchiveTooLargeError } from './archive-errors.ts';
import { ByteCounter } from './byte-counter.ts';

/** Counts and hashes the bytes that pass, so many at most. */
export class ByteMeter extends ByteCounter {
  readonly #hash = createHash('sha256');
  readonly #maxBytes: number;
  #digest: Buffer | null = null;

  constructor(maxBytes = Infinity) {
    super();
    this.#maxBytes = maxBytes;
  }

  /** SHA-256 of all of them; ask when the last has passed. */
  get digest(): Buffer {
    this.#digest ??= this.#hash.digest();
    return this.#digest;
  }

  override _transform(chunk: Buffer, encoding: string, callback: TransformCallback): void {
    if (this.bytes + chunk.length > this.#maxBytes) {
      callback(new ArchiveTooLargeError(this.#maxBytes));
      return;
    }
    this.#hash.update(chunk);
    super._transform(chunk, encoding, callback);
  }
}
