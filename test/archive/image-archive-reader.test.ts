import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import { UniversalArchive } from '../../src/archive/universal-archive.ts';
import type { ArchiveContents } from '../../src/archive/image-archive.ts';
import {
  blobPath,
  expectedOf,
  indexEntries,
  madeImage,
  madeLayer,
  ociEntries,
  podmanEntries,
  tarOf,
  v1Entries,
} from './archive-builder.ts';
import { read } from './read-archive.ts';

const layerOf = (name: string) => madeLayer(name, Buffer.from(name.repeat(300)));
const LAYERS = await Promise.all(['base', 'middle', 'top'].map(layerOf));
const [BASE, MIDDLE, TOP] = LAYERS as [Buffer, Buffer, Buffer];
const IMAGE = madeImage([BASE, MIDDLE, BASE, TOP]);
const CLASSIC = ociEntries(IMAGE);
const SNAP = ociEntries(IMAGE, 'gzip', 'zstd');

suite('what is read of an archive', () => {
  const layouts = {
    'of 20.10': { entries: v1Entries(IMAGE), expected: expectedOf(IMAGE) },
    'of podman': { entries: podmanEntries(IMAGE), expected: expectedOf(IMAGE) },
    'of 26.1 classic': { entries: CLASSIC.entries, expected: expectedOf(IMAGE) },
    'of a containerd store': {
      entries: SNAP.entries,
      expected: expectedOf(IMAGE, SNAP.rootDigest),
    },
  };

  for (const [name, { entries, expected }] of Object.entries(layouts)) {
    test(`${name}: each layer once, config, and how they belong together`, async () => {
      const { contents, layers, calls } = read(await tarOf(entries), expected);
      assert.equal(contents.configDigest, IMAGE.configDigest);
      assert.ok(contents.config.equals(IMAGE.config));
      assert.deepEqual(
        contents.layers.map(({ diffId }) => diffId),
        IMAGE.diffIds,
      );
      assert.equal(calls.filter((call) => call.startsWith('known')).length, 1);
      const digests = layers.map(({ bytes }) => digestOf(bytes));
      assert.deepEqual(
        digests.toSorted(),
        [...new Set(contents.layers.map(({ digest }) => digest))].toSorted(),
      );
      for (const { layer, bytes } of layers) {
        assert.equal(layer.sizeBytes, bytes.length);
        assert.equal(layer.digest, digestOf(bytes));
        const diffId = contents.knowledge.diffIdOf[layer.name];
        // A compressed blob may pass before the documents that say what it is.
        assert.ok(layer.diffId === null ? layer.digest !== diffId : layer.diffId === diffId);
        assert.ok(contents.knowledge.layers.includes(layer.name));
      }
    });

    test(`${name}: known beforehand, every layer is`, async () => {
      const tar = await tarOf(entries);
      const { knowledge } = read(tar, expected).contents;
      const known = JSON.parse(JSON.stringify(knowledge)) as typeof knowledge;
      for (const { layer } of read(tar, expected, { known }).layers) {
        assert.ok(IMAGE.diffIds.includes(layer.diffId!));
      }
    });
  }

  test('the names of 20.10 in every time zone, whichever directory comes first', async () => {
    for (const epoch of [
      '1970-01-01T00:00:00Z',
      '1969-12-31T19:00:00-05:00',
      '1970-01-01T05:45:00+05:45',
      '1970-01-01T13:00:00+13:00',
    ]) {
      for (let round = 0; round < 4; round++) {
        const image = madeImage([BASE, MIDDLE, await layerOf(`top ${round}`)]);
        const { layers } = read(await tarOf(v1Entries(image, epoch)), expectedOf(image));
        for (const { layer, bytes } of layers) assert.equal(layer.diffId, digestOf(bytes));
      }
    }
  });

  test('names of 20.10 that cannot be told are none, and are known afterwards', async () => {
    const entries = v1Entries(IMAGE, '1969-12-31T23:15:30-00:44:30').map((entry) =>
      entry.path.endsWith('/json') ? { path: entry.path, content: Buffer.from('{}') } : entry,
    );
    const { layers, contents } = read(await tarOf(entries), expectedOf(IMAGE));
    assert.equal(layers.length, 3);
    for (const { layer, bytes } of layers) {
      assert.equal(layer.diffId, null);
      assert.equal(layer.digest, null);
      assert.equal(contents.knowledge.diffIdOf[layer.name], digestOf(bytes));
    }
  });

  test('a directory may be called as what every object has', async () => {
    const image = madeImage([BASE]);
    const config = `${image.configDigest.slice(7)}.json`;
    const list = [{ Config: config, Layers: ['constructor/layer.tar'] }];
    const tar = await tarOf([
      { path: config, content: image.config },
      { path: 'constructor/layer.tar', content: BASE },
      { path: 'manifest.json', content: Buffer.from(JSON.stringify(list)) },
    ]);
    const known = { diffIdOf: {}, layers: [] };
    const { layers, contents } = read(tar, expectedOf(image), { known });
    assert.equal(layers[0]?.layer.diffId, null);
    assert.equal(contents.knowledge.diffIdOf['constructor'], image.diffIds[0]);
  });

  test('the documents of the source are kept as they are, those of other platforms too', async () => {
    const other = madeImage([BASE, await layerOf('arm')], 'arm64');
    const { entries, rootDigest } = indexEntries([IMAGE, other], 'gzip');
    const expected = expectedOf(IMAGE, rootDigest);
    const { contents, layers } = read(await tarOf(entries), expected);
    const { original } = contents as { original: NonNullable<ArchiveContents['original']> };
    assert.equal(original.root.digest, rootDigest);
    assert.equal(original.documents.size, 5);
    for (const [digest, { bytes }] of original.documents) assert.equal(digestOf(bytes), digest);
    assert.equal(layers.length, 4);
    const again = read(await tarOf(entries), expected, { known: contents.knowledge });
    const isOther = again.layers.filter(({ layer }) => !layer.isOfPlatform);
    assert.deepEqual(
      isOther.map(({ layer }) => layer.diffId),
      [other.diffIds[1]],
    );
    // What lacks its layers is left out.
    const lacking = entries.filter(({ path }) => path !== blobPath(isOther[0]!.layer.name));
    assert.equal(read(await tarOf(lacking), expected).contents.original?.documents.size, 3);
  });

  test('a small layer that begins as JSON does is a layer', async () => {
    const odd = await madeLayer('{"manifests": []}', Buffer.from('x'));
    const image = madeImage([odd, Buffer.from('{"a": 1}')]);
    const { layers } = read(await tarOf(ociEntries(image).entries), expectedOf(image));
    assert.deepEqual(layers.map(({ layer }) => layer.diffId).toSorted(), image.diffIds.toSorted());
  });

  test('an image without layers, and one whose layer has no bytes', async () => {
    for (const image of [madeImage([]), madeImage([Buffer.alloc(0)])]) {
      const { contents } = read(await tarOf(ociEntries(image).entries), expectedOf(image));
      assert.equal(contents.layers.length, image.layers.length);
    }
  });

  test('what nothing needs is passed over', async () => {
    const extra = [
      { path: 'repositories', content: Buffer.from('{}') },
      { path: 'README', content: Buffer.alloc(100_000, 'x') },
      { path: 'a/b/c', folder: true as const },
      { path: 'a/link', linkTo: '../README' },
    ];
    const { layers } = read(await tarOf([...extra, ...CLASSIC.entries]), expectedOf(IMAGE));
    assert.equal(layers.length, 3);
  });

  test('chunks of any size are the same to it', async () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (const [name, { entries, expected }] of Object.entries(layouts)) {
      const tar = await tarOf(entries);
      const { parts: _, ...whole } = read(tar, expected);
      for (const size of [1, 511, 512, 513, 64 * 1024]) {
        const { parts: _, ...again } = read(tar, expected, { split: () => size });
        assert.deepEqual(again, whole, `${name}: ${size}`);
      }
      for (let round = 0; round < 20; round++) {
        const most = 1 + random(3000);
        const split = () => 1 + random(most);
        const { parts: _, ...again } = read(tar, expected, { split });
        assert.deepEqual(again, whole, `${name}: up to ${most}`);
      }
    }
  });

  test('payload is passed on, not copied', async () => {
    const tar = await tarOf(CLASSIC.entries);
    const { parts } = read(tar, expectedOf(IMAGE));
    for (const part of parts) assert.equal(part.buffer, tar.buffer);
  });
});

