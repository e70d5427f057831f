import { createServer, request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { TarWalk } from '../../src/archive/tar-walk.ts';

/** What becomes of a save on its way through a proxy. */
export type SaveTrouble =
  /** One bit of the byte at this offset is another. */
  | { kind: 'FLIP'; at: number }
  /** After the first file that is larger than this the body ends, in good order or not. */
  | { kind: 'CUT_AFTER'; largerThan: number; by: 'END' | 'BREAK' };

/** A proxy before an engine's socket, as a bad network would be one. */
export interface EngineProxy extends AsyncDisposable {
  readonly socketPath: string;
  /** Saves that are under way. */
  readonly saves: number;
  /** Null lets saves pass as they are. */
  trouble: SaveTrouble | null;
}

/** Starts one before the engine that listens on `target`. */
export async function startEngineProxy(target: string): Promise<EngineProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'dockgraph-proxy-'));
  const socketPath = join(folder, 'docker.sock');
  const sockets = new Set<Socket>();
  let saves = 0;
  const server = createServer((asked, response) => {
    const { method, url, headers } = asked;
    const upstream = request({ socketPath: target, method, path: url, headers });
    upstream.on('error', () => response.destroy());
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers).flushHeaders();
      if (!/\/images\/get\?/.test(url!) || proxy.trouble === null) answer.pipe(response);
      else {
        const { trouble } = proxy;
        pipeline(
          answer,
          (chunks: AsyncIterable<Buffer>) => troubled(chunks, trouble),
          response,
          () => upstream.destroy(),
        );
      }
    });
    if (/\/images\/get\?/.test(url!)) {
      saves++;
      response.once('close', () => saves--);
    }
    response.on('error', () => {}).once('close', () => upstream.destroy());
    asked.on('error', () => upstream.destroy()).pipe(upstream);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const proxy: EngineProxy = {
    socketPath,
    get saves() {
      return saves;
    },
    trouble: null,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return proxy;
}

async function* troubled(
  chunks: AsyncIterable<Buffer>,
  trouble: SaveTrouble,
): AsyncGenerator<Buffer> {
  let passed = 0;
  let size = 0;
  let isOver = false;
  let parts: Buffer[] = [];
  const walk = new TarWalk({
    begin: (head) => {
      ({ size } = head);
    },
    content: () => {},
    end: () => {
      isOver ||= trouble.kind === 'CUT_AFTER' && size > trouble.largerThan;
    },
    raw: (bytes) => {
      if (!isOver) parts.push(bytes);
    },
  });
  for await (const chunk of chunks) {
    if (trouble.kind === 'FLIP') {
      const at = trouble.at - passed;
      if (at >= 0 && at < chunk.length) chunk[at]! ^= 1;
      passed += chunk.length;
      yield chunk;
      continue;
    }
    walk.push(chunk);
    yield* parts;
    parts = [];
    if (!isOver) continue;
    if (trouble.by === 'BREAK') throw new Error('broken off');
    return;
  }
}
