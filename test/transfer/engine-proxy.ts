import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { ThrowAwayEngine } from '../lab/index.ts';
import type { TransferFleet } from './transfer-fleet.ts';

/** An engine as seen through a socket that tells what is asked of it, and can do something first. */
export interface EngineProxy extends AsyncDisposable {
  readonly socketPath: string;
  /** `METHOD /path` of every request so far, without version and query. */
  readonly seen: readonly string[];
  /** Runs `work` when the next such request comes, before the engine hears of it. */
  before(asked: string, work: () => Promise<unknown>): void;
}

/** Puts one before an engine. */
export async function startEngineProxy(engine: ThrowAwayEngine): Promise<EngineProxy> {
  const socketPath = join(engine.directory, 'proxy.sock');
  const seen: string[] = [];
  const hooks = new Map<string, () => Promise<unknown>>();
  const sockets = new Set<Socket>();
  const pass = async (asked: IncomingMessage, answer: ServerResponse) => {
    const path = asked.url!.replace(/^\/v[\d.]+/, '').replace(/\?.*/, '');
    const name = `${asked.method} ${path}`;
    seen.push(name);
    const work = hooks.get(name);
    hooks.delete(name);
    await work?.();
    const { method, url: to, headers } = asked;
    const passed = request({ socketPath: engine.socketPath, method, path: to, headers });
    passed.on('response', (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      answer.flushHeaders();
      pipeline(response, answer, () => {});
    });
    passed.on('error', () => answer.destroy());
    answer.once('close', () => passed.destroy());
    pipeline(asked, passed, () => {});
  };
  const server = createServer((asked, answer) => {
    pass(asked, answer).catch((error: Error) => answer.destroy(error));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(socketPath, resolve);
  });
  return {
    socketPath,
    seen,
    before: (asked, work) => {
      hooks.set(asked, work);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Puts one before every engine of a fleet; its graph goes through them from then on. */
export async function throughProxies<Name extends string>({
  graph,
  engines,
}: TransferFleet<Name>): Promise<Readonly<Record<Name, EngineProxy>>> {
  const names = Object.keys(engines) as Name[];
  const proxies = await Promise.all(
    names.map(async (name) => [name, await startEngineProxy(engines[name])] as const),
  );
  graph.fleet.configure(
    proxies.map(([name, { socketPath }]) => ({
      name,
      labels: { name },
      endpoint: { transport: 'UNIX', socketPath },
    })),
  );
  await graph.fleet.settled(AbortSignal.timeout(30_000));
  return Object.fromEntries(proxies) as Record<Name, EngineProxy>;
}
