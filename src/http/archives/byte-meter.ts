import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { ArchiveTooLargeError } from './archive-errors.ts';

/** Counts and hashes the bytes that pass. */
export class ByteMeter extends Transform {
  readonly #hash = createHash('sha256');
  readonly #maxBytes: number;
  #bytes = 0;
  #digest: Buffer | null = null;

  constructor(maxBytes = Infinity) {
    super();
    this.#maxBytes = maxBytes;
  }

  /** How many have passed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** SHA-256 of all of them; ask when the last has passed. */
  get digest(): Buffer {
    this.#digest ??= this.#hash.digest();
    return this.#digest;
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      callback(new ArchiveTooLargeError(this.#maxBytes));
      return;
    }
    this.#hash.update(chunk);
    callback(null, chunk);
  }
}
