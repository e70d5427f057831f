const MAX_LINE = 8 * 1024;

/** Puts lines together from text that comes in pieces; very long ones are cut into several. */
export class LineAssembler {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    if (this.#rest.length > MAX_LINE) this.end();
  }

  /** There is no more: what no newline ended is a line too. */
  end(): void {
    if (this.#rest !== '') this.#emit(this.#rest);
    this.#rest = '';
  }

  #emit(line: string): void {
    for (let start = 0; start === 0 || start < line.length; start += MAX_LINE) {
      this.#onLine(line.slice(start, start + MAX_LINE));
    }
  }
}
