/* The other side of `grpc-server.ts`: calls of one message over a connection that is there. */
import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { frame, GRPC, GRPC_TYPE, GrpcError, onlyMessage } from './grpc-messages.ts';

/** The largest that we ask for are configs of images. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Calls methods on a connection until `signal` aborts, which closes it. */
export class GrpcClient {
  readonly #session: ClientHttp2Session;

  constructor(socket: Duplex, signal: AbortSignal) {
    this.#session = connect('http://localhost', { createConnection: () => socket });
    const stop = () => this.#session.destroy();
    this.#session
      // Every call that was under way fails by itself.
      .on('error', () => {})
      .once('close', () => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  }

  /** Asks by one message, and reads the one of the answer. A GrpcError where its status is not OK. */
  async call(
    path: string,
    message: Uint8Array,
    headers: Record<string, string>,
  ): Promise<Uint8Array> {
    const stream = this.#open(path, message, headers);
    const status = Promise.withResolvers<void>();
    const take = ({ 'grpc-status': code, 'grpc-message': said }: IncomingHttpHeaders) => {
      if (code === `${GRPC.OK}`) status.resolve();
      else if (code !== undefined) {
        status.reject(new GrpcError(Number(code), decoded(said?.toString() ?? '')));
      }
    };
    // An answer that is only a refusal has the status among its headers.
    stream.on('response', take).on('trailers', take);
    stream.once('close', () => status.reject(new GrpcError(GRPC.INTERNAL, 'the call broke off')));
    const answer = onlyMessage(stream, MAX_ANSWER_BYTES);
    answer.catch(() => {});
    await status.promise;
    return answer;
  }

  /** Begins a call that lasts as long as the connection, and whose answer nobody waits for. */
  begin(path: string, message: Uint8Array): void {
    this.#open(path, message, {})
      .on('error', () => {})
      .resume();
  }

  #open(path: string, message: Uint8Array, headers: Record<string, string>): ClientHttp2Stream {
    const stream = this.#session.request({
      ...headers,
      ':method': 'POST',
      ':path': path,
      'content-type': GRPC_TYPE,
      te: 'trailers',
    });
    stream.end(frame(message));
    return stream;
  }
}

/** The text of a status. gRPC wants a bad one taken as it is. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
