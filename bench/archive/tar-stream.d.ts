/** As much of tar-stream as the bench uses; the package has no types of its own. */
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream';

  interface Header {
    name: string;
    size: number;
  }

  function extract(): Writable & {
    on(
      event: 'entry',
      listener: (header: Header, entry: Readable, next: (error?: Error) => void) => void,
    ): void;
  };

  function pack(): Readable & {
    entry(header: Header, done: (error?: Error | null) => void): Writable;
    finalize(): void;
  };
}
