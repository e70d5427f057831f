import assert from 'node:assert/strict';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { startEngine, startSshd } from '../lab/index.ts';
import type { BuiltImage, EngineOptions, ThrowAwayEngine, ThrowAwaySshd } from '../lab/index.ts';
import { archiveOf } from '../support/own-engine.ts';

/** An engine of a test's own, as it is reached some way. */
export interface Reached extends AsyncDisposable {
  dockerd: ThrowAwayEngine;
  engine: Engine;
}

/** What our connection leads to, once the engine runs. */
export type Way = (
  dockerd: ThrowAwayEngine,
  stack: AsyncDisposableStack,
) => Promise<EngineEndpoint>;

export const overUnix: Way = async ({ socketPath }) => ({ transport: 'UNIX', socketPath });

export const overTcp: Way = async ({ endpoint }) => {
  const { hostname, port } = new URL(endpoint);
  return { transport: 'TCP', host: hostname, port: Number(port) };
};

export const overSsh: Way = async ({ socketPath }, stack) =>
  sshEndpoint(stack.use(await startSshd({ dockerSocket: socketPath })));

export const overSshWithoutForwarding: Way = async ({ socketPath }, stack) =>
  sshEndpoint(stack.use(await startSshd({ dockerSocket: socketPath, forbidForwarding: true })));

function sshEndpoint({ port, identityFile, knownHosts }: ThrowAwaySshd): EngineEndpoint {
  return {
    transport: 'SSH',
    host: '127.0.0.1',
    port,
    user: 'root',
    identityFiles: [identityFile!],
    knownHostsFiles: [knownHosts],
    remoteSocketPath: '/var/run/docker.sock',
    jumps: [],
  };
}

/** Starts one. */
export async function reach(
  kind: Pick<EngineOptions, 'release' | 'store'>,
  way: Way,
): Promise<Reached> {
  await using stack = new AsyncDisposableStack();
  const listen = way === overTcp ? 'tcp' : 'unix';
  const dockerd = stack.use(await startEngine({ ...kind, listen }));
  const engine = openEngine(await way(dockerd, stack), { host: 'own' });
  stack.defer(() => engine.close());
  await engine.connect();
  const owned = stack.move();
  return { dockerd, engine, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Every name of every image with its ID, as docker tells it. */
async function names({ dockerd }: Reached): Promise<string[]> {
  const format = '{{.Repository}}:{{.Tag}} {{.ID}}';
  const said = await dockerd.docker(['images', '--all', '--no-trunc', '--format', format]);
  return said.split('\n').filter(Boolean).toSorted();
}

/** What happens to images meanwhile, as docker tells it. */
async function eventsOf({ dockerd }: Reached, work: () => Promise<void>): Promise<string[]> {
  const since = Date.now() / 1000;
  await work();
  const range = ['--since', `${since}`, '--until', `${Date.now() / 1000}`];
  const format = ['--filter', 'type=image', '--format', '{{.Action}}'];
  const said = await dockerd.docker(['events', ...range, ...format]);
  return said.split('\n').filter(Boolean);
}

/** Nothing is on the engine after this that was not there before, and it was no push. */
export async function leavesAsItWas(own: Reached, work: () => Promise<void>): Promise<void> {
  const before = await names(own);
  const events = await eventsOf(own, work);
  assert.deepEqual(await names(own), before);
  assert.ok(!events.includes('push') && !events.includes('delete'), events.join());
}

/** Loads an image under these tags. */
export async function load(
  { engine }: Reached,
  image: BuiltImage,
  ...tags: string[]
): Promise<void> {
  await engine.verbs.loadImages(archiveOf(image, ...tags), {});
}
