import assert from 'node:assert/strict';
import { waitUntil } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayEngine } from '../lab/index.ts';
import type { EngineProxy } from '../support/engine-proxy.ts';
import { allIds, inspect, proveUsable, untilTagged } from './copy-proof.ts';
import { taskOf } from './fleet-watch.ts';
import { baseAndApp, load, startTransferFleet } from './transfer-fleet.ts';
import type { BaseAndApp, TransferFleet } from './transfer-fleet.ts';
import { throughProxies } from './through-proxies.ts';

const MB = 1024 * 1024;

/** An image of which little is missing where its base is. */
export function smallChange(name: string, appBytes = 100_000): Promise<BaseAndApp> {
  return baseAndApp(name, { baseBytes: 40 * MB, appBytes });
}

/** How often images were saved. */
export const saves = ({ seen }: EngineProxy) =>
  seen.filter((asked) => asked === 'GET /images/get').length;
/** How often an image was pushed. */
export const pushes = ({ seen }: EngineProxy) =>
  seen.filter((asked) => asked.endsWith('/push')).length;

/** Nothing that a take needs stays on its engine. */
export async function noTransferTag(engine: ThrowAwayEngine): Promise<void> {
  const images = ['images', '--all', '--format', '{{.Repository}}:{{.Tag}}'];
  const isGone = async () => !(await engine.docker(images)).includes('dockgraph-transfer');
  await waitUntil(isGone, { what: 'the end of the transfer tag', deadlineMs: 10_000 });
}

/** Engines whose graph goes through proxies. */
export interface ProxiedFleet<Name extends string> extends TransferFleet<Name> {
  proxies: Readonly<Record<Name, EngineProxy>>;
}

/** Starts one engine of a kind for each name, each behind a proxy. */
export async function startFleet<Name extends string>(
  kinds: Readonly<Record<Name, 0 | 1 | 2>>,
): Promise<ProxiedFleet<Name>> {
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(await startTransferFleet(kinds));
  const proxies = await throughProxies(fleet);
  for (const proxy of Object.values<EngineProxy>(proxies)) stack.use(proxy);
  const owned = stack.move();
  return { ...fleet, proxies, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Loads, and waits until the graph has it. */
export async function put<Name extends string>(
  { engines, graph }: TransferFleet<Name>,
  host: Name,
  image: BuiltImage,
  ...tags: string[]
): Promise<void> {
  await load(engines[host], image, ...tags);
  await untilTagged(graph, host, ...tags);
}

/** The copy is all there: it runs, and what is saved of it needs nothing where it is loaded. */
export async function proveWhole(
  copy: ThrowAwayEngine,
  source: ThrowAwayEngine,
  tag: string,
  image: BuiltImage,
): Promise<void> {
  const there = await allIds(source);
  if (there.length > 0) await source.docker(['rmi', '--force', ...there]);
  await proveUsable(copy, tag, image, { third: source, registry: null });
}

/** Copies an image, which goes well; what is reported of it, host by host. */
export async function copied<Name extends string>(
  fleet: TransferFleet<Name>,
  reference: string,
  hosts: readonly Name[],
  input: object = {},
): Promise<any[]> {
  const operation = await fleet.transfer({
    references: [reference],
    targets: { names: hosts },
    ...input,
  });
  assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
  return hosts.map((host) => taskOf(operation, host).result.images[0]);
}

/**
 * Copies an image to an engine that has its base, and proves that only the change was taken from the
 * source, in so many pushes, and that nothing but the image is on either side then.
 */
export async function smallChangeIsTaken(
  name: string,
  from: 0 | 1 | 2,
  to: 0 | 1 | 2,
  pushed: number,
): Promise<void> {
  const tag = `${name}/app:1`;
  await using fleet = await startFleet({ source: from, target: to });
  const { engines, proxies } = fleet;
  const { base, app } = await smallChange(name);
  await put(fleet, 'source', app, tag);
  await put(fleet, 'target', base, `${name}/base:1`);
  const before = await allIds(engines.target);
  const [image] = await copied(fleet, tag, ['target']);
  assert.deepEqual([image.mode, image.layersSent], ['DELTA', 1]);
  assert.ok(image.bytesSent < 200_000, `${image.bytesSent} bytes sent`);
  assert.deepEqual([saves(proxies.source), pushes(proxies.source)], [0, pushed]);

  const there = await inspect(engines.source, tag);
  const id = from === 2 && to === 2 ? there.id : app.configDigest;
  assert.deepEqual(await inspect(engines.target, tag), { ...there, id });
  assert.deepEqual(await allIds(engines.target), [...before, id].toSorted());
  await noTransferTag(engines.source);
  await proveWhole(engines.target, engines.source, tag, app);
}
