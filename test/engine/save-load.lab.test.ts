import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, suite, test } from 'node:test';
import { openEngine } from '../../src/engine/open-engine.ts';
import { lab, waitUntil } from '../lab/index.ts';
import { writeTar } from '../lab/seed/tar-writer.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';
import {
  archiveOf,
  ENGINE_KINDS,
  randomImage,
  startOwnEngine,
  tagsOn,
} from '../support/own-engine.ts';
import type { OwnEngine } from '../support/own-engine.ts';

const MB = 1024 * 1024;
const { signal } = new AbortController();

suite('archives between engines', () => {
  const engines: OwnEngine[] = [];
  const nameOf = (n: number) => `${ENGINE_KINDS[n]!.release} ${ENGINE_KINDS[n]!.store}`;
  before(async () => {
    engines.push(...(await Promise.all(ENGINE_KINDS.map((kind) => startOwnEngine(kind)))));
  });
  after(async () => {
    await Promise.all(engines.map((own) => own[Symbol.asyncDispose]()));
  });

  for (let from = 0; from < ENGINE_KINDS.length; from++) {
    for (let to = 0; to < ENGINE_KINDS.length; to++) {
      if (from === to) continue;
      test(`${nameOf(from)} → ${nameOf(to)}: two images arrive whole, under their names`, async () => {
        const [source, target] = [engines[from]!.engine, engines[to]!.engine];
        const tags = [`team/a-${from}-${to}:1`, `team/b-${from}-${to}:1`];
        for (const tag of tags) {
          const image = await randomImage(tag.replaceAll(/\W/g, ''), 2 * MB, 300);
          await source.verbs.loadImages(archiveOf(image, tag), {});
        }
        const archive = await source.verbs.saveImages(tags, { signal });
        const loaded = await target.verbs.loadImages(archive, {});
        assert.deepEqual(loaded.references.toSorted(), tags);
        for (const tag of tags) {
          const here = await source.imageFacts(tag);
          const there = await target.imageFacts(tag);
          assert.equal(there.contentDigest, here.contentDigest);
          assert.deepEqual(
            there.layers.map(({ diffId }) => diffId),
            here.layers.map(({ diffId }) => diffId),
          );
          await source.verbs.removeImage(tag);
          await target.verbs.removeImage(tag);
        }
      });
    }
  }

  for (let n = 0; n < ENGINE_KINDS.length; n++) {
    test(`${nameOf(n)}: tells what it loaded, names and IDs, and its layers`, async () => {
      const { engine } = engines[n]!;
      const image = await randomImage(`named-${n}`, MB, 10);
      const seen = new Set<string>();
      const named = await engine.verbs.loadImages(
        archiveOf(image, 'team/named:1', 'team/named:2'),
        {
          onProgress: ({ id, status }) => seen.add(`${id === '' ? '' : 'layer'} ${status}`),
        },
      );
      assert.deepEqual(named.references.toSorted(), ['team/named:1', 'team/named:2']);
      if (ENGINE_KINDS[n]!.store === 'classic') assert.ok(seen.has('layer Loading layer'));
      await engine.verbs.removeImage('team/named:1');
      await engine.verbs.removeImage('team/named:2');
      const nameless = await engine.verbs.loadImages(archiveOf(image), {});
      assert.equal(nameless.references.length + nameless.ids.length, 1, JSON.stringify(nameless));
      for (const { id } of await engine.listImages()) await engine.verbs.removeImage(id);
      assert.deepEqual(await engine.listImages(), []);
    });

    test(`${nameOf(n)}: refuses what is no archive, and one that is cut, and keeps nothing`, async () => {
      const { engine } = engines[n]!;
      const files = writeTar([{ path: 'a', content: Buffer.from('b') }]);
      const odd = Readable.from(files, { objectMode: false });
      await assert.rejects(engine.verbs.loadImages(odd, {}), { code: 'ENGINE_ERROR', host: 'own' });
      const junk = Readable.from([Buffer.from('not a tar')]);
      await assert.rejects(engine.verbs.loadImages(junk, {}), { code: 'ENGINE_ERROR' });
      const empty = Readable.from([]);
      await assert.rejects(engine.verbs.loadImages(empty, {}), { code: 'ENGINE_ERROR' });

      const whole = archiveOf(await randomImage(`cut-${n}`, 3 * MB), 'team/cut:1');
      const cut = new PassThrough();
      const load = assert.rejects(engine.verbs.loadImages(cut, {}), { code: 'BAD_USER_INPUT' });
      let passed = 0;
      await pipeline(
        whole,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            passed += chunk.length;
            if (passed > MB) throw new Error('the client left');
            yield chunk;
          }
        },
        cut,
      ).catch(() => {});
      await load;
      assert.deepEqual(await engine.listImages(), []);
    });

    test(`${nameOf(n)}: a save of what is not there is NOT_FOUND`, async () => {
      const { verbs } = engines[n]!.engine;
      const save = verbs.saveImages(['team/none:1'], { signal });
      await assert.rejects(save, { code: 'NOT_FOUND', host: 'own' });
    });

    test(`${nameOf(n)}: a save that is left in the middle leaves no temporary files`, async () => {
      const { engine, dockerd } = engines[n]!;
      await engine.verbs.loadImages(
        archiveOf(await randomImage(`big-${n}`, 30 * MB), 'team/big:1'),
        {},
      );
      const stop = new AbortController();
      const archive = await engine.verbs.saveImages(['team/big:1'], { signal: stop.signal });
      for await (const chunk of archive.iterator({ destroyOnReturn: false })) {
        assert.ok((chunk as Buffer).length > 0);
        break;
      }
      const failure = assert.rejects(archive.toArray(), { code: 'CANCELLED' });
      stop.abort();
      await failure;
      const temporary = join(dockerd.directory, 'data', 'tmp');
      const left = async () =>
        (await readdir(temporary).catch(() => [])).filter((name) =>
          name.startsWith('docker-export'),
        );
      await waitUntil(async () => (await left()).length === 0, {
        what: 'the end of the temporary files',
        deadlineMs: 10_000,
      });
      await engine.verbs.removeImage('team/big:1');
    });
  }
});

suite('archives over the wire', () => {
  for (const name of ['bravo', 'charlie'] as const) {
    test(`${name}: 30 MB go in and come out again over ${name === 'bravo' ? 'TLS' : 'SSH'}`, async () => {
      const engine = openEngine(labEndpoint(await lab(), name), { host: name });
      try {
        await engine.connect();
        const tag = `verbs-test/${name}:1`;
        const image = await randomImage(`over-${name}`, 30 * MB, 100);
        await engine.verbs.loadImages(archiveOf(image, tag), {});
        try {
          const archive = await engine.verbs.saveImages([tag], { signal });
          let bytes = 0;
          for await (const chunk of archive) bytes += (chunk as Buffer).length;
          assert.ok(bytes > 30 * MB, `${bytes} bytes`);
          // Cut in the middle, nothing stays and the connection to the host is as good as before.
          const stop = new AbortController();
          const cut = await engine.verbs.saveImages([tag], { signal: stop.signal });
          const load = engine.verbs.loadImages(cut, { signal: stop.signal });
          cut.once('data', () => stop.abort());
          await assert.rejects(load, { code: 'CANCELLED', host: name });
          assert.deepEqual(
            (await tagsOn(engine)).filter((one) => one.startsWith('verbs-test/')),
            [tag],
          );
        } finally {
          await engine.verbs.removeImage(tag);
        }
      } finally {
        await engine.close();
      }
    });
  }
});
