/*
 * The little of gRPC that a build's session needs, over an HTTP/2 connection on which the other end
 * calls us. The library for it only takes connections that say HTTP/2 by ALPN where they run over
 * TLS, and those of engines do not.
 */
import { constants, performServerHandshake } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { frame, GRPC, GRPC_TYPE, GrpcError, onlyMessage } from './grpc-messages.ts';

/** Answers a call of one message with one message. */
export type GrpcUnary = (request: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** Answers a call by its headers with any number of messages. */
export type GrpcStream = (headers: IncomingHttpHeaders) => AsyncIterable<Uint8Array>;

/** What is served, by path: `/package.Service/Method`. */
export interface GrpcMethods {
  unary: Record<string, GrpcUnary>;
  streams: Record<string, GrpcStream>;
}

const MAX_REQUEST_BYTES = 64 * 1024;
const MAX_CALLS_AT_ONCE = 100;

/** Serves the methods on a connection until it is closed or `signal` aborts, which closes it. */
export function serveGrpc(socket: Duplex, methods: GrpcMethods, signal: AbortSignal): void {
  const session = performServerHandshake(socket, {
    settings: { maxConcurrentStreams: MAX_CALLS_AT_ONCE },
  });
  const stop = () => {
    session.destroy();
    socket.destroy();
  };
  session
    // The other end sees the connection go; what it was wanted for ends in an error of its own.
    .on('error', () => {})
    .on('stream', (stream, headers) => void answer(stream, headers, methods))
    .once('close', () => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
    });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  methods: GrpcMethods,
): Promise<void> {
  stream.on('error', () => {});
  try {
    const path = headers[':path'] ?? '';
    if (Object.hasOwn(methods.streams, path)) {
      // Such calls may leave their request open; nothing in it is of interest.
      stream.resume();
      await send(stream, methods.streams[path]!(headers));
    } else if (Object.hasOwn(methods.unary, path)) {
      const message = await methods.unary[path]!(await onlyMessage(stream, MAX_REQUEST_BYTES));
      await send(stream, [message]);
    } else throw new GrpcError(GRPC.UNIMPLEMENTED, `unknown method ${path}`);
  } catch (error) {
    refuse(stream, error);
  }
}

async function send(
  stream: ServerHttp2Stream,
  messages: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  stream.respond(RESPONSE, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': `${GRPC.OK}` }));
  await pipeline(Readable.from(framed(messages), { objectMode: false }), stream);
}

const RESPONSE = { ':status': 200, 'content-type': GRPC_TYPE };

async function* framed(
  messages: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  for await (const message of messages) yield frame(message);
}

function refuse(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed) return;
  // In the middle of an answer only a reset says that it is not whole.
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return;
  }
  // What is not ours to tell stays here: the other end needs no words of ours.
  const { status, message } =
    error instanceof GrpcError ? error : new GrpcError(GRPC.INTERNAL, 'the call failed');
  stream.respond(
    { ...RESPONSE, 'grpc-status': `${status}`, 'grpc-message': encodeURIComponent(message) },
    { endStream: true },
  );
}
