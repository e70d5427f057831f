import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { ThrowAwayEngine } from '../lab/index.ts';
import type { TransferFleet } from './transfer-fleet.ts';

/** An engine as seen through a socket that tells what is asked of it, and can do something first. */
export interface EngineProxy extends AsyncDisposable {
  readonly socketPath: string;
  /** `METHOD /path` of every request so far, without version and query. */
  readonly seen: readonly string[];
  /** Runs `work` when the next such request comes, before the engine hears of it. */
  before(asked: string | RegExp, work: () => Promise<unknown>): void;
  /** Runs `work` when the engine first says this in its answer to such a request. */
  whenSaid(asked: RegExp, text: string, work: () => void): void;
  /** Answers such requests with 403 in the engine's place. */
  refuse(asked: RegExp): void;
}

/** Puts one before an engine. */
export async function startEngineProxy(engine: ThrowAwayEngine): Promise<EngineProxy> {
  const socketPath = join(engine.directory, 'proxy.sock');
  const seen: string[] = [];
  const hooks = new Map<string | RegExp, () => Promise<unknown>>();
  const listeners = new Map<RegExp, { text: string; work: () => void }>();
  const refused: RegExp[] = [];
  const sockets = new Set<Socket>();
  const hear = async (asked: IncomingMessage): Promise<string> => {
    const path = asked.url!.replace(/^\/v[\d.]+/, '').replace(/\?.*/, '');
    const name = `${asked.method} ${path}`;
    seen.push(name);
    const hook = hooks.keys().find((it) => isOf(name, it));
    if (hook === undefined) return name;
    const work = hooks.get(hook)!;
    hooks.delete(hook);
    await work();
    return name;
  };
  const pass = async (asked: IncomingMessage, answer: ServerResponse) => {
    const name = await hear(asked);
    if (refused.some((it) => it.test(name))) {
      answer.writeHead(403, { 'Content-Type': 'application/json', Connection: 'close' });
      answer.end(JSON.stringify({ message: `${name} is not allowed here` }));
      return;
    }
    const { method, url: to, headers } = asked;
    const passed = request({ socketPath: engine.socketPath, method, path: to, headers });
    passed.on('response', (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      answer.flushHeaders();
      const listener = listeners.keys().find((it) => it.test(name));
      if (listener) {
        const { text, work } = listeners.get(listener)!;
        listeners.delete(listener);
        let said = '';
        response.on('data', (chunk: Buffer) => {
          if (said.includes(text)) return;
          said += chunk.toString();
          if (said.includes(text)) work();
        });
      }
      pipeline(response, answer, () => {});
    });
    passed.on('error', () => answer.destroy());
    answer.once('close', () => passed.destroy());
    pipeline(asked, passed, () => {});
  };
  const server = createServer((asked, answer) => {
    pass(asked, answer).catch((error: Error) => answer.destroy(error));
  });
  const passUpgrade = async (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    await hear(asked);
    const passed = connect(engine.socketPath);
    const { method, url, rawHeaders } = asked;
    const headers = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
    passed.write(`${method} ${url} HTTP/1.1\r\n${headers.join('')}\r\n`);
    passed.write(head);
    pipeline(socket, passed, socket, () => {
      socket.destroy();
      passed.destroy();
    });
  };
  server.on('upgrade', (asked, socket, head) => {
    passUpgrade(asked, socket, head).catch(() => socket.destroy());
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
    whenSaid: (asked, text, work) => {
      listeners.set(asked, { text, work });
    },
    refuse: (asked) => {
      refused.push(asked);
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

function isOf(name: string, asked: string | RegExp): boolean {
  return typeof asked === 'string' ? asked === name : asked.test(name);
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
