import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import {
  ArchiveError,
  DamagedArchiveError,
  IncompleteArchiveError,
  UnknownArchiveError,
  WrongImageError,
} from '../../src/archive/archive-errors.ts';
import type { ExpectedImage } from '../../src/archive/image-archive.ts';
import { ImageArchiveReader } from '../../src/archive/image-archive-reader.ts';
import { tarFile, tarHeader } from '../../src/archive/tar-header.ts';
import { tarSize } from '../lab/seed/tar-writer.ts';
import type { TarEntry } from '../lab/seed/tar-writer.ts';
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

const KIB = 1024;
const layerOf = (name: string) => madeLayer(name, Buffer.from(name.repeat(300)));
const LAYERS = await Promise.all(['base', 'middle', 'top'].map(layerOf));
const [BASE, MIDDLE, TOP] = LAYERS as [Buffer, Buffer, Buffer];
const IMAGE = madeImage([BASE, MIDDLE, BASE, TOP]);
const CLASSIC = ociEntries(IMAGE);
const SNAP = ociEntries(IMAGE, 'gzip');
const MANY = indexEntries([IMAGE, madeImage([BASE, TOP], 'arm64')], 'gzip');

interface Layout {
  entries: TarEntry[];
  expected: ExpectedImage;
}

const LAYOUTS: Record<string, Layout> = {
  '20.10': { entries: v1Entries(IMAGE), expected: expectedOf(IMAGE) },
  podman: { entries: podmanEntries(IMAGE), expected: expectedOf(IMAGE) },
  '26.1 classic': { entries: CLASSIC.entries, expected: expectedOf(IMAGE) },
  '26.1 containerd': { entries: SNAP.entries, expected: expectedOf(IMAGE, SNAP.rootDigest) },
  'an index': { entries: MANY.entries, expected: expectedOf(IMAGE, MANY.rootDigest) },
};

const NAMED_BY_DIGEST = /^(?:blobs\/sha256\/[0-9a-f]{64}|[0-9a-f]{64}\.json)$/;
const IS_LAYER = /layer\.tar$|^[0-9a-f]{64}\.tar$/;

/** What reading threw; the test fails where it threw nothing. */
function problemOf(tar: Buffer, expected: ExpectedImage): Error {
  try {
    read(tar, expected);
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: 'the archive was taken for a good one' });
}

async function problem(entries: TarEntry[], expected: ExpectedImage): Promise<Error> {
  return problemOf(await tarOf(entries), expected);
}

/** Where each entry begins, its content, and its end. */
function places(entries: readonly TarEntry[]) {
  let at = 0;
  return entries.map((entry) => {
    const size = tarSize([entry]) - 2 * 512;
    const content = 'content' in entry ? (entry.content as Buffer).length : 0;
    const start = at;
    at += size;
    return { path: entry.path, start, content, end: at };
  });
}

