import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import type { ExpectedImage } from '../../src/archive/image-archive.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { archiveOf, ENGINE_KINDS, randomImage, startOwnEngine } from '../support/own-engine.ts';
import type { OwnEngine } from '../support/own-engine.ts';
import {
  expectedOf,
  indexEntries,
  madeImage,
  madeLayer,
  ociEntries,
  podmanEntries,
  tarOf,
  v1Entries,
} from './archive-builder.ts';
import type { MadeImage } from './archive-builder.ts';
import { collected, throughArchive } from './through-archive.ts';
import type { ThroughOptions, ThroughResult } from './through-archive.ts';

const MB = 1024 * 1024;
const { signal } = new AbortController();
const [OLD, NEW, SNAP] = [0, 1, 2] as const;

suite('the universal archive between engines', () => {
  const engines: OwnEngine[] = [];
  const nameOf = (n: number) => `${ENGINE_KINDS[n]!.release} ${ENGINE_KINDS[n]!.store}`;
  const engineOf = (n: number) => engines[n]!.engine;
  before(async () => {
    engines.push(...(await Promise.all(ENGINE_KINDS.map((kind) => startOwnEngine(kind)))));
  });
  after(async () => {
    await Promise.all(engines.map((own) => own[Symbol.asyncDispose]()));
  });

  /** An image with one small layer for each name; equal names are equal layers. */
  const imageOf = async (...names: string[]): Promise<MadeImage> =>
    madeImage(
      await Promise.all(names.map((name) => madeLayer(name, Buffer.from(name.repeat(50))))),
    );

  const put = async (engine: Engine, archive: Readable | Buffer): Promise<string> => {
    const stream = archive instanceof Readable ? archive : Readable.from([archive]);
    const { ids, references } = await engine.verbs.loadImages(stream, {});
    assert.deepEqual(references, []);
    assert.equal(ids.length, 1);
    return ids[0]!;
  };

  const expectedOn = async (engine: Engine, id: string): Promise<ExpectedImage> => {
    const { os, architecture, variant, layers } = await engine.imageFacts(id);
    return { id, os, architecture, variant, diffIds: layers.map(({ diffId }) => diffId) };
  };

  const taken = async (engine: Engine, id: string, options: ThroughOptions = {}) => {
    const saved = await engine.verbs.saveImages([id], { signal });
    return collected(throughArchive(saved, await expectedOn(engine, id), options));
  };

  const removeAll = async (engine: Engine) => {
    for (const { id } of await engine.listImages()) {
      await engine.verbs.removeImage(id, { force: true });
    }
  };

  /** Takes an image from one engine to others, the same one again among them, and compares. */
  const goesRound = async (
    from: number,
    archive: Buffer,
    targets: readonly number[] = [OLD, NEW, SNAP],
  ) => {
    const source = engineOf(from);
    await Promise.all(engines.map(({ engine }) => removeAll(engine)));
    const id = await put(source, archive);
    const facts = await source.imageFacts(id);
    const original = await taken(source, id);
    const { contents } = original;
    const again = await taken(source, id, { known: contents.knowledge });
    assert.ok(again.bytes.equals(original.bytes), 'what is known changes nothing');
    const made = await taken(source, id, { keepOriginal: false, known: contents.knowledge });
    await removeAll(source);
    for (const { bytes, rootDigest } of [original, made]) {
      for (const to of targets) {
        const target = engineOf(to);
        const loaded = await put(target, bytes);
        const there = await target.imageFacts(loaded);
        assert.equal(there.contentDigest, facts.contentDigest, nameOf(to));
        assert.equal(loaded, to === SNAP ? rootDigest : contents.configDigest);
        if (to === from && bytes === original.bytes) assert.equal(loaded, id);
        // Classic stores save no image without layers.
        if (facts.layers.length > 0 || to === SNAP) {
          const whole = await taken(target, loaded);
          assert.equal(whole.contents.configDigest, contents.configDigest);
          assert.equal(whole.contents.layers.length, facts.layers.length);
        }
        await removeAll(target);
      }
    }
  };

  for (const from of [OLD, NEW, SNAP]) {
    test(`${nameOf(from)}: an image, with a repeated layer, goes to every engine`, async () => {
      const image = await randomImage(`round-${from}`, 2 * MB, 300, 70_000);
      await goesRound(from, await buffer(archiveOf(image)));
      const { entries } = ociEntries(await imageOf('a', 'b', 'a', 'c', 'b'));
      await goesRound(from, await tarOf(entries));
    });

    test(`${nameOf(from)}: an empty layer`, async () => {
      const empty = madeImage([await tarOf([])]);
      await goesRound(from, await tarOf(ociEntries(empty).entries));
    });

    const to = (from + 1) % ENGINE_KINDS.length;
    test(`${nameOf(from)} → ${nameOf(to)}: 120 layers`, async () => {
      const [source, target] = [engineOf(from), engineOf(to)];
      await Promise.all([removeAll(source), removeAll(target)]);
      const image = await imageOf(...Array.from({ length: 120 }, (_, at) => `layer-${at}`));
      const id = await put(source, await tarOf(ociEntries(image).entries));
      const loaded = await put(target, (await taken(source, id)).bytes);
      const whole = await taken(target, loaded);
      assert.equal(whole.contents.configDigest, image.configDigest);
      assert.deepEqual((await expectedOn(target, loaded)).diffIds, image.diffIds);
    });

    test(`${nameOf(from)}: only the missing layer is sent where the base is loaded`, async () => {
      await Promise.all(engines.map(({ engine }) => removeAll(engine)));
      const base = await imageOf('base', 'more', 'base');
      const app = await imageOf('base', 'more', 'base', 'app');
      const source = engineOf(from);
      const id = await put(source, await tarOf(ociEntries(app).entries));
      const leaveOut = new Set(base.diffIds);
      const { contents } = await taken(source, id);
      for (const to of [OLD, NEW, SNAP].filter((to) => to !== from)) {
        const target = engineOf(to);
        await put(target, await tarOf(ociEntries(base).entries));
        const { knowledge } = contents;
        const delta = await taken(source, id, { leaveOut, known: knowledge, keepOriginal: false });
        assert.deepEqual(
          delta.sent.map(({ diffId }) => diffId),
          app.diffIds.slice(-1),
        );
        assert.equal(delta.sent.length, 1);
        const loaded = await put(target, delta.bytes);
        const whole = await taken(target, loaded);
        assert.equal(whole.contents.configDigest, app.configDigest);
        await removeAll(target);
      }
    });
  }

  test('archives of podman, and of 20.10 whose names cannot be told, go to every engine', async () => {
    const image = await imageOf('a', 'b', 'a', 'c');
    const nameless = v1Entries(image).filter(({ path }) => !path.endsWith('/json'));
    for (const entries of [podmanEntries(image), nameless]) {
      const saved = Readable.from([await tarOf(entries)]);
      const { bytes, sent } = await collected(throughArchive(saved, expectedOf(image)));
      assert.equal(sent.length, 3);
      for (const { engine } of engines) {
        await removeAll(engine);
        const loaded = await put(engine, bytes);
        const whole = await taken(engine, loaded);
        assert.equal(whole.contents.configDigest, image.configDigest);
        await removeAll(engine);
      }
    }
  });

  test('an image without layers, which only a containerd store saves', async () => {
    await goesRound(SNAP, await tarOf(ociEntries(madeImage([])).entries));
  });

  test('compressed blobs keep their digests', async () => {
    const image = await imageOf('one', 'two', 'three', 'four');
    const gzip = await tarOf(ociEntries(image, 'gzip').entries);
    await goesRound(SNAP, gzip);
    const mixed = await tarOf(ociEntries(image, 'zstd', 'gzip', 'none').entries);
    // 20.10 knows no zstd.
    await goesRound(SNAP, mixed, [NEW, SNAP]);
  });

  test('an index of several platforms: with its ID, or the one platform alone', async () => {
    const amd = await imageOf('amd', 'common');
    const other = madeImage((await imageOf('arm', 'common')).layers, 'arm64');
    const { entries, rootDigest } = indexEntries([amd, other], 'gzip');
    await goesRound(SNAP, await tarOf(entries));
    const source = engineOf(SNAP);
    await removeAll(source);
    const id = await put(source, await tarOf(entries));
    assert.equal(id, rootDigest);
    const whole = await taken(source, id);
    assert.equal(whole.rootDigest, rootDigest);
    assert.equal(whole.contents.original?.documents.size, 5);
    assert.equal(whole.sent.length, 3);
    const alone = await taken(source, id, { keepOriginal: false, known: whole.contents.knowledge });
    assert.equal(alone.sent.length, 2);
    const { knowledge } = whole.contents;
    const ownOnly = await taken(source, id, { onlyPlatform: true, known: knowledge });
    assert.equal(ownOnly.sent.length, 2);
    await removeAll(source);
    assert.equal(await put(source, ownOnly.bytes), rootDigest, 'one platform, and the same ID');
    assert.equal((await taken(source, id)).contents.original?.documents.size, 3);
    // Without the other platform, as engines save what they pulled for their own.
    const { entries: others } = ociEntries(other, 'gzip');
    const ours = new Set(ociEntries(amd, 'gzip').entries.map(({ path }) => path));
    const absent = new Set(others.map(({ path }) => path).filter((path) => !ours.has(path)));
    assert.equal(absent.size, 3);
    const lacking = entries.filter(({ path }) => !absent.has(path));
    await removeAll(source);
    assert.equal(await put(source, await tarOf(lacking)), rootDigest);
    assert.equal((await taken(source, id)).rootDigest, rootDigest);
  });

  test('a layer of 300 MB streams from engine to engine', async () => {
    const image = await randomImage('big', 300 * MB);
    for (const [from, to] of [
      [OLD, NEW],
      [NEW, SNAP],
      [SNAP, OLD],
    ] as const) {
      const [source, target] = [engineOf(from), engineOf(to)];
      await Promise.all([removeAll(source), removeAll(target)]);
      const id = await put(source, archiveOf(image));
      const saved = await source.verbs.saveImages([id], { signal });
      let result: ThroughResult | undefined;
      const expected = await expectedOn(source, id);
      async function* parts() {
        result = yield* throughArchive(saved, expected);
      }
      const loaded = await put(target, Readable.from(parts(), { objectMode: false }));
      assert.equal(loaded, to === SNAP ? result?.rootDigest : image.configDigest);
      assert.equal((await target.imageFacts(loaded)).layers[0]?.diffId, image.diffIds[0]);
      await Promise.all([removeAll(source), removeAll(target)]);
    }
  });
});
