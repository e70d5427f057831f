import type { ClientRequest } from 'node:http';
import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * A request's body that comes from a stream, sent in chunks with backpressure. An engine takes a
 * body that ends between two entries of its tar for a whole one: so the end is only ever sent when
 * the source has ended well, and in all other cases the connection is destroyed.
 */
export class RequestBody {
  readonly #source: Readable;
  readonly #contentType: string;
  readonly #onBytes: () => void;
  #failure: Error | null = null;
  #waitsForSource = true;

  /** `onBytes` is called whenever something moves: the source gave bytes, or the engine took some. */
  constructor(source: Readable, { contentType, onBytes }: RequestBodyOptions) {
    this.#source = source;
    this.#contentType = contentType;
    this.#onBytes = onBytes;
  }

  /** Why the source ended before its end, if that is what happened. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Whether the engine has taken all that the source gave, so that the source is what we wait for. */
  get waitsForSource(): boolean {
    return this.#waitsForSource;
  }

  /** Sends itself; called once. What goes wrong is the request's error, and `failure`. */
  sendTo(request: ClientRequest): void {
    request.setHeader('Content-Type', this.#contentType);
    const sink = new RequestSink(request, (waitsForSource) => {
      this.#waitsForSource = waitsForSource;
      this.#onBytes();
    });
    request.once('response', ({ statusCode = 0 }) => {
      // A refusal needs no more of the body; it is still to be read, so the request stays.
      if (statusCode > 299) sink.stop();
    });
    request.once('close', () => sink.stop());
    pipeline(this.#source, sink).catch((error: Error) => {
      if (sink.stopped) return;
      this.#failure = error;
      request.destroy(error);
    });
  }
}

/** How a body is sent. */
export interface RequestBodyOptions {
  contentType: string;
  onBytes: () => void;
}

/**
 * Writes into a request, and unlike the request itself can be destroyed without discarding the
 * answer that may be there already.
 */
class RequestSink extends Writable {
  readonly #request: ClientRequest;
  readonly #onBytes: (waitsForSource: boolean) => void;
  stopped = false;

  constructor(request: ClientRequest, onBytes: (waitsForSource: boolean) => void) {
    super();
    this.#request = request;
    this.#onBytes = onBytes;
  }

  stop(): void {
    this.stopped = true;
    this.destroy();
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: () => void): void {
    const goesOn = this.#request.write(chunk);
    this.#onBytes(false);
    const taken = () => {
      this.#onBytes(true);
      callback();
    };
    // A turn of the event loop reads what has come: an early answer is seen before the write that
    // fails because of it, which would destroy the socket with the answer in it.
    if (goesOn) setImmediate(taken);
    else this.#request.once('drain', taken);
  }

  override _final(callback: () => void): void {
    this.#onBytes(false);
    this.#request.end();
    callback();
  }
}