for (const [name, { entries, expected }] of Object.entries(LAYOUTS)) {
  suite(`a bad archive, as of ${name}`, () => {
    test('a bit that flips is found wherever it matters', async () => {
      const tar = await tarOf(entries);
      const whole = read(tar, expected);
      for (const { path, start, content } of places(entries)) {
        const flips = [start, start + 130, ...(content > 0 ? [0, content >> 1, content - 1] : [])];
        for (const [kind, flip] of flips.entries()) {
          const isHeader = kind < 2;
          const at = isHeader ? flip : start + 512 + flip;
          const bad = Buffer.from(tar);
          bad[at]! ^= 0x01;
          if (isHeader || NAMED_BY_DIGEST.test(path) || IS_LAYER.test(path)) {
            const error = problemOf(bad, expected);
            assert.ok(error instanceof DamagedArchiveError, `${path}: ${error.message}`);
            if (!isHeader) assert.match(error.message, new RegExp(`${path}.*is damaged`));
            continue;
          }
          try {
            // What is not needed may be anything.
            assert.deepEqual(read(bad, expected).contents.layers, whole.contents.layers);
          } catch (error) {
            assert.ok(error instanceof ArchiveError, `${path}: ${(error as Error).stack}`);
          }
        }
      }
    });

    test('one that is cut is none, wherever it is cut', async () => {
      const tar = await tarOf(entries);
      const cuts = places(entries).flatMap(({ start, content, end }) => [
        start,
        start + 100,
        start + 512 + (content >> 1),
        end,
      ]);
      for (const cut of [...cuts, tar.length - 1024, tar.length - 512, tar.length - 1]) {
        const error = problemOf(tar.subarray(0, cut), expected);
        assert.ok(error instanceof DamagedArchiveError, `at ${cut}: ${error.message}`);
        assert.match(error.message, /cut|no bytes/);
      }
    });

    test('what the engine complained of is told', async () => {
      const tar = await tarOf(entries);
      const complaint = `{"errorDetail":{"message":"disk on fire"},"error":"disk on fire"}\r\n`;
      for (const { start, content, end } of places(entries)) {
        for (const cut of [start, start + 512 + (content >> 1), end]) {
          const said = Buffer.concat([tar.subarray(0, cut), Buffer.from(complaint)]);
          const error = problemOf(said, expected);
          assert.ok(error instanceof DamagedArchiveError, `at ${cut}: ${error.message}`);
          assert.match(error.message, /the engine broke it off with: disk on fire$/);
          assert.equal(error.details['complaint'], 'disk on fire');
        }
      }
      const after = Buffer.concat([tar, Buffer.from(complaint)]);
      assert.match(problemOf(after, expected).message, /after the end of the tar.*disk on fire/);
    });

    test('whatever is missing is named', async () => {
      const needed = entries.filter(
        ({ path }) => NAMED_BY_DIGEST.test(path) || IS_LAYER.test(path),
      );
      const ours = new Set(SNAP.entries.map(({ path }) => path));
      for (const { path } of needed) {
        // Blobs of other platforms may be missing.
        if (name === 'an index' && !ours.has(path) && path !== blobPath(MANY.rootDigest)) continue;
        // These links are for older engines; the layer itself is named.
        if (name === 'podman' && path.endsWith('/layer.tar')) continue;
        const error = await problem(
          entries.filter((entry) => entry.path !== path),
          expected,
        );
        assert.ok(error instanceof IncompleteArchiveError, `${path}: ${error.message}`);
        const missing = (error.details['missing'] as string[]).join();
        const isLinkTarget = name === '20.10' && path.endsWith('/layer.tar');
        if (!isLinkTarget) assert.match(missing, new RegExp(path.replace('blobs/sha256/', '')));
      }
    });

    test('another image is not taken for it', async () => {
      const tar = await tarOf(entries);
      const other = madeImage([BASE, MIDDLE]);
      const { id } = expected;
      for (const wrong of [
        { ...expected, id: digestOf(Buffer.from('another')) },
        expectedOf(other, id),
        expectedOf(madeImage([...IMAGE.layers.slice(0, 3), MIDDLE]), id),
      ]) {
        const error = problemOf(tar, wrong);
        // A layer that is none of the image's is noticed first where nothing else says what it is.
        const isRight = error instanceof WrongImageError || error instanceof DamagedArchiveError;
        assert.ok(isRight, error.stack);
      }
    });

    test('a lying size in a header is found', async () => {
      const tar = await tarOf(entries);
      for (const { path, start, content } of places(entries)) {
        if (content === 0 || !(NAMED_BY_DIGEST.test(path) || IS_LAYER.test(path))) continue;
        for (const size of [0, content - 1, content + 1, content + 512, 2 ** 34, 2 ** 60]) {
          const bad = Buffer.from(tar);
          tarHeader(path, size).copy(bad, start);
          const error = problemOf(bad, expected);
          // A configuration of gigabytes is not even begun.
          const isBound = path.endsWith('.json') && size > 2 ** 32 && size < 2 ** 53;
          const wanted = isBound ? UnknownArchiveError : DamagedArchiveError;
          assert.ok(error instanceof wanted, `${path} ${size}: ${error.message}`);
        }
      }
    });
  });
}

