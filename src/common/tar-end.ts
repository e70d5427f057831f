const BLOCK = 512;
const KEPT = 8 * 1024;

/**
 * Watches the end of a tar that passes: whether it is whole. An engine that fails in the middle of
 * an archive appends its complaint as JSON to the bytes and ends the answer in good order.
 *
 * State: how many bytes passed, and the last chunks, at least `KEPT` bytes of them. They are kept as
 * they are and not copied: a copy would cost more than everything else here.
 */
export class TarEnd {
  readonly #last: Uint8Array[] = [];
  #kept = 0;
  #size = 0;

  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#kept += chunk.length;
    this.#last.push(chunk);
    while (this.#kept - this.#last[0]!.length >= KEPT) this.#kept -= this.#last.shift()!.length;
  }

  get #tail(): Uint8Array {
    return Buffer.concat(this.#last, this.#kept).subarray(-KEPT);
  }

  /** Whether it ends as a tar does: in whole blocks, the last two of them empty. */
  get isWhole(): boolean {
    const isInBlocks = this.#size >= 2 * BLOCK && this.#size % BLOCK === 0;
    return isInBlocks && this.#tail.subarray(-2 * BLOCK).every((byte) => byte === 0);
  }

  /** The JSON that was appended, where there is some. */
  get appendedJson(): unknown {
    const text = Buffer.from(this.#tail).toString('utf8').trimEnd();
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
