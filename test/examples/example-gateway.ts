import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../src/config/settings.ts';
import { startGateway } from '../../src/gateway.ts';
import type { Gateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/http/logger.ts';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { imageArchive, runCommand, startEngine, startRegistry } from '../lab/index.ts';
import type { ThrowAwayEngine, ThrowAwayRegistry } from '../lab/index.ts';
import { ROOT } from '../support/documents.ts';
import { ENGINE_KINDS } from '../support/own-engine.ts';
import { busybox, startWebServer } from '../support/verb-fleet.ts';
import type { WebServer } from '../support/verb-fleet.ts';

/** Names of the hosts, as examples have them: one of each kind of engine, two of them `env=prod`. */
export const EXAMPLE_HOSTS = ['alpha', 'bravo', 'charlie'] as const;

type ExampleHost = (typeof EXAMPLE_HOSTS)[number];

/**
 * The whole gateway over throw-away engines on which every documented change has something to act
 * on, with a registry, a web server with a tar, and something that searches like Docker Hub.
 */
export class ExampleGateway implements AsyncDisposable {
  readonly url: string;
  readonly registry: ThrowAwayRegistry;
  readonly engines: Readonly<Record<ExampleHost, ThrowAwayEngine>>;
  readonly #web: WebServer;
  readonly #folder: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: {
    gateway: Gateway;
    registry: ThrowAwayRegistry;
    engines: Record<ExampleHost, ThrowAwayEngine>;
    web: WebServer;
    folder: string;
    stack: AsyncDisposableStack;
  }) {
    this.url = parts.gateway.url;
    this.registry = parts.registry;
    this.engines = parts.engines;
    this.#web = parts.web;
    this.#folder = parts.folder;
    this.#stack = parts.stack;
  }

  static async start(): Promise<ExampleGateway> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'dockgraph-examples-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const registry = stack.use(await startRegistry());
    const web = stack.use(await startWebServer(answer));
    const started = await Promise.all(ENGINE_KINDS.map((kind) => startEngine(kind)));
    for (const engine of started) stack.use(engine);
    const [alpha, bravo, charlie] = started as [ThrowAwayEngine, ThrowAwayEngine, ThrowAwayEngine];
    const engines = { alpha, bravo, charlie };
    await fill(engines, registry.address);
    await writeUploads(folder);
    const gateway = await start(folder, engines, { web: web.url, registry: registry.address });
    stack.defer(() => gateway.close({ graceMs: 0 }));
    await gateway.fleet.settled(AbortSignal.timeout(30_000));
    return new ExampleGateway({ gateway, registry, engines, web, folder, stack: stack.move() });
  }

  /** Runs a documented line in a shell, as its reader does; answers what it prints. */
  async shell(line: string, variables: Record<string, string> = {}): Promise<string> {
    const here = this.here(line).replaceAll('examples/', join(ROOT, 'examples/'));
    const env = { ...process.env, ...variables };
    return runCommand('sh', ['-c', here], { env, cwd: this.#folder });
  }

  /** A text with the addresses that are so here. */
  here(text: string): string {
    return text
      .replaceAll('http://127.0.0.1:4000', this.url)
      .replaceAll('127.0.0.1:5000', this.registry.address)
      .replaceAll('http://127.0.0.1:8000', this.#web.url)
      .replaceAll('"term":"nginx"', `"term":"${new URL(this.#web.url).host}/nginx"`);
  }

  /** Sends a request as JSON; fails on any error. */
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data?: any; errors?: unknown[] };
    assert.deepEqual(errors ?? [], [], query);
    return data;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function fill(
  { alpha, bravo, charlie }: Record<ExampleHost, ThrowAwayEngine>,
  registry: string,
): Promise<void> {
  const image = await busybox();
  const tags = ['busybox:1', `${registry}/team/app:1`];
  await Promise.all(
    [alpha, bravo, charlie].map((engine) =>
      engine.docker(['load'], { input: imageArchive([{ image, tags }]) }),
    ),
  );
  const release = await busybox('of a release');
  await alpha.docker(['load'], { input: imageArchive([{ image: release, tags: ['app:2'] }]) });
  await alpha.docker(['push', '--quiet', `${registry}/team/app:1`]);
  await Promise.all(
    [alpha, bravo, charlie].map((engine) => engine.docker(['rmi', `${registry}/team/app:1`])),
  );
  await alpha.docker(['create', '--name=web', '--network=none', 'busybox:1', 'true']);
  // Without a name: what a prune is for.
  const tar = singleFileTar('dangling', Buffer.from('nobody needs this\n'));
  await bravo.docker(['import', '-'], { input: tar });
}

/** What lines send ahead: the files of a build, and a root file system. */
async function writeUploads(folder: string): Promise<void> {
  const app = join(folder, 'app');
  await mkdir(app);
  await writeFile(join(app, 'Dockerfile'), 'FROM busybox:1\nCOPY hello /hello\n');
  await writeFile(join(app, 'hello'), 'hello\n');
  await runCommand('tar', ['-cf', join(folder, 'rootfs.tar'), '-C', app, 'hello']);
}

async function start(
  folder: string,
  engines: Record<ExampleHost, ThrowAwayEngine>,
  allowed: { web: string; registry: string },
): Promise<Gateway> {
  const hosts = Object.entries(engines).map(([name, { endpoint }]) => ({
    name,
    endpoint,
    labels: { env: name === 'charlie' ? 'staging' : 'prod' },
  }));
  // YAML is a superset of JSON.
  await writeFile(join(folder, 'dockgraph.yaml'), JSON.stringify({ hosts }));
  const environment = {
    variables: {
      DOCKGRAPH_IMPORT_URLS: allowed.web,
      DOCKGRAPH_REGISTRIES: allowed.registry,
    },
    homeDir: folder,
    userName: 'me',
    workingDir: folder,
    systemSshDir: folder,
  };
  const flags = { config: 'dockgraph.yaml', listen: '127.0.0.1:0', 'data-dir': 'data' };
  return startGateway(
    readSettings(flags, environment),
    environment,
    createLogger({ level: 'silent' }),
  );
}

/** A root file system, and what Docker Hub says to who searches it. */
const answer: Parameters<typeof startWebServer>[0] = (request, response) => {
  const { pathname } = new URL(request.url ?? '', 'http://web');
  response.setHeader('X-Docker-Registry-Standalone', 'true');
  if (pathname === '/rootfs.tar') response.end(singleFileTar('hello', Buffer.from('hello\n')));
  else if (pathname === '/v1/_ping') response.end('true');
  else if (pathname === '/v1/search') {
    const row = { name: 'nginx', description: 'A web server.', star_count: 9, is_official: true };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ query: 'nginx', num_results: 1, results: [row] }));
  } else response.writeHead(404).end('{}');
};