suite('odd archives', () => {
  const { expected } = LAYOUTS['26.1 classic']!;
  const text = (path: string, content: string): TarEntry => ({
    path,
    content: Buffer.from(content),
  });
  const without = (...paths: string[]) =>
    CLASSIC.entries.filter(({ path }) => !paths.includes(path));
  const isIncomplete = async (entries: TarEntry[]) => {
    const error = await problem(entries, expected);
    assert.ok(error instanceof IncompleteArchiveError, error.stack);
    return error.message;
  };
  const isUnknown = async (entries: TarEntry[]) => {
    const error = await problem(entries, expected);
    assert.ok(error instanceof UnknownArchiveError, error.stack);
    return error.message;
  };

  test('empty ones, which engines save with status 200', async () => {
    assert.match(await isIncomplete([]), /empty/);
    assert.match(await isIncomplete([{ path: 'blobs/', folder: true }]), /empty/);
    const none = text('index.json', '{"schemaVersion":2,"manifests":[]}');
    assert.match(await isIncomplete([none, text('oci-layout', '{}')]), /empty/);
    assert.match(await isIncomplete([text('manifest.json', '[]')]), /empty/);
    const roots = CLASSIC.entries.filter(({ path }) => !path.startsWith('blobs/sha256/'));
    assert.match(await isIncomplete(roots), /without manifest sha256:/);
    assert.ok(problemOf(Buffer.alloc(0), expected) instanceof DamagedArchiveError);
  });

  test('layouts that are not known may still be forwarded', async () => {
    assert.match(await isUnknown([text('README', 'hello')]), /layout is not known/);
    assert.match(await isUnknown(without('index.json', 'manifest.json')), /layout is not known/);
    assert.match(await isUnknown([text('index.json', '[]')]), /no index/);
    for (const odd of ['{', '{}', '[{}]', '[1]', '[{"Config":"a"},{"Config":"b"}]']) {
      await isUnknown([text('manifest.json', odd)]);
    }
    await isUnknown([text('manifest.json', '[{"Config":"config","Layers":["a"]}]')]);
  });

  test('links that lead round in a circle, or nowhere', async () => {
    const v1 = LAYOUTS['20.10']!;
    for (const linkTo of ['layer.tar', '../nowhere/layer.tar', '/', '../../../../etc/passwd']) {
      const entries = v1.entries.map((entry) =>
        'linkTo' in entry ? { path: entry.path, linkTo } : entry,
      );
      const error = await problem(entries, v1.expected);
      assert.ok(error instanceof IncompleteArchiveError, error.stack);
    }
  });

  test('a manifest that lies about a size', async () => {
    const path = blobPath(CLASSIC.rootDigest);
    const entry = CLASSIC.entries.find((entry) => entry.path === path)!;
    assert.ok('content' in entry && entry.content instanceof Buffer);
    const manifest = JSON.parse(entry.content.toString()) as { layers: { size: number }[] };
    manifest.layers[1]!.size += 512;
    const content = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(content);
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifests = [{ mediaType, digest, size: content.length }];
    const lie = [
      ...without('index.json', path),
      { path: blobPath(digest), content },
      text('index.json', JSON.stringify({ schemaVersion: 2, manifests })),
    ];
    const error = await problem(lie, expected);
    assert.ok(error instanceof DamagedArchiveError, error.stack);
    assert.match(error.message, /has \d+ bytes, not \d+ as its manifest says/);
  });

  test('documents and entries beyond all bounds', async () => {
    const huge = Buffer.alloc(5 * KIB * KIB, ' ');
    assert.match(await isUnknown([{ path: 'manifest.json', content: huge }]), /beyond all bounds/);
    const blobs = Array.from({ length: 9 }, (_, at) => {
      const content = Buffer.from(`{"manifests":[],"at":${at},"pad":"${'x'.repeat(4_000_000)}"}`);
      return { path: blobPath(digestOf(content)), content };
    });
    assert.match(await isUnknown(blobs), /beyond all bounds/);
    const config = Buffer.from(`{"rootfs":{},"pad":"${'x'.repeat(5_000_000)}"}`);
    const large = { path: blobPath(digestOf(config)), content: config };
    const { layers } = read(await tarOf([large, ...CLASSIC.entries]), expected);
    assert.equal(layers.length, 4, 'a large blob is a layer, whatever it looks like');
    const entry = tarFile('x', Buffer.alloc(0));
    const tar = await tarOf(CLASSIC.entries);
    const few = Buffer.concat([Buffer.alloc(20_000 * 512, entry), tar]);
    assert.equal(read(few, expected).layers.length, 3);
    const many = Buffer.concat([Buffer.alloc(50_001 * 512, entry), tar]);
    const error = problemOf(many, expected);
    assert.ok(error instanceof UnknownArchiveError, error.stack);
    assert.match(error.message, /more than 50000 entries/);
  });

  test('indexes in indexes without end', async () => {
    let mediaType = 'application/vnd.oci.image.manifest.v1+json';
    let digest = CLASSIC.rootDigest;
    let size = 1;
    const nested: TarEntry[] = [];
    for (let depth = 0; depth < 5000; depth++) {
      const content = Buffer.from(JSON.stringify({ manifests: [{ mediaType, digest, size }] }));
      mediaType = 'application/vnd.oci.image.index.v1+json';
      ({ digest, size } = { digest: digestOf(content), size: content.length });
      nested.push({ path: blobPath(digest), content });
    }
    const index = JSON.stringify({ manifests: [{ mediaType, digest, size }] });
    const entries = [...without('index.json'), ...nested, text('index.json', index)];
    assert.match(await isUnknown(entries), /indexes in indexes/);
  });

  test('after an error there is the same error', async () => {
    const tar = await tarOf(CLASSIC.entries);
    const bad = Buffer.from(tar);
    bad[bad.indexOf('top'.repeat(9))]! ^= 1;
    const ignore = () => {};
    const visitor = { layerBegin: ignore, layerBytes: ignore, layerEnd: ignore };
    const reader = new ImageArchiveReader(expected, visitor);
    let first: unknown;
    assert.throws(
      () => reader.push(bad),
      (error) => {
        first = error;
        return error instanceof DamagedArchiveError;
      },
    );
    assert.throws(
      () => reader.push(tar),
      (error) => error === first,
    );
    assert.throws(
      () => reader.finish(),
      (error) => error === first,
    );
  });

  test('a damaged layer is never said to have ended', async () => {
    const tar = await tarOf(CLASSIC.entries);
    const bad = Buffer.from(tar);
    bad[bad.indexOf('top'.repeat(9))]! ^= 1;
    let open: string | null = null;
    const ended: string[] = [];
    const reader = new ImageArchiveReader(expected, {
      layerBegin: ({ name }) => (open = name),
      layerBytes: () => {},
      layerEnd: () => ended.push(open!),
    });
    assert.throws(() => reader.push(bad), DamagedArchiveError);
    assert.equal(open, IMAGE.diffIds[3]);
    assert.ok(!ended.includes(IMAGE.diffIds[3]!));
  });
});
