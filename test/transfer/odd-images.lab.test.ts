import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildImage } from '../lab/index.ts';
import type { BuiltImage, LayerSpec } from '../lab/index.ts';
import { tarSize } from '../lab/seed/tar-writer.ts';
import { allIds, inspect, savedLayers, untilTagged } from './copy-proof.ts';
import { load, randomLayer, startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';

type Source = 'twenty' | 'classic' | 'containerd';
type Target = 'to20' | 'toClassic' | 'toContainerd';

const SOURCES: readonly Source[] = ['twenty', 'classic', 'containerd'];
const TARGETS: readonly Target[] = ['to20', 'toClassic', 'toContainerd'];
const OVERHEAD_BYTES = 64 * 1024;

describe('transferImage of images that are not plain', () => {
  let fleet: TransferFleet<Source | Target>;

  before(async () => {
    fleet = await startTransferFleet({
      twenty: 0,
      classic: 1,
      containerd: 2,
      to20: 0,
      toClassic: 1,
      toContainerd: 2,
    });
  });
  after(() => fleet?.[Symbol.asyncDispose]());

  /** The images of every task, by target. */
  const transfer = async (
    source: Source,
    references: string[],
    targets: readonly Target[],
  ): Promise<Record<string, any[]>> => {
    const operation = await fleet.transfer({
      references,
      source,
      targets: { names: targets },
      compression: 'NONE',
    });
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation.tasks));
    return Object.fromEntries(
      operation.tasks.map(({ host, result }: any) => [host.name, result.images]),
    );
  };

  const loadAndShow = async (host: Source | Target, image: BuiltImage, tag: string) => {
    await load(fleet.engines[host], image, tag);
    await untilTagged(fleet.graph, host, tag);
  };

  /** The copies can be saved again, which reads every layer of them. */
  const proveSaved = async (image: BuiltImage, tag: string, targets: readonly Target[]) => {
    for (const target of targets) {
      const { diffIds } = await inspect(fleet.engines[target], tag);
      assert.deepEqual(diffIds, image.diffIds);
      assert.deepEqual(
        await savedLayers(fleet.engines[target], tag),
        [...new Set(image.diffIds)].toSorted(),
      );
    }
  };

  for (const source of SOURCES) {
    it(`repeated layers, on nothing and on different chains: ${source}`, async () => {
      const name = `repeated-${source}`;
      const [x, y, twice] = ['x', 'y', 'twice'].map((layer) =>
        randomLayer(`${name}-${layer}`, 80_000),
      ) as [LayerSpec, LayerSpec, LayerSpec];
      const image = await buildImage({ layers: [twice, x, twice, y, twice] });
      await loadAndShow(source, image, `${name}:1`);
      const done = await transfer(source, [`${name}:1`], TARGETS);
      for (const target of TARGETS) {
        const [{ mode, layersSent, bytesSent }] = done[target]!;
        assert.equal(mode, 'WHOLE');
        assert.equal(layersSent, 3, 'each content once');
        assert.ok(bytesSent <= 3 * 81_920 + OVERHEAD_BYTES, `${bytesSent} bytes sent`);
      }
      await proveSaved(image, `${name}:1`, TARGETS);

      // The content is there on one chain, and is needed on another one, too.
      const other = await buildImage({ layers: [y, twice, x] });
      await loadAndShow(source, other, `${name}:2`);
      const again = await transfer(source, [`${name}:2`], TARGETS);
      for (const target of TARGETS) assert.equal(again[target]![0].layersSaved, 0);
      await proveSaved(other, `${name}:2`, TARGETS);

      // The lowest is there; the same content higher up is not.
      const higher = await buildImage({ layers: [twice, y, twice] });
      await loadAndShow(source, higher, `${name}:3`);
      const { targets } = await fleet.plan({
        references: [`${name}:3`],
        source,
        targets: { names: TARGETS },
      });
      for (const { stripping, reason } of targets)
        assert.deepEqual([stripping, reason], [false, null]);
      await transfer(source, [`${name}:3`], TARGETS);
      await proveSaved(higher, `${name}:3`, TARGETS);
    });

    it(`empty layers, among others and alone: ${source}`, async () => {
      const name = `empty-${source}`;
      const nothing: LayerSpec = { entries: [] };
      const among = await buildImage({
        layers: [nothing, randomLayer(name, 50_000), nothing, nothing],
      });
      const alone = await buildImage({ layers: [nothing], config: { Labels: { alone: name } } });
      await loadAndShow(source, among, `${name}:among`);
      await loadAndShow(source, alone, `${name}:alone`);
      await transfer(source, [`${name}:among`, `${name}:alone`], TARGETS);
      await proveSaved(among, `${name}:among`, TARGETS);
      await proveSaved(alone, `${name}:alone`, TARGETS);
    });

    it(`by ID, without tags, with others that share layers: ${source}`, async () => {
      const name = `shared-${source}`;
      const below = [randomLayer(`${name}-1`, 600_000), randomLayer(`${name}-2`, 400_000)];
      const tops = await Promise.all(
        ['a', 'b', 'c'].map((top) =>
          buildImage({ layers: [...below, randomLayer(`${name}-${top}`, 50_000)] }),
        ),
      );
      const { engines, graph } = fleet;
      const before = new Set(await allIds(engines[source]));
      for (const image of tops) await load(engines[source], image);
      const ids = (await allIds(engines[source])).filter((id) => !before.has(id));
      assert.equal(ids.length, 3);
      await graph.until(source, ({ slot }) => ids.every((id) => slot.images.has(id)));
      const done = await transfer(source, ids, TARGETS);
      const sizes = [...below, ...tops.map(({ layers }) => layers[2]!)].map(({ entries }) =>
        tarSize(entries),
      );
      for (const target of TARGETS) {
        const images = done[target]!;
        assert.deepEqual(
          images.map(({ mode, layersSent }) => [mode, layersSent]),
          [
            ['WHOLE', 3],
            ['DELTA', 1],
            ['DELTA', 1],
          ],
          target,
        );
        const sent = images.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
        const layers = sizes.reduce((sum, size) => sum + size, 0);
        assert.ok(sent <= layers + 3 * OVERHEAD_BYTES, `${sent} bytes sent`);
        for (const [at, { engineId, tags }] of images.entries()) {
          assert.deepEqual(tags, []);
          const there = await inspect(engines[source], ids[at]!);
          const here = await inspect(engines[target], engineId);
          assert.deepEqual({ ...here, id: there.id }, there);
          assert.deepEqual(here.tags, []);
          if (source !== 'containerd' && target !== 'toContainerd') {
            assert.equal(engineId, ids[at]);
          }
          assert.equal((await savedLayers(engines[target], engineId)).length, 3);
        }
      }
    });

    it(`another architecture: the plan says so, and it is copied: ${source}`, async () => {
      const name = `arm-${source}`;
      const image = await buildImage({
        layers: [randomLayer(name, 50_000)],
        architecture: 'arm64',
        variant: 'v8',
      });
      await loadAndShow(source, image, `${name}:1`);
      const plan = await fleet.plan({
        references: [`${name}:1`],
        source,
        targets: { names: TARGETS },
      });
      for (const { hostName, images } of plan.targets) {
        assert.equal(
          images[0].platformMismatch,
          `the image is for linux/arm64, ${hostName} is linux/amd64`,
        );
      }
      await transfer(source, [`${name}:1`], TARGETS);
      await proveSaved(image, `${name}:1`, TARGETS);
      for (const target of TARGETS) {
        const { platform } = await inspect(fleet.engines[target], `${name}:1`);
        assert.equal(platform, 'linux/arm64/v8');
      }
    });
  }

  for (const [source, target] of [
    ['twenty', 'toClassic'],
    ['classic', 'toContainerd'],
    ['containerd', 'to20'],
  ] as const) {
    it(`120 layers: ${source} to ${target}`, async () => {
      const name = `many-${source}`;
      const layers = Array.from({ length: 120 }, (_, at) => randomLayer(`${name}-${at}`, 100));
      const image = await buildImage({ layers });
      await loadAndShow(source, image, `${name}:1`);
      const done = await transfer(source, [`${name}:1`], [target]);
      assert.equal(done[target]![0].layersSent, 120);
      await proveSaved(image, `${name}:1`, [target]);
    });
  }

  it('127 layers between containerd stores', async () => {
    const layers = Array.from({ length: 127 }, (_, at) => randomLayer(`max-${at}`, 100));
    const image = await buildImage({ layers });
    await loadAndShow('containerd', image, 'max:1');
    const done = await transfer('containerd', ['max:1'], ['toContainerd']);
    assert.equal(done['toContainerd']![0].layersSent, 127);
    await proveSaved(image, 'max:1', ['toContainerd']);
  });
});
