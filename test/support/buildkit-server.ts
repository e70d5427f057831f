import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { verbServer } from './verb-server.ts';
import type { VerbServer, VerbServerOptions } from './verb-server.ts';

/** What a call of the session came to. */
export interface SessionAnswer {
  /** gRPC's; null where the call was cut off. */
  status: string | null;
  /** All messages after one another, without their frames. */
  messages: Buffer[];
}

/** The session of a build, from BuildKit's side. */
export interface SessionClient {
  /** Headers of the request that opened it. */
  readonly headers: IncomingMessage['headers'];
  readonly connection: ClientHttp2Session;
  /** Calls a method with one message, or with whatever bytes stand in place of one. */
  call(path: string, request: Uint8Array | { raw: Uint8Array }): Promise<SessionAnswer>;
  /** Calls a method whose request stays open, by these headers. */
  pull(path: string, headers: Record<string, string>): Promise<SessionAnswer>;
  /** Resolves when the gateway has ended it. */
  readonly ended: Promise<void>;
}

/** How a test plays BuildKit: `/build` was asked for, and its session is open. */
export type BuildPlay = (
  session: SessionClient,
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

/** An engine that announces BuildKit, whose builds a test plays over real HTTP/2. */
export async function buildKitServer(
  play: BuildPlay,
  options: VerbServerOptions = {},
): Promise<VerbServer> {
  let session: SessionClient | null = null;
  return verbServer(
    (request, response) => {
      if (session === null) response.writeHead(500).end('there is no session');
      else void play(session, request, response);
    },
    {
      ping: { 'Builder-Version': '2', OSType: 'linux' },
      onUpgrade: ({ headers }, socket) => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
        );
        session = sessionClient(socket, headers);
      },
      ...options,
    },
  );
}

function sessionClient(socket: Duplex, headers: IncomingMessage['headers']): SessionClient {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const connection = connect('http://localhost', { createConnection: () => socket });
  connection.on('error', () => {});
  // HTTP servers leave their own half open.
  socket.once('end', () => connection.destroy()).once('close', resolve);
  const ask = async (
    path: string,
    more: Record<string, string>,
    body: Uint8Array | null,
  ): Promise<SessionAnswer> => {
    const stream = connection.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...more,
    });
    let status: string | null = null;
    const take = (fields: Record<string, unknown>) => {
      if (typeof fields['grpc-status'] === 'string') status = fields['grpc-status'];
    };
    stream.on('response', take).on('trailers', take);
    if (body !== null) stream.end(body);
    const bytes = await buffer(stream).catch(() => Buffer.alloc(0));
    stream.close();
    return { status, messages: messagesIn(bytes) };
  };
  return {
    headers,
    connection,
    ended,
    call: (path, request) => ask(path, {}, 'raw' in request ? request.raw : framed(request)),
    pull: (path, more) => ask(path, more, null),
  };
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}
