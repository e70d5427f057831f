import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { BadUserInputError } from '../common/errors.ts';
import { ArchiveProof } from './archive-proof.ts';
import { TarError, TarWalk } from './tar-walk.ts';

/**
 * Lets an archive pass to an engine and proves it on the way. The blocks that end the tar are held
 * back until all is proven: without them, on a connection that breaks off, an engine loads nothing.
 */
export class ArchiveGate extends Transform {
  readonly #walk: TarWalk;
  readonly #proof = new ArchiveProof();
  readonly #assertSent: () => void;
  #isProven = false;

  /** `assertSent` is called at the end and throws where the upload is not what was announced. */
  constructor(assertSent: () => void) {
    super();
    this.#assertSent = assertSent;
    const proof = this.#proof;
    this.#walk = new TarWalk({
      begin: (head) => proof.begin(head),
      content: (bytes) => proof.content(bytes),
      end: () => proof.end(),
      raw: (bytes) => this.push(bytes),
    });
  }

  /** Whether the whole archive has come and is what it should be. */
  get isProven(): boolean {
    return this.#isProven;
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    this.#try(callback, () => this.#walk.push(chunk));
  }

  override _flush(callback: TransformCallback): void {
    this.#try(callback, () => {
      // First: a mismatch explains whatever else is wrong.
      this.#assertSent();
      this.#walk.finish();
      this.#proof.finish();
      this.#isProven = true;
      this.push(Buffer.alloc(1024));
    });
  }

  #try(callback: TransformCallback, work: () => void): void {
    try {
      work();
    } catch (error) {
      callback(
        error instanceof TarError
          ? new BadUserInputError(`this is not a whole archive: ${error.message}`)
          : (error as Error),
      );
      return;
    }
    callback();
  }
}
