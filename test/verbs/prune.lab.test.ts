import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildImage, imageArchive, lab, randomContent, startEngine } from '../lab/index.ts';
import type { ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';

const PLAN = `query ($input: PrunePlanInput!) { prunePlan(input: $input) { id totalFreedBytes
  hosts { hostName freedBytes reason images { engineId tags uniqueBytes } } } }`;
const PRUNE = `mutation ($input: PruneImagesInput!) { pruneImages(input: $input) { operation { id state
  tasks { host { name images { nodes { engineId tags { familiarName } } } } state error { code message }
    result { ... on PruneImagesResult { untagged deleted freedBytes skipped { engineId tags reason } } } } } } }`;

const KINDS = {
  old: { release: '20.10' },
  new: { release: '26.1' },
  snap: { release: '26.1', store: 'containerd' },
} as const;
type Name = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Name[];
const CLASSIC: Name[] = ['old', 'new'];

/** An image of named layers (one name, one layer) that every engine gets alike. */
interface Given {
  tags: string[];
  layers: string[];
  created?: string;
  labels?: Record<string, string>;
}

describe('prune on real engines', () => {
  let engines: Record<Name, ThrowAwayEngine>;
  let graph: Graph;

  before(async () => {
    const started = NAMES.map(async (name) => [name, await startEngine(KINDS[name])] as const);
    engines = Object.fromEntries(await Promise.all(started)) as typeof engines;
    graph = await Graph.start(
      NAMES.map((name) => ({
        name,
        labels: {},
        endpoint: { transport: 'UNIX', socketPath: engines[name].socketPath },
      })),
    );
  });
  after(async () => {
    await graph?.[Symbol.asyncDispose]();
    for (const engine of Object.values(engines ?? {})) await engine[Symbol.asyncDispose]();
  });

  const docker = async (name: Name, ...args: string[]) => (await engines[name].docker(args)).trim();
  const idOf = (name: Name, ref: string) => docker(name, 'image', 'inspect', '-f', '{{.Id}}', ref);
  const layersBytes = async (name: Name) =>
    (await graph.fleet.host(name).engine.diskUsage()).layersBytes;

  /** Puts images on engines and waits until the inventory shows all their tags. */
  const put = async (given: Given[], names: Name[] = NAMES) => {
    const images = await Promise.all(
      given.map(async ({ tags, layers, created, labels }) => ({
        tags,
        image: await buildImage({
          layers: layers.map((layer) => ({
            entries: [
              { path: layer, content: randomContent(layer, 300_000 + layer.length * 1000) },
            ],
          })),
          config: { Cmd: [`/${layers.at(-1)}`], ...(labels && { Labels: labels }) },
          created,
        }),
      })),
    );
    for (const name of names) {
      await engines[name].docker(['load'], { input: imageArchive(images) });
      await seen(name, ...given.flatMap(({ tags }) => tags));
    }
  };
  const seen = async (name: Name, ...tags: string[]) => {
    graph.fleet.refresh(name);
    await graph.until(name, ({ slot }) => {
      const names = [...slot.images.values()].flatMap((image) =>
        image.tags.map((t) => t.familiarName),
      );
      const has = new Set(names);
      return tags.every((tag) => has.has(tag));
    });
  };
  /** Waits until the inventory knows that containers use this image, and no other. */
  const usedOnly = async (name: Name, tag: string) => {
    graph.fleet.refresh(name);
    await graph.until(name, ({ slot }) =>
      [...slot.images.values()].every(
        ({ containerCount, tags }) =>
          containerCount > 0 === tags.some(({ familiarName }) => familiarName === tag),
      ),
    );
  };
  const wipe = async () => {
    for (const name of NAMES) {
      const containers = await docker(name, 'ps', '-aq');
      if (containers) await docker(name, 'rm', '-f', ...containers.split('\n'));
      await docker(name, 'image', 'prune', '--all', '--force');
      graph.fleet.refresh(name);
      await graph.until(name, ({ slot }) => slot.images.size === 0);
    }
  };
  const plan = async (input: object) =>
    (await graph.ask(PLAN, { input: { hosts: { all: true }, all: true, ...input } })).prunePlan;
  const prune = async (input: object) => {
    const { operation } = (await graph.ask(PRUNE, { input })).pruneImages;
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
    return operation;
  };
  const tagsOf = ({ images }: any) => images.flatMap(({ tags }: any) => tags).toSorted();
  const leftTags = ({ host }: any) =>
    host.images.nodes
      .flatMap(({ tags }: any) => tags.map(({ familiarName }: any) => familiarName))
      .toSorted();

  it('what goes is what was planned, and so are the bytes; used images stay', async () => {
    await wipe();
    await put([
      { tags: ['one:1'], layers: ['base', 'one'] },
      { tags: ['two:1', 'other/two:2', 'registry.test:5000/two:3'], layers: ['base', 'two'] },
      { tags: ['used:1'], layers: ['below', 'used'] },
      { tags: ['near:1'], layers: ['below', 'near'] },
    ]);
    for (const name of NAMES) await docker(name, 'create', '--name', 'user', 'used:1');
    for (const name of NAMES) {
      await usedOnly(name, 'used:1');
    }
    const before = Object.fromEntries(
      await Promise.all(NAMES.map(async (name) => [name, await layersBytes(name)])),
    );
    const planned = await plan({});
    for (const host of planned.hosts) {
      assert.equal(host.reason, null);
      assert.deepEqual(
        tagsOf(host),
        ['near:1', 'one:1', 'other/two:2', 'registry.test:5000/two:3', 'two:1'],
        host.hostName,
      );
      const unique = host.images.reduce((sum: number, i: any) => sum + i.uniqueBytes, 0);
      assert.ok(host.freedBytes > unique, 'the base of two images goes with both');
    }
    const { tasks } = await prune({ plan: planned.id });
    for (const task of tasks) {
      const { name } = task.host as { name: Name };
      const host = planned.hosts.find(({ hostName }: any) => hostName === name);
      const { result } = task;
      assert.deepEqual(result.skipped, []);
      for (const { engineId } of host.images) assert.ok(result.deleted.includes(engineId), name);
      assert.deepEqual(leftTags(task), ['used:1']);
      assert.equal(await docker(name, 'images', '-q').then((ids) => ids.split('\n').length), 1);
      assert.equal(result.freedBytes, host.freedBytes, name);
      if (CLASSIC.includes(name)) {
        assert.equal(before[name] - (await layersBytes(name)), host.freedBytes, name);
      }
    }
    const again = await prune({ plan: planned.id });
    for (const { result } of again.tasks) {
      assert.deepEqual([result.deleted, result.freedBytes], [[], 0]);
      assert.deepEqual(
        result.skipped.map(({ reason }: any) => reason),
        Array(3).fill('it is not there any more'),
      );
    }
  });

  it('what became used, tagged or moved since the plan stays with all its tags', async () => {
    await wipe();
    await put([
      { tags: ['late:1', 'late:2'], layers: ['late'] },
      { tags: ['named:1'], layers: ['named'] },
      { tags: ['moved:1', 'moved:2'], layers: ['moved'] },
      { tags: ['gone:1'], layers: ['gone'] },
    ]);
    const planned = await plan({});
    for (const name of NAMES) {
      await docker(name, 'create', '--name', 'late', 'late:1');
      await docker(name, 'tag', 'named:1', 'named:2');
      await docker(name, 'tag', 'late:1', 'moved:1');
    }
    const { tasks } = await prune({ plan: planned.id });
    for (const task of tasks) {
      const reasons = Object.fromEntries(
        task.result.skipped.map(({ tags, reason }: any) => [tags[0], reason]),
      );
      assert.deepEqual(
        reasons,
        {
          'late:1': 'it was tagged moved:1 since',
          'named:1': 'it was tagged named:2 since',
          'moved:1': 'it has lost the tag moved:1 since',
        },
        task.host.name,
      );
      assert.deepEqual(task.result.untagged.length, 1);
      assert.deepEqual(leftTags(task), [
        'late:1',
        'late:2',
        'moved:1',
        'moved:2',
        'named:1',
        'named:2',
      ]);
    }
    const unused = await prune({ hosts: { all: true }, all: true, reference: ['moved', 'named'] });
    for (const task of unused.tasks) {
      assert.deepEqual(leftTags(task), ['late:1', 'late:2', 'moved:1'], 'late is used');
    }
  });

  it('a container made since the plan keeps its image, and is named', async () => {
    await wipe();
    await put([{ tags: ['late:1', 'late:2'], layers: ['late'] }]);
    const { id } = await plan({});
    for (const name of NAMES) await docker(name, 'create', '--name', 'newcomer', 'late:2');
    for (const task of (await prune({ plan: id })).tasks) {
      const [skipped] = task.result.skipped;
      assert.equal(skipped.reason, 'container newcomer (created) uses it');
      assert.deepEqual(leftTags(task), ['late:1', 'late:2']);
      assert.equal(task.result.freedBytes, 0);
    }
  });

  it('keepNewest, until and labels', async () => {
    await wipe();
    const versions = [1, 2, 3, 4].map((version) => ({
      tags: [`app:${version}`],
      layers: [`app-${version}`],
      created: `2024-0${version}-01T00:00:00Z`,
      labels: version === 2 ? { keep: 'yes' } : { team: 'a' },
    }));
    await put(versions);
    const planned = async (input: object) => {
      const { hosts } = await plan(input);
      const [first, ...others] = hosts.map(tagsOf);
      for (const other of others) assert.deepEqual(other, first, 'every engine behaves alike');
      return first;
    };
    assert.deepEqual(await planned({ keepNewest: 2 }), ['app:1', 'app:2']);
    assert.deepEqual(await planned({ until: '2024-03-01' }), ['app:1', 'app:2']);
    assert.deepEqual(await planned({ label: ['team=a'] }), ['app:1', 'app:3', 'app:4']);
    assert.deepEqual(await planned({ labelNot: ['keep'], until: '2024-04-01' }), [
      'app:1',
      'app:3',
    ]);
    assert.deepEqual(await planned({ reference: ['app:[34]'] }), ['app:3', 'app:4']);
    assert.deepEqual(await planned({ all: false }), []);
    const { tasks } = await prune({
      hosts: { all: true },
      all: true,
      keepNewest: 1,
      labelNot: ['keep'],
    });
    for (const task of tasks) assert.deepEqual(leftTags(task), ['app:2', 'app:4']);
  });

  it('images made of one another: what a kept one is built on loses its name, and goes with the last', async () => {
    await wipe();
    await put([{ tags: ['base:1'], layers: ['base'] }]);
    // Committed images know their parent as built ones do, on every engine.
    for (const name of NAMES) {
      await docker(name, 'create', '--name', 'maker', 'base:1');
      await docker(name, 'commit', '-c', 'ENV A=1', 'maker', 'child:1');
      await docker(name, 'rm', 'maker');
      await docker(name, 'create', '--name', 'maker', 'child:1');
      await docker(name, 'commit', '-c', 'ENV A=2', 'maker', 'grandchild:1');
      await docker(name, 'rm', 'maker');
      await docker(name, 'create', '--name', 'user', 'grandchild:1');
      await seen(name, 'base:1', 'child:1', 'grandchild:1');
    }
    for (const name of NAMES) {
      await usedOnly(name, 'grandchild:1');
    }
    const first = await plan({});
    for (const host of first.hosts) {
      assert.deepEqual(tagsOf(host), ['base:1', 'child:1'], host.hostName);
      if (host.hostName !== 'snap') assert.equal(host.freedBytes, 0, 'the child has the layers');
    }
    for (const task of (await prune({ plan: first.id })).tasks) {
      assert.deepEqual(task.result.skipped, [], task.host.name);
      assert.deepEqual(leftTags(task), ['grandchild:1'], task.host.name);
      assert.deepEqual(task.result.untagged.toSorted(), ['base:1', 'child:1'], task.host.name);
    }
    for (const name of NAMES) {
      await docker(name, 'rm', 'user');
      await docker(name, 'tag', 'grandchild:1', 'again:1');
      await seen(name, 'again:1');
    }
    const before = Object.fromEntries(
      await Promise.all(CLASSIC.map(async (name) => [name, await layersBytes(name)])),
    );
    const second = await plan({});
    for (const task of (await prune({ plan: second.id })).tasks) {
      assert.deepEqual(task.host.images.nodes, []);
      assert.deepEqual(task.result.skipped, []);
      assert.equal(await docker(task.host.name, 'images', '-aq'), '', 'parents go along');
    }
    for (const name of CLASSIC) {
      const host = second.hosts.find(({ hostName }: any) => hostName === name);
      assert.equal(before[name] - (await layersBytes(name)), host.freedBytes);
      assert.ok(host.freedBytes > 0);
    }
  });

  it('what a build or a commit leaves without a name goes by default, with all below it', async () => {
    await wipe();
    await put([{ tags: ['base:1'], layers: ['base'] }]);
    for (const name of NAMES) {
      await docker(name, 'create', '--name', 'maker', 'base:1');
      await docker(name, 'commit', '-c', 'ENV A=1', 'maker');
      await docker(name, 'rm', 'maker');
      for (const step of ['one', 'two']) {
        const text = `FROM base:1\nENV B=${step}\nLABEL step=${step}\nCMD ["/${step}"]\n`;
        await engines[name].docker(['build', '-q', '-t', 'built:1', '-'], {
          input: Buffer.from(text),
        });
      }
      graph.fleet.refresh(name);
      await graph.until(name, ({ slot }) => slot.images.size === 4);
    }
    const planned = await plan({ all: false });
    for (const { hostName, images, freedBytes } of planned.hosts) {
      assert.deepEqual(tagsOf({ images }), [], hostName);
      assert.equal(images.length, 2, hostName);
      assert.equal(freedBytes, 0, 'all layers are those of the base');
    }
    for (const task of (await prune({ plan: planned.id })).tasks) {
      assert.deepEqual(task.result.skipped, []);
      assert.deepEqual(leftTags(task), ['base:1', 'built:1']);
      assert.equal(task.host.images.nodes.length, 2);
      assert.deepEqual(
        (await plan({ all: false })).hosts.flatMap(({ images }: any) => images),
        [],
      );
    }
    for (const task of (await prune({ hosts: { all: true }, all: true })).tasks) {
      assert.deepEqual(task.result.skipped, []);
      assert.equal(
        await docker(task.host.name, 'images', '-aq'),
        '',
        'no step of the build is left',
      );
    }
  });

  it('dangling images, and what was pulled by digest and pushed elsewhere', async () => {
    await wipe();
    const { registries } = await lab();
    const { address } = registries.open;
    const repository = `${address}/prune-${process.pid}`;
    await put([{ tags: [`${repository}/a:1`], layers: [`pushed-${process.pid}`] }], ['new']);
    await docker('new', 'tag', `${repository}/a:1`, `${repository}/b:1`);
    await docker('new', 'push', '-q', `${repository}/a:1`);
    await docker('new', 'push', '-q', `${repository}/b:1`);
    const listed = await docker('new', 'images', '--digests', '--format', '{{.Digest}}');
    const [digest] = listed.split('\n');
    for (const name of NAMES) {
      if (name !== 'new') await docker(name, 'pull', `${repository}/a@${digest}`);
      if (name !== 'new') await docker(name, 'pull', `${repository}/b@${digest}`);
      graph.fleet.refresh(name);
      await graph.until(name, ({ slot }) => slot.images.size === 1);
    }
    await docker('new', 'rmi', `${repository}/b:1`);
    const { tasks } = await prune({ hosts: { all: true }, all: true });
    for (const task of tasks) {
      assert.deepEqual(task.result.skipped, [], task.host.name);
      assert.deepEqual(task.host.images.nodes, [], task.host.name);
      assert.ok(task.result.freedBytes > 0, task.host.name);
    }
    await put([{ tags: ['name:1'], layers: ['first'] }], CLASSIC);
    for (const name of CLASSIC) await put([{ tags: ['name:1'], layers: ['second'] }], [name]);
    const dangling = await prune({ hosts: { names: CLASSIC } });
    for (const task of dangling.tasks) {
      assert.equal(task.result.deleted.length > 0, true, task.host.name);
      assert.deepEqual(task.result.untagged, []);
      assert.deepEqual(leftTags(task), ['name:1']);
      assert.equal(task.result.deleted.includes(await idOf(task.host.name, 'name:1')), false);
    }
  });
});
