/**
 * Frees the memory of chunks that several targets are sent as soon as the last of them has been sent
 * it. Left to the garbage collector, chunks that have waited for slow targets stay until the whole
 * heap is marked: a hundred MiB of them, and long pauses.
 *
 * Whoever may still read a chunk holds it. One that a holder never releases is left to the
 * garbage collector.
 */
export class SharedChunks {
  readonly #holders = new WeakMap<ArrayBufferLike, number>();

  /**
   * Takes a chunk over, with a first hold on it: nobody else may use it once it is released. One
   * that is a part of something larger is left to the garbage collector.
   */
  own({ buffer, byteLength }: Buffer): void {
    if (byteLength === buffer.byteLength) this.#holders.set(buffer, 1);
  }

  /** Holds the chunk that these bytes are a part of. */
  hold({ buffer }: Buffer): void {
    const holders = this.#holders.get(buffer);
    if (holders !== undefined) this.#holders.set(buffer, holders + 1);
  }

  /** Ends a hold. The last one leaves an empty chunk. */
  release({ buffer }: Buffer): void {
    const holders = this.#holders.get(buffer);
    if (holders === undefined) return;
    if (holders > 1) {
      this.#holders.set(buffer, holders - 1);
      return;
    }
    this.#holders.delete(buffer);
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}
