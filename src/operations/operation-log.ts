/** A line of what a verb wrote, or of what was decided about the operation. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  at: number;
  /** The task's host; null where the line is about the whole operation. */
  host: string | null;
  text: string;
}

/** A line as it was stored. */
export interface StoredLogLine extends LogLine {
  /** Counts the operation's lines from 1, also those that the bound has removed since. */
  number: number;
}

/** What is kept of an operation's log: its end. */
export const LOG_BOUNDS = { lines: 1000, bytes: 256 * 1024, lineBytes: 8 * 1024 } as const;

/** Bytes that a line counts against the bound. */
export function sizeOfLine({ text }: LogLine): number {
  return Buffer.byteLength(text);
}

/** The lines of a text, without empty ones at the end, each cut to the longest that is kept. */
export function toLogLines(text: string, at: number, host: string | null): LogLine[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => ({ at, host, text: cut(line) }));
}

function cut(line: string): string {
  const { lineBytes } = LOG_BOUNDS;
  if (Buffer.byteLength(line) <= lineBytes) return line;
  // A code point cut in half decodes to U+FFFD, which says nothing: dropped.
  const kept = Buffer.from(line).subarray(0, lineBytes - 3);
  return `${kept.toString().replace(/\uFFFD$/, '')}…`;
}

/** Lines that wait to be stored. Bounded like what is stored: a flood costs no memory. */
export class LogBuffer {
  #lines: LogLine[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  add(lines: readonly LogLine[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#bytes += sizeOfLine(line);
    }
    // Trimmed to what is kept only now and then, for each trim copies the list.
    const { lines: most, bytes } = LOG_BOUNDS;
    if (this.#lines.length > 2 * most || this.#bytes > 2 * bytes) this.#trim();
  }

  /** Hands over what waits. */
  take(): LogLine[] {
    this.#trim();
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    return lines;
  }

  #trim(): void {
    let start = Math.max(0, this.#lines.length - LOG_BOUNDS.lines);
    let bytes = 0;
    for (const line of this.#lines.slice(start)) bytes += sizeOfLine(line);
    while (bytes > LOG_BOUNDS.bytes) bytes -= sizeOfLine(this.#lines[start++]!);
    this.#lines = this.#lines.slice(start);
    this.#bytes = bytes;
  }
}
