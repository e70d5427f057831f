import { EngineError } from '../common/errors.ts';
import { oneLine } from './engine-errors.ts';

const NEWLINE = 0x0a;
const DEFAULT_MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Decodes a stream of JSON lines. Lines are put together as bytes, so that chunks may be cut
 * anywhere, inside a character too; they may end in `\r\n`, and empty ones mean nothing.
 *
 * State: the bytes since the last newline, as the chunks that they came in.
 */
export class NdjsonDecoder {
  readonly #host: string;
  readonly #maxLineBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(host: string, maxLineBytes = DEFAULT_MAX_LINE_BYTES) {
    this.#host = host;
    this.#maxLineBytes = maxLineBytes;
  }

  /** The values of the lines that end in this chunk. */
  push(chunk: Uint8Array): unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#takeLine(values);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return values;
  }

  /** The value of a last line that no newline ended: call it when the stream has ended well. */
  end(): unknown[] {
    const values: unknown[] = [];
    this.#takeLine(values);
    return values;
  }

  #keep(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > this.#maxLineBytes) {
      throw new EngineError(`${this.#host} sent a line of more than ${this.#maxLineBytes} bytes`, {
        host: this.#host,
      });
    }
    if (bytes.length > 0) this.#pending.push(bytes);
  }

  #takeLine(values: unknown[]): void {
    const line = Buffer.concat(this.#pending, this.#pendingBytes).toString('utf8').trim();
    this.#pending = [];
    this.#pendingBytes = 0;
    if (line === '') return;
    try {
      values.push(JSON.parse(line));
    } catch (cause) {
      throw new EngineError(`${this.#host} sent a line that is not JSON: "${oneLine(line, 80)}"`, {
        host: this.#host,
        cause,
      });
    }
  }
}
