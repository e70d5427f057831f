const BLOCK = 512;
/** Of the end; an engine's complaint has a few hundred. */
const KEPT_BYTES = 8 * 1024;

/**
 * Watches the end of a tar that passes: whether it is whole. An engine that fails in the middle of
 * an archive appends its complaint as JSON to the bytes and ends the answer in good order.
 * The last bytes are copied: a chunk belongs to whoever gave it.
 */
export class TarEnd {
  /** Right-aligned: its last byte is the last that passed. */
  readonly #last = Buffer.alloc(KEPT_BYTES);
  #size = 0;

  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    const added = Math.min(chunk.length, KEPT_BYTES);
    if (added < KEPT_BYTES) this.#last.copyWithin(0, added);
    this.#last.set(chunk.subarray(chunk.length - added), KEPT_BYTES - added);
  }

  get #tail(): Buffer {
    return this.#last.subarray(Math.max(0, KEPT_BYTES - this.#size));
  }

  /** Whether it ends as a tar does: in whole blocks, the last two of them empty. */
  get isWhole(): boolean {
    const isInBlocks = this.#size >= 2 * BLOCK && this.#size % BLOCK === 0;
    return isInBlocks && this.#tail.subarray(-2 * BLOCK).every((byte) => byte === 0);
  }

  /** The JSON that was appended, where there is some. */
  get appendedJson(): unknown {
    const text = this.#tail.toString('utf8').trimEnd();
    for (
      let start = text.lastIndexOf('{"');
      start !== -1;
      start = text.lastIndexOf('{"', start - 1)
    ) {
      try {
        const json = JSON.parse(text.slice(start)) as unknown;
        if (typeof json === 'object' && json !== null && 'error' in json) return json;
      } catch {
        // It begins further ahead.
      }
      if (start === 0) break;
    }
    return undefined;
  }
}
