import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/** Counts the bytes that pass. */
export class ByteCounter extends Transform {
  #bytes = 0;

  /** How many have passed. */
  get bytes(): number {
    return this.#bytes;
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    this.#bytes += chunk.length;
    callback(null, chunk);
  }
}
