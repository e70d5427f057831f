import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { LineAssembler } from '../engine/line-assembler.ts';

const MAX_LAST = 3;

/** The lines of a command's output, which comes in pieces of bytes; the last ones are kept. */
export class OutputLines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #assembler: LineAssembler;
  readonly #last: string[] = [];
  #at = 0;

  /** `onLine` gets the time of the piece that ended the line. */
  constructor(onLine: (line: string, at: number) => void) {
    this.#assembler = new LineAssembler((text) => {
      const line = stripVTControlCharacters(text);
      this.#last.push(line);
      if (this.#last.length > MAX_LAST) this.#last.shift();
      onLine(line, this.#at);
    });
  }

  /** The last three. */
  get last(): readonly string[] {
    return this.#last;
  }

  push(bytes: Uint8Array, at: number): void {
    this.#at = at;
    this.#assembler.push(this.#decoder.write(Buffer.from(bytes)));
  }

  /** What no newline ended is a line too. */
  end(): void {
    this.#assembler.push(this.#decoder.end());
    this.#assembler.end();
  }
}
