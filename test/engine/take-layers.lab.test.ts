import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { buildImage, randomContent, startEngine } from '../lab/index.ts';
import type { BuiltImage } from '../lab/index.ts';
import { randomImage } from '../support/own-engine.ts';
import { startEngineProxy } from '../support/engine-proxy.ts';
import {
  leavesAsItWas,
  load,
  overSsh,
  overSshWithoutForwarding,
  overTcp,
  overUnix,
  reach,
} from './take-ground.ts';
import type { Reached } from './take-ground.ts';

const MB = 1024 * 1024;

/** Takes these layers, and proves what came; by the places of layers, from the bottom up. */
async function take(
  { engine }: Reached,
  image: BuiltImage,
  tag: string,
  places: number[],
  signal = AbortSignal.timeout(60_000),
): Promise<void> {
  const diffIds = places.map((place) => image.diffIds.at(place)!);
  const { config, layers } = await engine.verbs.takeLayers(
    { id: image.configDigest, name: tag },
    { diffIds: new Set(diffIds), maxBytes: 64 * MB, signal },
  );
  assert.equal(digestOf(config), image.configDigest);
  assert.deepEqual(layers.map(({ diffId }) => diffId).toSorted(), diffIds.toSorted());
  for (const { diffId, sizeBytes, chunks } of layers) {
    assert.equal(digestOf(chunks), diffId);
    assert.equal(
      chunks.reduce((sum, { length }) => sum + length, 0),
      sizeBytes,
    );
  }
}

const WAYS = [
  ['20.10', 'a unix socket', overUnix],
  ['26.1', 'a unix socket', overUnix],
  ['26.1', 'TCP', overTcp],
  ['20.10', 'SSH', overSsh],
] as const;

for (const [release, name, way] of WAYS) {
  suite(`${release} over ${name} gives`, { timeout: 180_000 }, () => {
    let own: Reached;
    before(async () => {
      own = await reach({ release }, way);
    });
    after(() => own?.[Symbol.asyncDispose]());

    test('the top of an image, twice in a row', async () => {
      const image = await randomImage('take-top', 20 * MB, MB);
      await load(own, image, 'take/top:1');
      await leavesAsItWas(own, async () => {
        await take(own, image, 'take/top:1', [-1]);
        await take(own, image, 'take/top:1', [-1]);
      });
    });

    test('two layers of three', async () => {
      const image = await randomImage('take-two', 10 * MB, 300_000, MB);
      await load(own, image, 'take/two:1', 'take/two:2');
      await leavesAsItWas(own, () => take(own, image, 'take/two:2', [-1, -2]));
      await leavesAsItWas(own, () => take(own, image, 'take/two:1', [0, 2]));
    });

    test('layers of next to nothing', async () => {
      const image = await randomImage('take-small', 5 * MB, 1, 2);
      await load(own, image, 'take/small:1');
      await leavesAsItWas(own, () => take(own, image, 'take/small:1', [-1, -2]));
    });

    test('no layer but the config, which is the image', async () => {
      const image = await randomImage('take-config', MB);
      await load(own, image, 'take/config:1');
      await leavesAsItWas(own, () => take(own, image, 'take/config:1', []));
    });

    test('layers of an image for another machine', async () => {
      const image = await buildImage({
        architecture: 'arm64',
        variant: 'v8',
        layers: [10 * MB, 200_000].map((size, at) => ({
          entries: [{ path: `arm-${at}`, content: randomContent(`arm-${at}`, size) }],
        })),
      });
      await load(own, image, 'take/arm:1');
      await leavesAsItWas(own, () => take(own, image, 'take/arm:1', [-1]));
    });

    test('layers of an image of very many', async () => {
      const image = await randomImage('take-many', ...Array.from({ length: 110 }, () => 20_000));
      await load(own, image, 'take/many:1');
      await leavesAsItWas(own, () => take(own, image, 'take/many:1', [-1, -2, -3]));
    });

    test('layers of two images to two who ask at once', async () => {
      const images = await Promise.all([
        randomImage('take-one', 10 * MB, MB),
        randomImage('take-other', 10 * MB, MB),
      ]);
      await Promise.all(images.map((image, at) => load(own, image, `take/pair:${at}`)));
      await leavesAsItWas(own, async () => {
        await Promise.all(images.map((image, at) => take(own, image, `take/pair:${at}`, [-1])));
      });
    });
  });
}

for (const release of ['20.10', '26.1'] as const) {
  suite(`a take from ${release}`, { timeout: 120_000 }, () => {
    test('that is given up in the middle leaves nothing, and the next one works', async () => {
      await using dockerd = await startEngine({ release });
      await using proxy = await startEngineProxy(dockerd);
      const engine = openEngine(
        { transport: 'UNIX', socketPath: proxy.socketPath },
        { host: 'own' },
      );
      await engine.connect();
      const own = { dockerd, engine, [Symbol.asyncDispose]: async () => {} };
      const image = await randomImage('take-abort', 20 * MB, 30 * MB);
      await load(own, image, 'take/abort:1');
      const tagged = (stop: () => void) => proxy.before('POST /grpc', async () => stop());
      const pushing = (stop: () => void) => proxy.whenSaid(/\/push$/, '"Pushing"', stop);
      // More often than an engine has slots for uploads.
      for (const when of [tagged, ...Array.from({ length: 6 }, () => pushing)]) {
        const asker = new AbortController();
        when(() => asker.abort());
        await leavesAsItWas(own, () =>
          assert.rejects(take(own, image, 'take/abort:1', [-1], asker.signal), {
            code: 'CANCELLED',
          }),
        );
      }
      await leavesAsItWas(own, () => take(own, image, 'take/abort:1', [-1]));
      await engine.close();
    });
  });
}

test('an SSH server that forwards nothing is told as such, and nothing is left', async () => {
  await using own = await reach({ release: '20.10' }, overSshWithoutForwarding);
  const image = await randomImage('take-refused', 100_000);
  await load(own, image, 'take/refused:1');
  await leavesAsItWas(own, () =>
    assert.rejects(take(own, image, 'take/refused:1', [-1]), {
      code: 'ENGINE_UNSUPPORTED',
      host: 'own',
      message: /^own: the SSH server opens no port for us; AllowTcpForwarding would let it$/,
    }),
  );
});
