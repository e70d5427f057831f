import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import type { ImageDocuments } from '../../src/engine/image-verbs.ts';
import { buildImage, randomContent, startEngine, startRegistry } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayRegistry } from '../lab/index.ts';
import { archiveOf, randomImage } from '../support/own-engine.ts';
import { leavesAsItWas, load, overSsh, overUnix, reach } from './take-ground.ts';
import type { Reached } from './take-ground.ts';

const MB = 1024 * 1024;
const CONTAINERD = { release: '26.1', store: 'containerd' } as const;

interface Manifest {
  config: { digest: string };
  layers: { digest: string; size: number }[];
}

function manifestOf({ root, documents }: ImageDocuments): Manifest {
  assert.equal(digestOf(documents.get(root.digest)!), root.digest);
  return JSON.parse(documents.get(root.digest)!.toString('utf8')) as Manifest;
}

/** Takes the config and the layer at that place, and proves what came. */
async function take(
  { engine }: Reached,
  name: string,
  place: number,
  signal = AbortSignal.timeout(60_000),
): Promise<{ manifest: Manifest; layer: Buffer; config: Buffer }> {
  const id = await engine.imageId(name);
  const { blobs, ...documents } = await engine.verbs.takeContent(
    { id: id!, name },
    {
      choose: (image) => {
        const { config, layers } = manifestOf(image);
        return new Set([config.digest, layers.at(place)!.digest]);
      },
      maxBytes: 64 * MB,
      signal,
    },
  );
  const manifest = manifestOf(documents);
  const { digest, size } = manifest.layers.at(place)!;
  assert.deepEqual([...blobs.keys()].toSorted(), [manifest.config.digest, digest].toSorted());
  for (const [named, chunks] of blobs) assert.equal(digestOf(chunks), named);
  const layer = Buffer.concat(blobs.get(digest)!);
  assert.equal(layer.length, size);
  return { manifest, layer, config: Buffer.concat(blobs.get(manifest.config.digest)!) };
}

for (const [name, way] of [
  ['a unix socket', overUnix],
  ['SSH', overSsh],
] as const) {
  suite(`a containerd store over ${name} gives`, { timeout: 180_000 }, () => {
    let own: Reached;
    before(async () => {
      own = await reach(CONTAINERD, way);
    });
    after(() => own?.[Symbol.asyncDispose]());

    test('a layer of an image that was loaded, twice in a row, as it is stored', async () => {
      const image = await randomImage('content-top', 20 * MB, MB);
      await load(own, image, 'content/top:1');
      await leavesAsItWas(own, async () => {
        const { config, layer } = await take(own, 'content/top:1', -1);
        assert.equal(digestOf(config), image.configDigest);
        assert.equal(digestOf(layer), image.diffIds.at(-1));
        await take(own, 'content/top:1', -1);
      });
    });

    test('a layer that lies below others, and layers to two who ask at once', async () => {
      const image = await randomImage('content-low', MB, 20 * MB, 300_000);
      await load(own, image, 'content/low:1', 'content/low:2');
      await leavesAsItWas(own, async () => {
        await Promise.all([take(own, 'content/low:1', 0), take(own, 'content/low:2', -1)]);
      });
    });

    test('layers of an image of very many, and of one for another machine', async () => {
      const many = await randomImage('content-many', ...Array.from({ length: 110 }, () => 20_000));
      const arm = await buildImage({
        architecture: 'arm64',
        variant: 'v8',
        layers: [{ entries: [{ path: 'arm', content: randomContent('content-arm', 100_000) }] }],
      });
      await load(own, many, 'content/many:1');
      await load(own, arm, 'content/arm:1');
      await leavesAsItWas(own, async () => {
        await take(own, 'content/many:1', -1);
        await take(own, 'content/arm:1', 0);
      });
    });

    test('what it chose not to take, to nobody', async () => {
      await load(own, await randomImage('content-no', MB), 'content/no:1');
      const image = { id: (await own.engine.imageId('content/no:1'))!, name: 'content/no:1' };
      const no = new Error('not this one');
      const choose = () => {
        throw no;
      };
      const signal = AbortSignal.timeout(60_000);
      await leavesAsItWas(own, () =>
        assert.rejects(own.engine.verbs.takeContent(image, { choose, maxBytes: MB, signal }), no),
      );
    });
  });
}

suite('what a containerd store pulled', { timeout: 180_000 }, () => {
  let own: Reached;
  let registry: ThrowAwayRegistry;
  before(async () => {
    [own, registry] = await Promise.all([reach(CONTAINERD, overUnix), startRegistry()]);
  });
  after(async () => {
    await own?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  /** Pushes images, by tag, from an engine that is gone afterwards. */
  const publish = async (images: Record<string, BuiltImage>): Promise<void> => {
    await using classic = await startEngine({ release: '20.10' });
    for (const [tag, image] of Object.entries(images)) {
      const reference = `${registry.address}/pulled:${tag}`;
      await classic.docker(['load'], { input: archiveOf(image, reference) });
      await classic.docker(['push', reference]);
    }
  };

  test('is given compressed, as it came', async () => {
    const image = await randomImage('content-pulled', 10 * MB, MB);
    await publish({ one: image });
    const reference = `${registry.address}/pulled:one`;
    await own.dockerd.docker(['pull', reference]);
    await leavesAsItWas(own, async () => {
      const { layer, config } = await take(own, reference, -1);
      assert.equal(digestOf(config), image.configDigest);
      assert.equal(layer.subarray(0, 2).toString('hex'), '1f8b', 'gzip');
    });
  });

  test('is not given where it has only one platform of an index', async () => {
    const of = (architecture: string) =>
      buildImage({
        architecture,
        layers: [{ entries: [{ path: 'a', content: randomContent(architecture, 1000) }] }],
      });
    await publish({ arm: await of('arm64'), amd: await of('amd64') });
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const manifests = `http://${registry.address}/v2/pulled/manifests/`;
    const rows = await Promise.all(
      ['arm', 'amd'].map(async (tag) => {
        const answer = await fetch(manifests + tag, { headers: { accept: type } });
        const bytes = Buffer.from(await answer.arrayBuffer());
        const platform = { os: 'linux', architecture: `${tag}64` };
        return { mediaType: type, digest: digestOf(bytes), size: bytes.length, platform };
      }),
    );
    const mediaType = 'application/vnd.docker.distribution.manifest.list.v2+json';
    const put = await fetch(`${manifests}all`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: JSON.stringify({ schemaVersion: 2, mediaType, manifests: rows }),
    });
    assert.equal(put.status, 201, await put.text());
    const name = `${registry.address}/pulled:all`;
    await own.dockerd.docker(['pull', name]);
    const image = { id: (await own.engine.imageId(name))!, name };
    const choose = () => new Set<string>();
    await leavesAsItWas(own, () =>
      assert.rejects(
        own.engine.verbs.takeContent(image, {
          choose,
          maxBytes: MB,
          signal: AbortSignal.timeout(60_000),
        }),
        { code: 'ENGINE_ERROR', host: 'own' },
      ),
    );
  });
});
