import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildImage } from '../lab/index.ts';
import type { BuiltImage, LayerSpec } from '../lab/index.ts';
import type { EngineProxy } from '../support/engine-proxy.ts';
import { allIds, inspect, savedLayers, untilGone, untilTagged } from './copy-proof.ts';
import { load, randomLayer, startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';
import { throughProxies } from './through-proxies.ts';

type Name = 'twenty' | 'classic' | 'containerd';

const LOAD = 'POST /images/load';
const SAVE = 'GET /images/get';

describe('how a transfer is done', () => {
  let fleet: TransferFleet<Name>;
  let proxies: Readonly<Record<Name, EngineProxy>>;

  before(async () => {
    fleet = await startTransferFleet({ twenty: 0, classic: 1, containerd: 2 });
    proxies = await throughProxies(fleet);
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    for (const proxy of Object.values(proxies ?? {})) await proxy[Symbol.asyncDispose]();
  });

  const loadAndShow = async (host: Name, image: BuiltImage, ...tags: string[]) => {
    await load(fleet.engines[host], image, ...tags);
    await untilTagged(fleet.graph, host, ...tags);
  };

  /** An image of its own on 20.10, under that tag. */
  const made = async (name: string, size = 50_000): Promise<BuiltImage> => {
    const image = await buildImage({ layers: [randomLayer(name, size)] });
    await loadAndShow('twenty', image, `${name}:1`);
    return image;
  };

  const asksOf = (name: Name, asked: string) =>
    proxies[name].seen.filter((one) => one === asked).length;

  const transfer = async (targets: Name[], input: object): Promise<any[]> => {
    const operation = await fleet.transfer({ targets: { names: targets }, ...input });
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation.tasks));
    return operation.tasks.map(({ result }: any) => result.images[0]);
  };

  describe('tags', () => {
    it('KEEP gives the copy the tag that it was asked for by, and no other', async () => {
      const image = await made('keep');
      await fleet.engines.twenty.docker(['tag', 'keep:1', 'keep:also']);
      await untilTagged(fleet.graph, 'twenty', 'keep:also');
      const copies = await transfer(['classic', 'containerd'], {
        references: ['docker.io/library/keep:1'],
      });
      for (const { tags } of copies) assert.deepEqual(tags, ['keep:1']);
      for (const name of ['classic', 'containerd'] as const) {
        assert.deepEqual((await inspect(fleet.engines[name], 'keep:1')).tags, ['keep:1']);
      }
      const [byId] = await transfer(['classic'], { references: [image.configDigest] });
      assert.equal(byId.mode, 'NOTHING');
      assert.deepEqual(byId.tags, []);
    });

    it('RENAME gives it those that were said, NONE gives it none', async () => {
      const { configDigest } = await made('rename');
      const [renamed] = await transfer(['classic'], {
        references: ['rename:1'],
        tags: 'RENAME',
        renames: [{ from: 'rename:1', to: ['team/other:2', 'ghcr.io/team/third'] }],
      });
      assert.deepEqual(renamed.tags, ['team/other:2', 'ghcr.io/team/third:latest']);
      const { id, tags } = await inspect(fleet.engines.classic, 'team/other:2');
      assert.equal(id, configDigest);
      assert.deepEqual(tags.toSorted(), ['ghcr.io/team/third:latest', 'team/other:2']);
      const [untagged] = await transfer(['containerd'], {
        references: ['rename:1'],
        tags: 'NONE',
      });
      assert.deepEqual(untagged.tags, []);
      assert.deepEqual(untagged.image.tags, []);
      const there = await inspect(fleet.engines.containerd, untagged.engineId);
      assert.deepEqual(there.tags, []);
    });

    for (const target of ['classic', 'containerd'] as const) {
      it(`a tag that is another image moves, stays, or fails the task: ${target}`, async () => {
        const name = `conflict-${target}`;
        const engine = fleet.engines[target];
        const owner = await buildImage({ layers: [randomLayer(`${name}-owner`, 30_000)] });
        await loadAndShow(target, owner, `${name}:1`);
        const { id: ownerId } = await inspect(engine, `${name}:1`);
        const image = await made(name);
        const loads = asksOf(target, LOAD);
        const before = await allIds(engine);
        const input = { references: [`${name}:1`], source: 'twenty' };

        const refused = await fleet.transfer({
          ...input,
          targets: { names: [target] },
          onTagConflict: 'FAIL',
        });
        const [{ state, error, progress }] = refused.tasks;
        assert.equal(state, 'FAILED');
        assert.equal(error.code, 'CONFLICT');
        assert.ok(error.message.includes(`${name}:1 is another image on ${target} (${ownerId})`));
        assert.equal(progress?.bytesSent ?? 0, 0);
        assert.equal(asksOf(target, LOAD), loads, 'nothing was sent');
        assert.deepEqual(await allIds(engine), before);

        const [kept] = await transfer([target], { ...input, onTagConflict: 'KEEP' });
        assert.equal(kept.mode, 'WHOLE');
        assert.deepEqual(kept.tags, []);
        assert.deepEqual(kept.kept, [{ tag: `${name}:1`, engineId: ownerId }]);
        assert.equal((await inspect(engine, `${name}:1`)).id, ownerId);
        assert.deepEqual((await inspect(engine, kept.engineId)).diffIds, image.diffIds);

        const [moved] = await transfer([target], { ...input, onTagConflict: 'MOVE' });
        assert.equal(moved.mode, 'NOTHING');
        assert.deepEqual(moved.tags, [`${name}:1`]);
        assert.deepEqual(moved.moved, [{ tag: `${name}:1`, previousEngineId: ownerId }]);
        assert.equal((await inspect(engine, `${name}:1`)).id, kept.engineId);

        const [again] = await transfer([target], { ...input, onTagConflict: 'FAIL' });
        assert.equal(again.mode, 'NOTHING');
        assert.deepEqual(again.moved, []);
      });
    }
  });

  for (const compression of ['NONE', 'GZIP', 'ZSTD', 'AUTO']) {
    it(`compression ${compression}: every engine gets what it takes`, async () => {
      const name = `compressed-${compression.toLowerCase()}`;
      const text: LayerSpec = {
        entries: [{ path: 'text', content: Buffer.from(`${name}\n`.repeat(50_000)) }],
      };
      const image = await buildImage({ layers: [text, randomLayer(name, 20_000)] });
      await loadAndShow('classic', image, `${name}:1`);
      const targets: Name[] = ['twenty', 'containerd'];
      const copies = await transfer(targets, {
        references: [`${name}:1`],
        source: 'classic',
        compression,
      });
      const size = text.entries[0] && 'content' in text.entries[0] ? 50_000 * (name.length + 1) : 0;
      for (const { bytesSent } of copies) {
        // A unix socket needs no compression, so AUTO is none.
        const isSmall = compression === 'GZIP' || compression === 'ZSTD';
        if (isSmall) assert.ok(bytesSent < size / 4, `${bytesSent} of ${size} bytes sent`);
        else assert.ok(bytesSent > size, `${bytesSent} of ${size} bytes sent`);
      }
      for (const target of targets) {
        const layers = await savedLayers(fleet.engines[target], `${name}:1`);
        assert.deepEqual(layers, image.diffIds.toSorted());
      }
    });
  }

  it('maxBytesPerSecond holds for each target', async () => {
    await made('limited', 900_000);
    const since = performance.now();
    const [first, second] = await transfer(['classic', 'containerd'], {
      references: ['limited:1'],
      compression: 'NONE',
      maxBytesPerSecond: 400_000,
    });
    const seconds = (performance.now() - since) / 1000;
    assert.ok(first.bytesSent > 900_000 && second.bytesSent > 900_000);
    // Engines add their own time on top; two targets do not share the limit.
    assert.ok(seconds > 1.9, `${seconds} s`);
  });

  it('reads from a host that has it and is up where no source is said', async () => {
    const image = await made('anywhere');
    const [copy] = await transfer(['containerd'], { references: ['anywhere:1'] });
    assert.equal(copy.source, 'twenty');
    // Now two have it: only one of them is read.
    const saves = asksOf('twenty', SAVE) + asksOf('containerd', SAVE);
    const [next] = await transfer(['classic'], { references: ['anywhere:1'] });
    assert.ok(['twenty', 'containerd'].includes(next.source), next.source);
    assert.equal(asksOf('twenty', SAVE) + asksOf('containerd', SAVE), saves + 1);
    assert.deepEqual((await inspect(fleet.engines.classic, 'anywhere:1')).diffIds, image.diffIds);
  });

  it('sends nothing to targets that have it, also where that is the source itself', async () => {
    await made('there');
    await transfer(['classic'], { references: ['there:1'], source: 'twenty' });
    await fleet.engines.classic.docker(['tag', 'there:1', 'there:elsewhere']);
    await fleet.engines.classic.docker(['rmi', 'there:1']);
    await untilGone(fleet.graph, 'classic', 'there:1');
    const names = ['twenty', 'classic', 'containerd'] as const;
    const loads = names.map((name) => asksOf(name, LOAD));
    const copies = await transfer([...names], { references: ['there:1'], source: 'twenty' });
    assert.deepEqual(
      copies.map(({ mode }) => mode),
      ['NOTHING', 'NOTHING', 'WHOLE'],
    );
    assert.deepEqual(
      names.map((name, at) => asksOf(name, LOAD) - loads[at]!),
      [0, 0, 1],
    );
    for (const { tags } of copies) assert.deepEqual(tags, ['there:1']);
    const { tags } = await inspect(fleet.engines.classic, 'there:1');
    assert.deepEqual(tags.toSorted(), ['there:1', 'there:elsewhere']);
  });
});
