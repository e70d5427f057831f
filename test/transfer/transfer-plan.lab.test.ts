import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildImage } from '../lab/index.ts';
import type { BuiltImage } from '../lab/index.ts';
import { tarSize } from '../lab/seed/tar-writer.ts';
import type { EngineProxy } from '../support/engine-proxy.ts';
import { inspect, untilGone, untilTagged } from './copy-proof.ts';
import { load, randomLayer, startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';
import { throughProxies } from './through-proxies.ts';

type Name = 'source' | 'classic' | 'containerd' | 'dead';

const LOAD = 'POST /images/load';

describe('transferPlan, and running a plan', () => {
  let fleet: TransferFleet<Name>;
  let proxies: Readonly<Record<Name, EngineProxy>>;

  before(async () => {
    fleet = await startTransferFleet({ source: 0, classic: 1, containerd: 2, dead: 1 });
    proxies = await throughProxies(fleet);
    const held = await buildImage({ layers: [randomLayer('held', 10_000)] });
    const lone = await buildImage({ layers: [randomLayer('lone', 10_000)] });
    await loadAndShow('source', held, 'held:1');
    await loadAndShow('dead', held, 'held:1');
    await loadAndShow('dead', lone, 'lone:1');
    await fleet.engines.dead.stop();
    await fleet.graph.until('dead', ({ status }) => status.state === 'UNREACHABLE');
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    for (const proxy of Object.values(proxies ?? {})) await proxy[Symbol.asyncDispose]();
  });

  const loadAndShow = async (host: Name, image: BuiltImage, tag: string) => {
    await load(fleet.engines[host], image, tag);
    await untilTagged(fleet.graph, host, tag);
  };

  /** An app on the source, its base on both targets. */
  const prepared = async (name: string) => {
    const below = [randomLayer(`${name}-1`, 300_000), randomLayer(`${name}-2`, 200_000)];
    const base = await buildImage({ layers: below });
    const app = await buildImage({ layers: [...below, randomLayer(`${name}-app`, 50_000)] });
    await Promise.all([
      loadAndShow('source', app, `${name}/app:1`),
      loadAndShow('classic', base, `${name}/base:1`),
      loadAndShow('containerd', base, `${name}/base:1`),
    ]);
    return { base, app };
  };

  const planOf = (name: string, targets: Name[], more: object = {}) =>
    fleet.plan({
      references: [`${name}/app:1`],
      source: 'source',
      targets: { names: targets },
      ...more,
    });

  const loads = () =>
    (['classic', 'containerd'] as const).map(
      (name) => proxies[name].seen.filter((asked) => asked === LOAD).length,
    );

  /** Runs it; it must fail everywhere, before anything is sent. */
  const refusals = async (plan: string): Promise<string[]> => {
    const before = loads();
    const { state, tasks } = await fleet.transfer({ plan });
    assert.equal(state, 'FAILED', JSON.stringify(tasks));
    assert.deepEqual(loads(), before, 'nothing was sent');
    return tasks.map(({ error }: any) => {
      assert.equal(error.code, 'CONFLICT');
      assert.match(error.message, /^not as planned any more: /);
      assert.match(error.hint, /new plan/);
      return error.message.replace('not as planned any more: ', '');
    });
  };

  it('tells layers, bytes, conflicts, and which target could not be looked at', async () => {
    const { app } = await prepared('tells');
    const owner = await buildImage({ layers: [randomLayer('tells-owner', 10_000)] });
    await loadAndShow('classic', owner, 'tells/app:1');
    const plan = await planOf('tells', ['classic', 'containerd', 'dead']);
    assert.deepEqual(plan.images, [
      {
        reference: 'tells/app:1',
        sourceName: 'source',
        engineId: app.configDigest,
        tags: ['tells/app:1'],
      },
    ]);
    const [classic, containerd, dead] = plan.targets;
    // As engines count: file by file, not as tars.
    const sizes = [300_000, 200_000, 50_000];
    for (const target of [classic, containerd]) {
      assert.deepEqual(target.missingLayers, [{ diffId: app.diffIds[2], sizeBytes: sizes[2] }]);
      assert.equal(target.bytesToSend, sizes[2]);
      assert.equal(target.bytesSaved, sizes[0]! + sizes[1]!);
      assert.equal(target.stripping, true);
      assert.equal(target.reason, null);
      assert.ok(target.freeBytes > 1e9);
      const [copy] = target.images;
      assert.equal(copy.isThere, false);
      assert.equal(copy.platformMismatch, null);
      assert.deepEqual(
        copy.presentLayers.map(({ diffId }: any) => diffId),
        app.diffIds.slice(0, 2),
      );
    }
    assert.deepEqual(classic.images[0].tagConflicts, [
      { tag: 'tells/app:1', engineId: owner.configDigest },
    ]);
    assert.deepEqual(containerd.images[0].tagConflicts, []);
    assert.deepEqual(dead.images, []);
    assert.equal(dead.stripping, false);
    assert.match(dead.reason, /^dead is UNREACHABLE, so what it holds is not known/);
    assert.equal(plan.totalBytes, 2 * sizes[2]!);
  });

  it('is run as it is: just the missing layers, to the targets that were looked at', async () => {
    const { app } = await prepared('run');
    const plan = await planOf('run', ['classic', 'containerd', 'dead'], {
      tags: 'RENAME',
      renames: [{ from: 'run/app:1', to: ['run/copy:1'] }],
    });
    const { state, tasks } = await fleet.transfer({ plan: plan.id, compression: 'NONE' });
    assert.equal(state, 'SUCCEEDED', JSON.stringify(tasks));
    assert.deepEqual(
      tasks.map(({ host }: any) => host.name),
      ['classic', 'containerd'],
    );
    for (const { host, result } of tasks) {
      const [image] = result.images;
      assert.equal(image.mode, 'DELTA');
      assert.equal(image.layersSent, 1);
      assert.ok(image.bytesSent <= tarSize(app.layers[2]!.entries) + 64 * 1024);
      const { diffIds, tags } = await inspect(fleet.engines[host.name as Name], 'run/copy:1');
      assert.deepEqual(diffIds, app.diffIds);
      assert.deepEqual(tags, ['run/copy:1']);
    }
    const after = await planOf('run', ['classic', 'containerd']);
    assert.equal(after.totalBytes, 0);
    for (const { images, stripping } of after.targets) {
      assert.equal(images[0].isThere, true);
      assert.deepEqual(images[0].missingLayers, []);
      assert.equal(stripping, false);
    }
  });

  for (const elsewhere of [false, true]) {
    const still = elsewhere ? ', though another host has it' : '';
    it(`fails when the image was removed on the source${still}`, async () => {
      const name = `removed${elsewhere ? '-there' : ''}`;
      const { app } = await prepared(name);
      if (elsewhere) await loadAndShow('containerd', app, `${name}/app:2`);
      const { id } = await planOf(name, ['classic']);
      await fleet.engines.source.docker(['rmi', `${name}/app:1`]);
      await untilGone(fleet.graph, 'source', `${name}/app:1`);
      assert.deepEqual(await refusals(id), [
        `${name}/app:1 (${app.configDigest}) is not on source any more`,
      ]);
    });
  }

  it('fails when the tag moved on the source', async () => {
    const { app } = await prepared('moved');
    const { id } = await planOf('moved', ['classic', 'containerd']);
    const other = await buildImage({ layers: [randomLayer('moved-other', 10_000)] });
    await load(fleet.engines.source, other, 'moved/app:1');
    await fleet.graph.until('source', ({ slot }) => slot.images.has(other.configDigest));
    for (const message of await refusals(id)) {
      const now = `moved/app:1 is ${other.configDigest} on source now, not ${app.configDigest}`;
      assert.equal(message, now);
    }
  });

  it('fails when a layer was pruned on a target, and names that target', async () => {
    const { app } = await prepared('pruned');
    const { id } = await planOf('pruned', ['classic', 'containerd']);
    await fleet.engines.classic.docker(['rmi', 'pruned/base:1']);
    // Not awaited: what a plan is compared with is looked at when it is run.
    const { state, tasks } = await fleet.transfer({ plan: id, compression: 'NONE' });
    assert.equal(state, 'PARTIAL');
    const [classic, containerd] = tasks;
    assert.equal(classic.error.code, 'CONFLICT');
    assert.match(classic.error.message, /: 2 layers of pruned\/app:1 went from classic$/);
    assert.equal(containerd.state, 'SUCCEEDED');
    assert.equal(containerd.result.images[0].mode, 'DELTA');
    const { diffIds } = await inspect(fleet.engines.containerd, 'pruned/app:1');
    assert.deepEqual(diffIds, app.diffIds);
  });

  it('fails when a tag moved on a target, or the image came there', async () => {
    const { app } = await prepared('taken');
    const { id } = await planOf('taken', ['classic', 'containerd']);
    const other = await buildImage({ layers: [randomLayer('taken-other', 10_000)] });
    await load(fleet.engines.classic, other, 'taken/app:1');
    await load(fleet.engines.containerd, app, 'taken/elsewhere:1');
    const [classic, containerd] = await refusals(id);
    assert.equal(classic, `taken/app:1 is ${other.configDigest} on classic now`);
    assert.equal(containerd, 'taken/app:1 is on containerd now');
  });

  it('reads from a holder that is up, and says so where none is', async () => {
    const input = { references: ['held:1'], targets: { names: ['classic'] } };
    const { images } = await fleet.plan(input);
    assert.equal(images[0].sourceName, 'source');
    const { state, tasks } = await fleet.transfer(input);
    assert.equal(state, 'SUCCEEDED', JSON.stringify(tasks));
    const error = await fleet.graph.refusal(
      'query ($input: TransferPlanInput!) { transferPlan(input: $input) { id } }',
      { input: { ...input, references: ['lone:1'] } },
    );
    assert.equal(error.extensions?.['code'], 'HOST_UNREACHABLE');
    assert.equal(error.message, 'lone:1 is on dead, and none of them is ONLINE');
  });

  it('is of the past for a plan that nobody knows', async () => {
    const error = await fleet.graph.refusal(
      `mutation { transferImage(input: { plan: "none" }) { operation { id } } }`,
    );
    assert.equal(error.extensions?.['code'], 'NOT_FOUND');
  });
});
