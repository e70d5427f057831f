import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildImage, startRegistry } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayRegistry } from '../lab/index.ts';
import type { EngineProxy } from '../support/engine-proxy.ts';
import { allIds, inspect, proveUsable, untilGone, untilTagged } from './copy-proof.ts';
import { baseAndApp, load, randomLayer, startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';
import { throughProxies } from './through-proxies.ts';

type Name = 'twenty' | 'classic' | 'containerd';

const LOAD = 'POST /images/load';

describe('a delta that a target cannot use is sent whole in the same task', () => {
  let fleet: TransferFleet<Name>;
  let proxies: Readonly<Record<Name, EngineProxy>>;
  let registry: ThrowAwayRegistry;

  before(async () => {
    [fleet, registry] = await Promise.all([
      startTransferFleet({ twenty: 0, classic: 1, containerd: 2 }),
      startRegistry(),
    ]);
    proxies = await throughProxies(fleet);
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    for (const proxy of Object.values(proxies ?? {})) await proxy[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  const transferOne = async (source: Name, target: Name, reference: string) => {
    const operation = await fleet.transfer({
      references: [reference],
      source,
      targets: { names: [target] },
      compression: 'NONE',
    });
    const [{ state, error, result }] = operation.tasks;
    assert.equal(state, 'SUCCEEDED', JSON.stringify(error));
    return result.images[0];
  };

  for (const [source, target] of [
    ['classic', 'twenty'],
    ['twenty', 'classic'],
    ['twenty', 'containerd'],
    ['containerd', 'classic'],
  ] as const) {
    it(`the base is removed when the load begins: ${source} to ${target}`, async () => {
      const name = `gone-${source}-${target}`;
      const { base, app } = await baseAndApp(name, { baseBytes: 500_000 });
      const { engines, graph } = fleet;
      await load(engines[source], app, `${name}/app:1`);
      await load(engines[target], base, `${name}/base:1`);
      await untilTagged(graph, source, `${name}/app:1`);
      await untilTagged(graph, target, `${name}/base:1`);
      const loads = loadsSeen(proxies[target]);
      proxies[target].before(LOAD, () => engines[target].docker(['rmi', `${name}/base:1`]));
      const image = await transferOne(source, target, `${name}/app:1`);
      assert.equal(image.mode, 'WHOLE');
      assert.ok(image.wholeBecause.length > 10, image.wholeBecause);
      assert.equal(image.layersSaved, 0);
      assert.equal(image.bytesSaved, 0);
      assert.equal(image.layersSent, 3);
      assert.equal(loadsSeen(proxies[target]) - loads, 2);
      const third = engines[source === 'classic' || target === 'classic' ? 'twenty' : 'classic'];
      const provers = { third: third === engines[source] ? engines.containerd : third };
      await proveUsable(engines[target], `${name}/app:1`, app, {
        ...provers,
        registry: registry.address,
      });
    });
  }

  it('is refused again and again: fails after the second load, and leaves nothing', async () => {
    const { engines, graph } = fleet;
    const { base, app } = await baseAndApp('refused', { baseBytes: 300_000 });
    await load(engines.twenty, app, 'refused/app:1');
    await load(engines.classic, base, 'refused/base:1');
    await untilTagged(graph, 'twenty', 'refused/app:1');
    await untilTagged(graph, 'classic', 'refused/base:1');
    const before = await allIds(engines.classic);
    const loads = loadsSeen(proxies.classic);
    proxies.classic.before(LOAD, async () => {
      await engines.classic.docker(['rmi', 'refused/base:1']);
      proxies.classic.before(LOAD, () => Promise.reject(new Error('gone')));
    });
    const operation = await fleet.transfer({
      references: ['refused/app:1'],
      source: 'twenty',
      targets: { names: ['classic'] },
    });
    const [{ state, error }] = operation.tasks;
    assert.equal(state, 'FAILED');
    assert.match(error.message, /on classic/);
    assert.equal(loadsSeen(proxies.classic) - loads, 2);
    assert.deepEqual(
      await allIds(engines.classic),
      before.filter((id) => id !== base.configDigest),
    );
  });

  describe('a containerd store that pulled the base', () => {
    let images: { base: BuiltImage; app: BuiltImage; next: BuiltImage };

    before(async () => {
      const { engines, graph } = fleet;
      const { base, app } = await baseAndApp('pulled', { baseBytes: 500_000 });
      const next = await buildImage({
        layers: [...base.layers, randomLayer('pulled-next', 50_000)],
        config: { Env: ['PATH=/bin'], Labels: { made: 'next' } },
      });
      images = { base, app, next };
      const pulled = `${registry.address}/pulled/base:1`;
      await load(engines.classic, base, pulled);
      await engines.classic.docker(['push', pulled]);
      await engines.classic.docker(['rmi', pulled]);
      await load(engines.twenty, app, 'pulled/app:1');
      await load(engines.twenty, next, 'pulled/next:1');
      await untilTagged(graph, 'twenty', 'pulled/app:1', 'pulled/next:1');
      await engines.containerd.docker(['pull', pulled]);
      await untilTagged(graph, 'containerd', pulled);
    });

    const planNext = async () => {
      const { targets } = await fleet.plan({
        references: ['pulled/next:1'],
        source: 'twenty',
        targets: { names: ['containerd'] },
      });
      return targets[0];
    };

    it('gets all of it, tells why, and has nothing half left', async () => {
      const { engines } = fleet;
      assert.equal((await planNext()).stripping, true);
      const before = await allIds(engines.containerd);
      const loads = loadsSeen(proxies.containerd);
      const image = await transferOne('twenty', 'containerd', 'pulled/app:1');
      assert.equal(image.mode, 'WHOLE');
      assert.match(image.wholeBecause, /containerd has sha256:[0-9a-f]{64} only in part/);
      assert.equal(loadsSeen(proxies.containerd) - loads, 2);
      assert.deepEqual(await allIds(engines.containerd), [...before, image.engineId].toSorted());
      await proveUsable(engines.containerd, 'pulled/app:1', images.app, {
        third: engines.classic,
        registry: registry.address,
      });
    });

    it('makes use of the layers of that copy from then on', async () => {
      const { engines, graph } = fleet;
      const plan = await planNext();
      assert.equal(plan.stripping, true);
      assert.equal(plan.reason, null);
      const loads = loadsSeen(proxies.containerd);
      const image = await transferOne('twenty', 'containerd', 'pulled/next:1');
      assert.equal(image.mode, 'DELTA');
      assert.equal(loadsSeen(proxies.containerd) - loads, 1);
      await proveUsable(engines.containerd, 'pulled/next:1', images.next, {
        third: engines.classic,
        registry: registry.address,
      });
      await engines.containerd.docker(['rmi', 'pulled/next:1']);
      await untilGone(graph, 'containerd', 'pulled/next:1');
    });

    it('plans the truth when only the pulled base is left, and tries once', async () => {
      const { engines, graph } = fleet;
      await engines.containerd.docker(['rmi', 'pulled/app:1']);
      await untilGone(graph, 'containerd', 'pulled/app:1');
      const plan = await planNext();
      assert.equal(plan.stripping, false);
      assert.equal(plan.missingLayers.length, 3);
      assert.equal(plan.bytesSaved, 0);
      assert.match(plan.reason, /^containerd has 2 layers in a form of which it made no whole/);
      const loads = loadsSeen(proxies.containerd);
      const image = await transferOne('twenty', 'containerd', 'pulled/next:1');
      assert.equal(image.mode, 'WHOLE');
      assert.equal(image.wholeBecause, null);
      assert.equal(loadsSeen(proxies.containerd) - loads, 1);
      const { diffIds } = await inspect(engines.containerd, 'pulled/next:1');
      assert.deepEqual(diffIds, images.next.diffIds);
    });
  });
});

function loadsSeen({ seen }: EngineProxy): number {
  return seen.filter((asked) => asked === LOAD).length;
}
