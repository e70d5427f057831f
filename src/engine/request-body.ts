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
  readonly #options: RequestBodyOptions;
  #failure: Error | null = null;
  #waitsForSource = true;

  constructor(source: Readable, options: RequestBodyOptions) {
    this.#source = source;
    this.#options = options;
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
    const { contentType, onBytes, onSent } = this.#options;
    request.setHeader('Content-Type', contentType);
    const onMove = (waitsForSource: boolean) => {
      this.#waitsForSource = waitsForSource;
      onBytes();
    };
    const sink = new RequestSink(request, { onMove, onSent });
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
  /** Called whenever something moves: the source gave bytes, or the engine took some. */
  onBytes: () => void;
  /** So many more bytes of the source have left us: their chunks are not read any more. */
  onSent?: ((bytes: number) => void) | undefined;
}

interface RequestSinkOptions extends Pick<RequestBodyOptions, 'onSent'> {
  onMove: (waitsForSource: boolean) => void;
}

/**
 * Writes into a request, and unlike the request itself can be destroyed without discarding the
 * answer that may be there already.
 */
class RequestSink extends Writable {
  readonly #request: ClientRequest;
  readonly #options: RequestSinkOptions;
  stopped = false;
  /** Sent since others had their turn. */
  #bytes = 0;

  constructor(request: ClientRequest, options: RequestSinkOptions) {
    super({ highWaterMark: SENT_BYTES });
    this.#request = request;
    this.#options = options;
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
    const { onMove, onSent } = this.#options;
    const { socket } = request;
    let bytes = 0;
    for (const { length } of chunks) bytes += length;
    this.#bytes += bytes;
    const goOn = () => {
      onMove(true);
      callback();
    };
    const taken = (error?: Error | null) => {
      // One that failed may still be in the hands of the system.
      if (!error) onSent?.(bytes);
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
    onMove(false);
  }

  override _final(callback: () => void): void {
    this.#options.onMove(false);
    this.#request.end();
    callback();
  }
}
