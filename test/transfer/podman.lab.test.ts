import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildImage } from '../lab/index.ts';
import type { BuiltImage, LayerSpec } from '../lab/index.ts';
import { allIds, inspect, savedLayers, untilGone, untilTagged } from './copy-proof.ts';
import { FleetWatch, taskOf } from './fleet-watch.ts';
import { load, randomLayer, startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';

type Name = 'classic' | 'containerd' | 'podman' | 'other';

const NAMES: readonly Name[] = ['classic', 'containerd', 'podman', 'other'];

describe('transferImage to and from podman', () => {
  let fleet: TransferFleet<Name>;

  before(async () => {
    fleet = await startTransferFleet({ classic: 1, containerd: 2, podman: 3, other: 3 });
  });
  after(() => fleet?.[Symbol.asyncDispose]());

  /** An image of its own on one host. */
  const made = async (
    host: Name,
    name: string,
    tags: string[],
    more: Partial<Parameters<typeof buildImage>[0]> = {},
  ): Promise<BuiltImage> => {
    const image = await buildImage({ layers: [randomLayer(name, 50_000)], ...more });
    await load(fleet.engines[host], image, ...tags);
    await untilTagged(fleet.graph, host, ...tags);
    return image;
  };

  const transfer = async (targets: readonly Name[], input: object): Promise<any[]> => {
    const operation = await fleet.transfer({
      targets: { names: targets },
      compression: 'NONE',
      ...input,
    });
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation.tasks));
    return operation.tasks.map(({ result }: any) => result.images[0]);
  };

  /** The image is one in the graph, under one name, on all hosts; its layers can all be read. */
  const proveOne = async (ref: string, image: BuiltImage, hosts: readonly Name[]) => {
    const data = await fleet.graph.ask(
      `query ($ref: String!) { image(ref: $ref) { variant hosts { nodes { host { name } tags { familiarName } } } }
        tag(ref: $ref) { contents { hosts { name } } } }`,
      { ref },
    );
    const { nodes } = data.image.hosts;
    assert.deepEqual(nodes.map(({ host }: any) => host.name).toSorted(), [...hosts].toSorted());
    for (const { tags } of nodes) assert.deepEqual(tags, [{ familiarName: ref }]);
    assert.equal(data.tag.contents.length, 1);
    assert.equal(data.tag.contents[0].hosts.length, hosts.length);
    for (const host of hosts) {
      // As podman has it: its own short names are others.
      const name = host === 'podman' || host === 'other' ? `docker.io/library/${ref}` : ref;
      const layers = await savedLayers(fleet.engines[host], ref.includes('/') ? ref : name);
      assert.deepEqual(layers, [...new Set(image.diffIds)].toSorted(), host);
    }
    return data.image;
  };

  it('gives a copy the name that users know, there and back', async () => {
    const image = await made('classic', 'known', ['known:1']);
    const [there] = await transfer(['podman'], { references: ['known:1'] });
    assert.deepEqual([there.mode, there.tags], ['WHOLE', ['known:1']]);
    assert.deepEqual((await inspect(fleet.engines.podman, there.engineId)).tags, [
      'docker.io/library/known:1',
    ]);
    await transfer(['other', 'containerd'], { references: ['known:1'], source: 'podman' });
    await proveOne('known:1', image, NAMES);

    const again = await transfer(NAMES, { references: ['known:1'], onTagConflict: 'FAIL' });
    assert.deepEqual(
      again.map(({ mode, tags }) => [mode, tags]),
      NAMES.map(() => ['NOTHING', ['known:1']]),
    );
    // Back where it was, with nothing but its name to be given.
    await fleet.engines.classic.docker(['tag', 'known:1', 'known:2']);
    await fleet.engines.classic.docker(['rmi', 'known:1']);
    await untilGone(fleet.graph, 'classic', 'known:1');
    const [back] = await transfer(['classic'], { references: ['known:1'], source: 'podman' });
    assert.deepEqual([back.mode, back.tags], ['NOTHING', ['known:1']]);
  });

  it('leaves a name of localhost/ what it is: another one', async () => {
    const local = await made('podman', 'local', ['localhost/both:1']);
    const hub = await made('classic', 'hub', ['both:1']);
    const plan = await fleet.plan({ references: ['both:1'], targets: { names: ['podman'] } });
    assert.deepEqual(plan.targets[0].images[0].tagConflicts, []);
    await transfer(['podman'], { references: ['both:1'], onTagConflict: 'FAIL' });
    await proveOne('both:1', hub, ['classic', 'podman']);
    const input = { references: ['localhost/both:1'], source: 'podman' };
    const [kept] = await transfer(['containerd'], input);
    assert.deepEqual(kept.tags, ['localhost/both:1']);
    await proveOne('localhost/both:1', local, ['podman', 'containerd']);
    const renames = [{ from: 'localhost/both:1', to: ['both:renamed'] }];
    const [renamed] = await transfer(['classic'], { ...input, tags: 'RENAME', renames });
    assert.deepEqual(renamed.tags, ['both:renamed']);
  });

  it('RENAME, NONE, and a source without a tag', async () => {
    const image = await made('classic', 'rename', ['rename:1']);
    const input = { references: ['rename:1'], source: 'classic' };
    const renames = [{ from: 'rename:1', to: ['team/other:2', 'ghcr.io/team/third'] }];
    const [renamed] = await transfer(['podman'], { ...input, tags: 'RENAME', renames });
    assert.deepEqual(renamed.tags, ['team/other:2', 'ghcr.io/team/third:latest']);
    assert.deepEqual((await inspect(fleet.engines.podman, renamed.engineId)).tags.toSorted(), [
      'docker.io/team/other:2',
      'ghcr.io/team/third:latest',
    ]);
    const [untagged] = await transfer(['other'], { ...input, tags: 'NONE' });
    assert.deepEqual([untagged.mode, untagged.tags, untagged.image.tags], ['WHOLE', [], []]);
    const byId = { references: [untagged.engineId], source: 'other' };
    const [nameless] = await transfer(['containerd'], byId);
    assert.deepEqual([nameless.mode, nameless.tags], ['WHOLE', []]);
    const layers = await savedLayers(fleet.engines.containerd, nameless.engineId);
    assert.deepEqual(layers, image.diffIds);
  });

  it('a tag that is another image moves, stays, or fails the task', async () => {
    const { engines } = fleet;
    const owner = await made('podman', 'owner', ['docker.io/library/conflict:1']);
    const image = await made('classic', 'conflict', ['conflict:1']);
    const before = await allIds(engines.podman);
    const input = { references: ['conflict:1'], source: 'classic' };
    const plan = await fleet.plan({ ...input, targets: { names: ['podman'] } });
    const conflict = { tag: 'conflict:1', engineId: owner.configDigest };
    assert.deepEqual(plan.targets[0].images[0].tagConflicts, [conflict]);

    const targets = { names: ['podman'] };
    const refused = await fleet.transfer({ ...input, targets, onTagConflict: 'FAIL' });
    assert.equal(refused.tasks[0].error.code, 'CONFLICT');
    assert.deepEqual(await allIds(engines.podman), before);
    const [kept] = await transfer(['podman'], { ...input, onTagConflict: 'KEEP' });
    assert.deepEqual([kept.tags, kept.kept], [[], [conflict]]);
    assert.deepEqual((await inspect(engines.podman, kept.engineId)).tags, []);
    const [moved] = await transfer(['podman'], { ...input, onTagConflict: 'MOVE' });
    assert.deepEqual([moved.mode, moved.tags], ['NOTHING', ['conflict:1']]);
    assert.deepEqual(moved.moved, [{ tag: 'conflict:1', previousEngineId: owner.configDigest }]);
    assert.equal(moved.engineId, image.configDigest);
    assert.deepEqual((await inspect(engines.podman, owner.configDigest)).tags, []);
  });

  it('repeated and empty layers, and images that share layers', async () => {
    const nothing: LayerSpec = { entries: [] };
    const [x, twice] = [randomLayer('x', 80_000), randomLayer('twice', 90_000)];
    const odd = await made('podman', 'odd', ['lab.test/odd:1'], {
      layers: [twice, nothing, x, twice, nothing, nothing],
    });
    const next = await made('podman', 'next', ['lab.test/next:1'], {
      layers: [twice, nothing, x, randomLayer('next', 10_000)],
    });
    const targets: Name[] = ['classic', 'containerd', 'other'];
    const { tasks } = await fleet.transfer({
      references: ['lab.test/odd:1', 'lab.test/next:1'],
      source: 'podman',
      targets: { names: targets },
      compression: 'NONE',
    });
    for (const { host, state, error, result } of tasks) {
      assert.equal(state, 'SUCCEEDED', `${host.name}: ${JSON.stringify(error)}`);
      assert.deepEqual(
        result.images.map(({ mode, layersSent }: any) => [mode, layersSent]),
        [
          ['WHOLE', 3],
          ['DELTA', 1],
        ],
      );
    }
    await proveOne('lab.test/odd:1', odd, ['podman', ...targets]);
    await proveOne('lab.test/next:1', next, ['podman', ...targets]);
  });

  for (const source of ['containerd', 'podman'] as const) {
    it(`a variant of an architecture, which podman does not tell: ${source}`, async () => {
      const tag = `lab.test/${source}/arm:1`;
      const platform = { architecture: 'arm64', variant: 'v8' };
      const image = await made(source, `arm-${source}`, [tag], platform);
      const targets = NAMES.filter((name) => name !== source);
      await transfer(targets, { references: [tag], source });
      const { variant } = await proveOne(tag, image, NAMES);
      assert.equal(variant, 'v8', 'where another host tells it');
    });
  }

  it('a copy that is cancelled leaves nothing behind', async () => {
    const watch = new FleetWatch(fleet.graph);
    const layers = [randomLayer('cancelled', 60_000_000)];
    const image = await made('classic', 'cancelled', ['cancelled:1'], { layers });
    const before = await allIds(fleet.engines.podman);
    const id = await watch.begin({
      references: ['cancelled:1'],
      targets: { names: ['podman'] },
      maxBytesPerSecond: 20_000_000,
    });
    await watch.sent(id, 'podman', 10_000_000);
    const cancelled = await watch.cancel(id);
    assert.equal(taskOf(cancelled, 'podman').state, 'CANCELLED');
    assert.deepEqual(await allIds(fleet.engines.podman), before);
    assert.equal((await watch.retry(id)).state, 'SUCCEEDED');
    await proveOne('cancelled:1', image, ['classic', 'podman']);
  });
});
