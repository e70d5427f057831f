import type { ClientRequest } from 'node:http';
import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What waits is sent together, about so many bytes at once. */
const SENT_BYTES = 256 * 1024;
/** After so many bytes others have their turn. */
const TURN_BYTES = 1024 * 1024;

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
  /** Sent since others had their turn. */
  #bytes = 0;

  constructor(request: ClientRequest, onBytes: (waitsForSource: boolean) => void) {
    super({ highWaterMark: SENT_BYTES });
    this.#request = request;
    this.#onBytes = onBytes;
  }

  stop(): void {
    this.stopped = true;
    this.destroy();
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#send([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  /**
   * All of them as one chunk of HTTP and in one call of the system. It goes on as soon as the system
   * has taken them.
   */
  #send(chunks: readonly Buffer[], callback: () => void): void {
    const request = this.#request;
    const { socket } = request;
    for (const { length } of chunks) this.#bytes += length;
    const goOn = () => {
      this.#onBytes(true);
      callback();
    };
    const taken = () => {
      if (this.#bytes < TURN_BYTES) {
        goOn();
        return;
      }
      this.#bytes = 0;
      setImmediate(goOn);
    };
    // A request lets go of its socket before it writes what it held back.
    socket?.cork();
    request.cork();
    for (const [at, chunk] of chunks.entries()) {
      if (at < chunks.length - 1) request.write(chunk);
      else request.write(chunk, taken);
    }
    request.uncork();
    socket?.uncork();
    this.#onBytes(false);
  }

  override _final(callback: () => void): void {
    this.#onBytes(false);
    this.#request.end();
    callback();
  }
}
