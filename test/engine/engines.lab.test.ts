import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Engine, EngineInfo } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { HOST_NAMES, lab } from '../lab/index.ts';
import type { HostName, Lab } from '../lab/index.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';

interface OpenHost {
  engine: Engine;
  info: EngineInfo;
}

const STORES = {
  alpha: 'CLASSIC',
  bravo: 'CLASSIC',
  charlie: 'CLASSIC',
  delta: 'CLASSIC',
  echo: 'CONTAINERD',
} as const;

/** JSON lines of a docker command. */
async function rows(
  { docker }: Lab,
  host: HostName,
  ...args: string[]
): Promise<Record<string, string>[]> {
  const text = await docker(host, [...args, '--format', '{{json .}}']);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, string>);
}

/** Bytes as the docker CLI rounds them: four significant digits, powers of 1000. */
function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(4))}${units[unit]}`;
}

suite('engines of the lab', () => {
  let theLab: Lab;
  const hosts = {} as Record<HostName, OpenHost>;

  before(async () => {
    theLab = await lab();
    for (const name of HOST_NAMES) {
      const engine = openEngine(labEndpoint(theLab, name), { host: name });
      hosts[name] = { engine, info: await engine.connect() };
    }
  });
  after(async () => {
    for (const { engine } of Object.values(hosts)) await engine.close();
  });

  for (const name of HOST_NAMES) {
    test(`${name}: says what it is`, async () => {
      const { info, engine } = hosts[name];
      const { engineVersion, apiVersion } = theLab.hosts[name];
      assert.equal(info.version, engineVersion);
      assert.equal(info.apiVersion, apiVersion);
      assert.equal(info.imageStore, STORES[name]);
      assert.equal(info.os, 'linux');
      assert.ok(info.insecureRegistries.includes('127.0.0.0/8'));
      assert.ok((info.memoryBytes ?? 0) > 0);
      assert.ok((await engine.ping()) > 0);
    });

    test(`${name}: lists images as docker images does`, async () => {
      const listed = await hosts[name].engine.listImages();
      const ours = listed.flatMap(({ id, tags, createdAt }) => {
        assert.ok(createdAt > 0);
        return tags.length === 0 ? [`<none> ${id}`] : tags.map((tag) => `${tag} ${id}`);
      });
      const theirs = (await rows(theLab, name, 'images', '--no-trunc')).map(
        ({ Repository, Tag, ID }) =>
          Tag === '<none>' ? `<none> ${ID}` : `${Repository}:${Tag} ${ID}`,
      );
      assert.deepEqual(ours.toSorted(), theirs.toSorted());
    });

    test(`${name}: lists digests as docker images --digests does`, async () => {
      const listed = await hosts[name].engine.listImages();
      const ours = new Set(listed.flatMap(({ repoDigests }) => repoDigests));
      const theirs = (await rows(theLab, name, 'images', '--digests', '--no-trunc'))
        .filter(({ Digest, Repository }) => Digest !== '<none>' && Repository !== '<none>')
        .map(({ Digest, Repository }) => `${Repository}@${Digest}`);
      assert.deepEqual([...ours].toSorted(), [...new Set(theirs)].toSorted());
    });

    test(`${name}: lists containers as docker ps does`, async () => {
      const ours = (await hosts[name].engine.listContainers()).map(
        ({ id, name: own, image, state }) => `${id} ${own} ${image} ${state}`,
      );
      const theirs = (await rows(theLab, name, 'ps', '-a', '--no-trunc')).map(
        ({ ID, Names, Image, State }) => `${ID} ${Names} ${Image} ${State}`,
      );
      assert.deepEqual(ours.toSorted(), theirs.toSorted());
      const images = new Set((await hosts[name].engine.listImages()).map(({ id }) => id));
      for (const { imageId } of await hosts[name].engine.listContainers()) {
        assert.ok(images.has(imageId), `the image of a container is listed: ${imageId}`);
      }
    });

    test(`${name}: tells history as docker history does, and its layers' sizes`, async () => {
      const { engine } = hosts[name];
      for (const { id } of await engine.listImages()) {
        const facts = await engine.imageFacts(id);
        const ours = facts.history.toReversed();
        const theirs = await rows(theLab, name, 'history', '--no-trunc', '--human=false', id);
        assert.deepEqual(
          ours.map(({ createdBy, sizeBytes }) => `${sizeBytes} ${createdBy}`),
          theirs.map(({ CreatedBy, Size }) => `${Size} ${CreatedBy}`),
        );
        const inspected = await theLab.docker(name, ['inspect', '--format={{json .RootFS}}', id]);
        const { Layers } = JSON.parse(inspected) as { Layers?: string[] };
        assert.deepEqual(
          facts.layers.map(({ diffId }) => diffId),
          Layers ?? [],
        );
        assert.equal(facts.history.filter((step) => !step.emptyLayer).length, facts.layers.length);
        assert.ok(
          facts.layers.every(({ sizeBytes }) => sizeBytes !== null),
          `every layer of ${id} has its size`,
        );
      }
    });

    test(`${name}: tells disk usage as docker system df does`, async () => {
      const usage = await hosts[name].engine.diskUsage();
      const theirs = await rows(theLab, name, 'system', 'df');
      const ours = [
        ['Images', usage.images],
        ['Containers', usage.containers],
        ['Local Volumes', usage.volumes],
        ['Build Cache', usage.buildCache],
      ] as const;
      for (const [type, entry] of ours) {
        const row = theirs.find(({ Type }) => Type === type);
        assert.ok(row, type);
        assert.equal(row['TotalCount'], String(entry.totalCount), type);
        assert.equal(row['Active'], String(entry.activeCount), type);
        assert.equal(row['Size'], humanSize(entry.sizeBytes), type);
        assert.equal(
          row['Reclaimable']?.replace(/ \(.*$/, ''),
          humanSize(entry.reclaimableBytes),
          type,
        );
      }
    });
  }

  test('an image has one content digest whichever stores hold it, another image another', async () => {
    const images = new Map<string, string>();
    let acrossStores = 0;
    for (const { key, ids } of theLab.images) {
      const holders = Object.entries(ids) as [HostName, string][];
      const digests = await Promise.all(
        holders.map(async ([host, id]) => (await hosts[host].engine.imageFacts(id)).contentDigest),
      );
      assert.equal(new Set(digests).size, 1, `${key} on ${holders.map(([host]) => host).join()}`);
      assert.equal(images.get(digests[0]!), undefined, `${key} is told from others`);
      images.set(digests[0]!, key);
      if (ids.echo !== undefined && new Set(Object.values(ids)).size > 1) acrossStores++;
    }
    assert.ok(acrossStores >= 5, `${acrossStores} images are in stores that name them differently`);
  });

  test('every engine opens an event stream at once', async () => {
    const stop = new AbortController();
    await Promise.all(HOST_NAMES.map((name) => hosts[name].engine.events({ signal: stop.signal })));
    stop.abort();
  });
});
