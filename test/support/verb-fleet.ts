import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildImage, imageArchive, startEngine } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from './graph.ts';
import type { GraphOptions } from './graph.ts';
import { ENGINE_KINDS } from './own-engine.ts';

/** Names of the hosts: 20.10, 26.1 with the classic store, 26.1 with containerd's. */
export const VERB_HOSTS = ['old', 'new', 'snap'] as const;

export type VerbHost = (typeof VERB_HOSTS)[number];

/** A graph over one throw-away engine of each kind. */
export interface VerbFleet extends AsyncDisposable {
  readonly graph: Graph;
  readonly engines: Readonly<Record<VerbHost, ThrowAwayEngine>>;
  /** Runs a mutation; answers its operation with those fields. */
  run(mutation: string, input: object, fields: string): Promise<any>;
}

/** Starts one; `busybox` loads an image of that name, `busybox:1`, on all of them. */
export async function startVerbFleet(
  options: GraphOptions & { busybox?: boolean } = {},
): Promise<VerbFleet> {
  const started = await Promise.all(ENGINE_KINDS.map((kind) => startEngine(kind)));
  const stop = () => Promise.all(started.map((engine) => engine[Symbol.asyncDispose]()));
  try {
    if (options.busybox === true) {
      const image = await busybox();
      const tags = ['busybox:1'];
      await Promise.all(
        started.map((engine) =>
          engine.docker(['load'], { input: imageArchive([{ image, tags }]) }),
        ),
      );
    }
    const [old, current, snap] = started as [ThrowAwayEngine, ThrowAwayEngine, ThrowAwayEngine];
    const engines = { old, new: current, snap };
    const graph = await Graph.start(
      VERB_HOSTS.map((name) => ({
        name,
        labels: {},
        endpoint: { transport: 'UNIX', socketPath: engines[name].socketPath },
      })),
      options,
    );
    return {
      graph,
      engines,
      run: async (mutation, input, fields) => {
        const type = mutation[0]!.toUpperCase() + mutation.slice(1);
        const data = await graph.ask(
          `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { operation { ${fields} } } }`,
          { input },
        );
        return data[mutation].operation;
      },
      [Symbol.asyncDispose]: async () => {
        await graph[Symbol.asyncDispose]();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An image whose containers can run a shell; other words, other layers. */
export async function busybox(words = ''): Promise<BuiltImage> {
  const applets = ['sh', 'sleep', 'echo', 'cat', 'true', 'false', 'touch', 'ls'];
  return buildImage({
    layers: [
      {
        entries: [
          { path: 'words', content: Buffer.from(words) },
          { path: 'bin/', folder: true },
          { path: 'bin/busybox', content: await readFile('/bin/busybox'), mode: 0o755 },
          ...applets.map((name) => ({ path: `bin/${name}`, linkTo: 'busybox' })),
        ],
      },
    ],
    config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
  });
}

/** A web server on loopback, for engines to fetch from. */
export interface WebServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Path and query of each request, in order. */
  readonly asked: string[];
}

/** Starts one. */
export async function startWebServer(listener: RequestListener): Promise<WebServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs a container `work` of `busybox:1` that makes a file `/made`, and has ended then. */
export async function makeWork(engine: ThrowAwayEngine): Promise<void> {
  const command = ['busybox:1', 'sh', '-c', 'echo made > /made'];
  await engine.docker(['run', '--name=work', '--network=none', ...command]);
}

/** The one task of an operation, which must have ended so. */
export function onlyTask(operation: any, state: string): any {
  assert.equal(operation.tasks.length, 1);
  assert.equal(operation.tasks[0].state, state, JSON.stringify(operation));
  return operation.tasks[0];
}