suite('the universal archive', () => {
  test('names every layer in order, also those that are not sent', async () => {
    const { contents, layers } = read(await tarOf(v1Entries(IMAGE)), expectedOf(IMAGE));
    const archive = new UniversalArchive();
    const { layer, bytes } = layers.find(({ layer }) => layer.diffId === IMAGE.diffIds[3])!;
    assert.equal(archive.rootDigest, null);
    const head = [archive.begin(layer), bytes, archive.end()];
    assert.throws(() => archive.begin(layer), /in this archive already/);
    const tar = Buffer.concat([...head, ...archive.finish(contents, { keepOriginal: true })]);
    assert.equal(tar.length % 512, 0);
    const entries = ociEntries(IMAGE).entries.filter(({ path }) =>
      path.startsWith('blobs/sha256/'),
    );
    for (const { path } of entries) {
      const isThere = tar.includes(`${path}\0`);
      const isLeftOut = [0, 1].some((at) => path === blobPath(IMAGE.diffIds[at]!));
      assert.equal(isThere, !isLeftOut && path !== 'blobs/sha256/', path);
    }
    const Layers = IMAGE.diffIds.map(blobPath);
    assert.ok(tar.includes(JSON.stringify(Layers)));
    assert.equal(archive.rootDigest, ociEntries(IMAGE).rootDigest);
  });

  test('is read as the image that it was made of', async () => {
    const sources = {
      v1: { entries: v1Entries(IMAGE), expected: expectedOf(IMAGE) },
      snap: { entries: SNAP.entries, expected: expectedOf(IMAGE, SNAP.rootDigest) },
    };
    for (const { entries, expected } of Object.values(sources)) {
      for (const keepOriginal of [true, false]) {
        const { contents, layers } = read(await tarOf(entries), expected);
        const archive = new UniversalArchive();
        const parts = layers.flatMap(({ layer, bytes }) => [
          archive.begin(layer),
          bytes,
          archive.end(),
        ]);
        const tar = Buffer.concat([...parts, ...archive.finish(contents, { keepOriginal })]);
        const again = read(tar, expectedOf(IMAGE, archive.rootDigest!)).contents;
        assert.deepEqual(again.layers, contents.layers);
        assert.equal(again.configDigest, contents.configDigest);
        if (keepOriginal && contents.original !== null) {
          assert.equal(archive.rootDigest, contents.original.root.digest);
        }
      }
    }
  });

  test('takes layers without a digest, and is docker-archive alone then', async () => {
    const entries = v1Entries(IMAGE).filter(({ path }) => !path.endsWith('/json'));
    const { contents, layers } = read(await tarOf(entries), expectedOf(IMAGE));
    const archive = new UniversalArchive();
    const parts = layers.flatMap(({ layer, bytes }) => [
      archive.begin(layer),
      bytes,
      archive.end(),
    ]);
    const tar = Buffer.concat([...parts, ...archive.finish(contents, { keepOriginal: false })]);
    assert.equal(archive.rootDigest, null);
    const text = tar.toString('latin1');
    assert.equal(text.indexOf('oci-layout'), -1);
    const start = text.indexOf('[{"Config"');
    const list = text.slice(start, text.indexOf('\0', start));
    const [{ Layers }] = JSON.parse(list) as [{ Layers: string[] }];
    const order = layers.map(({ bytes }) => digestOf(bytes));
    assert.deepEqual(
      Layers,
      IMAGE.diffIds.map((diffId) => `layers/${order.indexOf(diffId)}.tar`),
    );
  });
});
