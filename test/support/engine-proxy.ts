import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { ThrowAwayEngine } from '../lab/index.ts';

/** What becomes of the body of an answer; breaks it off where it throws. */
export type Alteration = (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

/**
 * An engine as seen through a socket that tells what is asked of it, can do something first, and can
 * be as bad as a network.
 */
export interface EngineProxy extends AsyncDisposable {
  readonly socketPath: string;
  /** `METHOD /path` of every request so far, without version and query. */
  readonly seen: readonly string[];
  /** How many such requests are not over. */
  underWay(asked: string): number;
  /** Runs `work` when the next such request comes, before the engine hears of it. */
  before(asked: string | RegExp, work: () => Promise<unknown>): void;
  /** Runs `work` when the engine first says this in its answer to such a request. */
  whenSaid(asked: RegExp, text: string, work: () => void): void;
  /** Answers such requests with 403 in the engine's place. */
  refuse(asked: RegExp): void;
  /** Alters the answers to such requests until what it returns is called. */
  alter(asked: string, alteration: Alteration): () => void;
}

/** Puts one before an engine. */
export async function startEngineProxy(engine: ThrowAwayEngine): Promise<EngineProxy> {
  const socketPath = join(engine.directory, 'proxy.sock');
  const seen: string[] = [];
  const hooks = new Map<string | RegExp, () => Promise<unknown>>();
  const listeners = new Map<RegExp, { text: string; work: () => void }>();
  const refused: RegExp[] = [];
  const alterations = new Map<string, Alteration>();
  const underWay: string[] = [];
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
    underWay.push(name);
    answer.once('close', () => underWay.splice(underWay.indexOf(name), 1));
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
      const alteration = alterations.get(name);
      if (alteration === undefined) pipeline(response, answer, () => {});
      else pipeline(response, alteration, answer, () => {});
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
    underWay: (asked) => underWay.filter((name) => name === asked).length,
    before: (asked, work) => {
      hooks.set(asked, work);
    },
    whenSaid: (asked, text, work) => {
      listeners.set(asked, { text, work });
    },
    refuse: (asked) => {
      refused.push(asked);
    },
    alter: (asked, alteration) => {
      alterations.set(asked, alteration);
      return () => alterations.delete(asked);
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
