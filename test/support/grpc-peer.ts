import { createServer } from 'node:http2';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** How a test answers a call; the message is what came in the one frame of it. */
export type GrpcPlay = (call: {
  path: string;
  headers: Readonly<Record<string, unknown>>;
  message: Buffer;
  stream: ServerHttp2Stream;
  session: Http2Session;
}) => void | Promise<void>;

/** Plays the engine's side of gRPC on a connection: real HTTP/2. */
export function servePeer(connection: Duplex, play: GrpcPlay): void {
  const server = createServer();
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    void buffer(stream).then(
      (body) =>
        play({
          path: `${headers[':path']}`,
          headers,
          message: body.subarray(5),
          stream,
          session: stream.session!,
        }),
      () => {},
    );
  });
  server.emit('connection', connection);
}

/** A message in its frame. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** Answers by these bytes, and says the status after them. */
export function answerCall(
  stream: ServerHttp2Stream,
  body: Uint8Array,
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}
