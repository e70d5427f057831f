import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { digestOf, shortDigest } from '../../src/common/digest.ts';
import type { LayerWish } from '../../src/engine/image-verbs.ts';
import { LayerEndpoint } from '../../src/engine/layers/layer-endpoint.ts';
import type { PushEndpoint } from '../../src/engine/layers/push-endpoint.ts';

/** The repository that the engine was told of. */
export const REPOSITORY = 'dockgraph-transfer/0123';

/** A layer as an engine has it. */
export interface PushedLayer {
  /** The tar; any bytes will do. */
  tar: Buffer;
  packed: Buffer;
  diffId: string;
  /** As progress names it. */
  shortId: string;
}

/** A layer of so many bytes that nothing can compress. */
export function layerOf(bytes: number): PushedLayer {
  const tar = randomBytes(bytes);
  const diffId = digestOf(tar);
  return { tar, packed: gzipSync(tar), diffId, shortId: shortDigest(diffId) };
}

/** A whole answer. */
export interface EndpointAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An upload that a test feeds as it likes. */
export interface OpenUpload {
  readonly request: ClientRequest;
  /** Null as long as there is no answer; `broken` where the connection broke. */
  answer: EndpointAnswer | 'broken' | null;
  /** Bytes that the endpoint has read of its connection. */
  readBytes(): number;
}

/** An endpoint behind a real port, and requests to it as an engine makes them. */
export interface ServedEndpoint extends AsyncDisposable {
  /** Open connections. */
  readonly connections: number;
  readonly ask: (
    method: string,
    path: string,
    body?: Buffer,
    type?: string,
  ) => Promise<EndpointAnswer>;
  /** Begins a request whose body the caller sends. */
  readonly start: (
    method: string,
    path: string,
  ) => { request: ClientRequest; answered: Promise<EndpointAnswer>; readBytes: () => number };
}

/** Serves an endpoint. */
export async function serveEndpoint(endpoint: PushEndpoint): Promise<ServedEndpoint> {
  const sockets = new Map<number, Socket>();
  const server = createServer((socket) => {
    const port = socket.remotePort!;
    sockets.set(port, socket);
    socket.once('close', () => sockets.delete(port));
    endpoint.take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const start: ServedEndpoint['start'] = (method, path) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, agent: false });
    const answered = Promise.withResolvers<EndpointAnswer>();
    request.on('error', answered.reject).once('response', (response) => {
      const { statusCode, headers } = response;
      text(response).then(
        (body) => answered.resolve({ status: statusCode!, headers, body }),
        answered.reject,
      );
    });
    const readBytes = () => sockets.get(request.socket?.localPort ?? 0)?.bytesRead ?? 0;
    return { request, answered: answered.promise, readBytes };
  };
  return {
    get connections() {
      return sockets.size;
    },
    start,
    ask: (method, path, body, type) => {
      const { request, answered } = start(method, path);
      if (type !== undefined) request.setHeader('Content-Type', type);
      request.end(body);
      return answered;
    },
    [Symbol.asyncDispose]: async () => {
      endpoint.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An endpoint for layers, and requests to it as a classic engine's push makes them. */
export interface PushTarget extends Pick<ServedEndpoint, 'ask' | 'connections'>, AsyncDisposable {
  readonly endpoint: LayerEndpoint;
  /** Asks for an upload; resolves with where to send it, when it may begin. */
  begin(): Promise<string>;
  /** Sends a layer there; resolves with the status when it was taken. */
  send(location: string, { packed }: Pick<PushedLayer, 'packed'>): Promise<number>;
  /** Begins to send to there. */
  open(location: string): OpenUpload;
}

/** Starts one that wants this. */
export async function startPushTarget(wish: Partial<LayerWish>): Promise<PushTarget> {
  const endpoint = new LayerEndpoint('alpha', REPOSITORY, {
    diffIds: new Set(),
    maxBytes: 2 ** 30,
    ...wish,
  });
  const served = await serveEndpoint(endpoint);
  const { ask, start } = served;
  return {
    endpoint,
    get connections() {
      return served.connections;
    },
    ask,
    begin: async () => {
      const { status, headers, body } = await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`);
      if (status !== 202) throw new Error(`${status}: ${body}`);
      return headers.location!;
    },
    send: async (location, { packed }) => (await ask('PATCH', location, packed)).status,
    open: (location) => {
      const { request, answered, readBytes } = start('PATCH', location);
      const upload: OpenUpload = { request, answer: null, readBytes };
      answered.then(
        (answer) => {
          upload.answer = answer;
        },
        () => {
          upload.answer = 'broken';
        },
      );
      return upload;
    },
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}
