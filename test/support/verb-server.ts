import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Engine, EngineOptions } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { until } from './settle.ts';

/** How a test answers a verb; the request's body is its to read or to leave. */
export type VerbHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A connected engine whose verbs a test answers, as well or as badly as it likes. */
export interface VerbServer extends AsyncDisposable {
  readonly engine: Engine;
  /** Every verb's method and path with its query, without the version, in order. */
  readonly asked: string[];
  /** Every verb's request as it came in. */
  readonly requests: IncomingMessage[];
  /** Open connections. */
  readonly connections: number;
  /** All bytes that came over connections that carried a verb, headers included. */
  received(): Buffer;
}

/** What a verb server is started with. */
export interface VerbServerOptions extends Partial<EngineOptions> {
  apiVersion?: string;
  /** Headers of `/_ping`; by default it has the classic builder only. */
  ping?: Record<string, string>;
  /** Takes requests for another protocol; without it they are verbs as all others. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex) => void;
}

/** Starts a real HTTP server that says what an engine says of itself and leaves verbs to the test. */
export async function verbServer(
  handler: VerbHandler,
  options: VerbServerOptions = {},
): Promise<VerbServer> {
  const { apiVersion = '1.45', ping = { 'Builder-Version': '1' }, onUpgrade, ...more } = options;
  const sockets = new Set<Socket>();
  const chunks = new Map<Socket, Buffer[]>();
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    response.on('error', () => {});
    request.on('error', () => {});
    const path = (request.url ?? '').replace(/^\/v1\.\d+(?=\/)/, '');
    if (path === '/version') {
      response.end(JSON.stringify({ Version: 'fake', ApiVersion: apiVersion }));
    } else if (path === '/info') response.end('{}');
    else if (path === '/_ping') response.writeHead(200, ping).end('OK');
    else {
      asked.push(`${request.method} ${path}`);
      requests.push(request);
      handler(request, response);
    }
  });
  if (onUpgrade) server.on('upgrade', onUpgrade);
  server.on('connection', (socket) => {
    sockets.add(socket);
    const own: Buffer[] = [];
    chunks.set(socket, own);
    // A second look at the bytes, which Node's parser takes out of the handle otherwise.
    socket.prependListener('data', (chunk: Buffer) => own.push(chunk));
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const engine = openEngine(
    { transport: 'TCP', host: '127.0.0.1', port },
    { host: 'alpha', ...more },
  );
  await engine.connect();
  return {
    engine,
    asked,
    requests,
    get connections() {
      return sockets.size;
    },
    received: () => Buffer.concat(chunks.values().toArray().flat()),
    async [Symbol.asyncDispose]() {
      await engine.close();
      await until(() => sockets.size === 0, 'all connections closed');
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Lines as engines send them. */
export function lines(...messages: object[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\r\n`).join('');
}

/** Answers 200 with these lines, and ends well. */
export function answering(...messages: object[]): VerbHandler {
  return (request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(lines(...messages));
  };
}
