import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type {
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import type { ServerOptions } from '../../src/http/server-options.ts';
import { writeTar } from '../lab/seed/tar-writer.ts';
import type { TarEntry } from '../lab/seed/tar-writer.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';
import { lines } from '../support/verb-server.ts';
import { sha256Hex } from '../support/sha256.ts';
import { start } from './start-server.ts';

/** How the fake engines of a test answer. */
export interface ArchiveHandlers {
  save?: (response: ServerResponse, request: IncomingMessage) => void;
  load?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A load as the engine saw it. */
export interface SeenLoad {
  bytes: number;
  /** Whether the body came to its end. */
  ended: boolean;
  aborted: boolean;
}

/** What `load` of a test brings: the tag and the engine's ID of it. */
export const LOADED = fakeImage('loaded:1');

/**
 * A server over two fake engines, `alpha` and `bravo`, that hold `app:1` and `app:2`. Unless told
 * otherwise, they save `SAVED`, and a load that comes to its end brings `loaded:1`.
 */
export async function startArchives(
  t: TestContext,
  handlers: ArchiveHandlers = {},
  overrides: Partial<ServerOptions> = {},
) {
  const loads: SeenLoad[] = [];
  const asked: string[] = [];
  const bodies: Buffer[] = [];
  const saved = await tarOf(archiveEntries('saved', 100_000));
  const open = async () => {
    const engine: FakeEngine = await FakeEngine.start({
      images: [fakeImage('app:1'), fakeImage('app:2')],
      handle: (path, request, response) => {
        if (path.startsWith('/images/get')) {
          asked.push(path);
          if (handlers.save) handlers.save(response, request);
          else response.end(saved);
          return true;
        }
        if (!path.startsWith('/images/load')) return false;
        asked.push(path);
        const seen: SeenLoad = { bytes: 0, ended: false, aborted: false };
        loads.push(seen);
        request.on('aborted', () => (seen.aborted = true)).on('error', () => {});
        if (handlers.load) {
          request.on('end', () => (seen.ended = true));
          handlers.load(request, response);
          return true;
        }
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => {
          seen.bytes += chunk.length;
          chunks.push(chunk);
        });
        request.on('end', () => {
          seen.ended = true;
          bodies.push(Buffer.concat(chunks));
          engine.addImage(LOADED, { silent: true });
          response.end(lines({ stream: 'Loaded image: loaded:1\n' }));
        });
        return true;
      },
    });
    return engine;
  };
  const engines = { alpha: await open(), bravo: await open() };
  const graph = await Graph.over(engines);
  t.after(async () => {
    await graph[Symbol.asyncDispose]();
    for (const engine of Object.values(engines)) await engine.stop();
  });
  const running = await start(t, { api: graph.api, fleet: graph.fleet, ...overrides });
  const url = (host: string, query = '') => `${running.url}/archives/${host}${query}`;
  return {
    ...running,
    engines,
    graph,
    asked,
    loads,
    bodies,
    saved,
    url,
    get: (host: string, query = '', headers: OutgoingHttpHeaders = {}) =>
      ask(httpRequest(url(host, query), { agent: false, headers })),
    put: (host: string, body: Uint8Array, query = '', headers: OutgoingHttpHeaders = {}) =>
      ask(httpRequest(url(host, query), { method: 'PUT', agent: false, headers }), body),
    /** An upload whose body is the test's to send. */
    openPut: (host: string, query = '', headers: OutgoingHttpHeaders = {}) => {
      const sent = httpRequest(url(host, query), { method: 'PUT', agent: false, headers });
      sent.on('error', () => {});
      return sent;
    },
  };
}

/** Sends and reads the whole answer. */
export async function ask(sent: ClientRequest, body?: Uint8Array) {
  // An answer may come before all is sent; what happens to the rest is nobody's business then.
  sent.on('error', () => {}).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return readAnswer(response);
}

/** Reads the whole answer. */
export async function readAnswer(response: IncomingMessage) {
  const bytes = await buffer(response);
  const { statusCode: status, headers, trailers } = response;
  const isJson = headers['content-type']?.includes('json') === true;
  const json = isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : null;
  return { status, headers, trailers, bytes, json, error: json?.errors?.[0] };
}

/** Waits for the answer of a request that is under way. */
export async function answerTo(sent: ClientRequest) {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return readAnswer(response);
}

/** The files of an archive with one image of one layer, as engines since 25 save it. */
export function archiveEntries(name: string, layerBytes: number): TarEntry[] {
  const layer = Buffer.alloc(layerBytes, name);
  const config = Buffer.from(
    JSON.stringify({ rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } }),
  );
  const blobOf = (content: Buffer) => `blobs/sha256/${sha256Hex(content)}`;
  const manifest = [{ Config: blobOf(config), RepoTags: [`${name}:1`], Layers: [blobOf(layer)] }];
  return [
    { path: 'blobs', folder: true },
    { path: blobOf(config), content: config },
    { path: blobOf(layer), content: layer },
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ];
}

export async function tarOf(entries: TarEntry[]): Promise<Buffer> {
  return buffer(writeTar(entries));
}
