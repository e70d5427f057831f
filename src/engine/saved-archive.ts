import { Readable } from 'node:stream';
import { EngineError, HostUnreachableError } from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';
import { complaintOf } from './progress-message.ts';
import type { EngineProgressJson } from './progress-message.ts';
import { TarEnd } from '../common/tar-end.ts';
import type { OpenStream } from './verb-calls.ts';

/** What an archive is read with. */
export interface SavedArchiveOptions {
  host: string;
  what: string;
  errorOf: (complaint: string) => DockgraphError;
}

/**
 * The bytes of a `docker save` as they come, no faster than they are wanted. It ends only where the
 * tar does, and fails in every other case: bytes that went on before are then worth nothing.
 */
export class SavedArchive extends Readable {
  readonly #open: OpenStream;
  readonly #options: SavedArchiveOptions;
  readonly #end = new TarEnd();
  #isWanted = false;

  constructor(open: OpenStream, options: SavedArchiveOptions) {
    super();
    this.#open = open;
    this.#options = options;
    const { host, what } = options;
    const { response, life } = open;
    const brokeOff = (cause?: Error) => {
      const message = `${host} broke off in the middle of ${what}`;
      this.destroy(new HostUnreachableError(message, { host, cause }));
    };
    response
      .on('data', (chunk: Buffer) => this.#take(chunk))
      .once('end', () => this.#finish())
      .once('error', brokeOff)
      .once('close', () => {
        if (!response.complete) brokeOff();
      })
      .pause();
    // Silence is the engine's only while somebody waits for it.
    life.watch(() => (this.#isWanted ? host : null));
    life.ended.catch((error: Error) => this.destroy(error));
  }

  override _read(): void {
    const { response, life } = this.#open;
    if (!this.#isWanted) life.moved();
    this.#isWanted = true;
    response.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#open.response.destroy();
    callback(error);
  }

  #take(chunk: Buffer): void {
    const { response, life } = this.#open;
    life.moved();
    this.#end.push(chunk);
    if (this.push(chunk)) return;
    response.pause();
    this.#isWanted = false;
  }

  #finish(): void {
    if (this.#end.isWhole) this.push(null);
    else this.destroy(this.#problem());
  }

  #problem(): DockgraphError {
    const { host, what, errorOf } = this.#options;
    const appended = this.#end.appendedJson as EngineProgressJson | undefined;
    const complaint = appended === undefined ? null : complaintOf(appended);
    if (complaint !== null) return errorOf(complaint);
    return new EngineError(`${host} ended ${what} before the end of the archive`, { host });
  }
}
