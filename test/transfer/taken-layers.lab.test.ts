import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildImage } from '../lab/index.ts';
import { allIds, inspect } from './copy-proof.ts';
import { FleetWatch, taskOf } from './fleet-watch.ts';
import {
  copied,
  noTransferTag,
  proveWhole,
  pushes,
  put,
  saves,
  smallChange,
  smallChangeIsTaken,
  startFleet,
} from './taken-ground.ts';
import { randomLayer } from './transfer-fleet.ts';

const MB = 1024 * 1024;
const SAVED = /^Has source save all of it: /m;

for (const [from, to] of [
  [0, 1],
  [1, 0],
] as const) {
  const kinds = ['20.10', '26.1'];
  suite(`a small change from ${kinds[from]} to ${kinds[to]}`, { timeout: 240_000 }, () => {
    test('is copied without a save, and is whole', async () => {
      await smallChangeIsTaken(`taken-${from}`, from, to, 1);
    });

    test('of the config alone is copied without a save and without a push', async () => {
      await using fleet = await startFleet({ source: from, target: to });
      const { source } = fleet.proxies;
      const { app } = await smallChange(`taken-config-${from}`);
      const { layers } = app;
      const other = await buildImage({
        layers,
        config: { Cmd: ['sh'], Env: ['PATH=/bin', 'A=B'] },
      });
      await put(fleet, 'source', other, 'taken/config:2');
      await put(fleet, 'target', app, 'taken/config:1');
      const [image] = await copied(fleet, 'taken/config:2', ['target']);
      assert.deepEqual([image.mode, image.layersSent], ['DELTA', 0]);
      assert.deepEqual([saves(source), pushes(source)], [0, 0]);
      const { engines } = fleet;
      assert.equal((await inspect(engines.target, 'taken/config:2')).id, other.configDigest);
      await noTransferTag(engines.source);
      await proveWhole(engines.target, engines.source, 'taken/config:2', other);
    });

    test('goes by a save where the source lets nothing be pushed, and says so once', async () => {
      await using fleet = await startFleet({ source: from, target: to });
      const { source } = fleet.proxies;
      source.refuse(/\/push$/);
      const watch = new FleetWatch(fleet.graph);
      const { base, app } = await smallChange(`taken-refused-${from}`);
      const next = await buildImage({ layers: app.layers, config: { Cmd: ['next'] } });
      await put(fleet, 'source', app, 'taken/refused:1');
      await put(fleet, 'source', next, 'taken/refused:2');
      await put(fleet, 'target', base, 'taken/base:1');

      const copy = async (reference: string) => {
        const targets = { names: ['target'] };
        const operation = await watch.ended(
          await watch.begin({ references: [reference], targets }),
        );
        const task = taskOf(operation, 'target');
        assert.equal(task.state, 'SUCCEEDED', JSON.stringify(operation));
        assert.equal(task.result.images[0].mode, 'DELTA');
        return operation.logTail.join('\n');
      };
      const log = await copy('taken/refused:1');
      assert.match(log, /^Takes from source only what is missing: it need not save all of it$/m);
      assert.match(log, /^Has source save all of it: .*not allowed here/m);
      assert.deepEqual([saves(source), pushes(source)], [1, 1]);
      assert.equal((await inspect(fleet.engines.target, 'taken/refused:1')).id, app.configDigest);
      await noTransferTag(fleet.engines.source);

      // The layers are there by now: to take the config alone would be possible.
      assert.doesNotMatch(await copy('taken/refused:2'), SAVED);
      assert.deepEqual([saves(source), pushes(source)], [2, 1]);
      assert.equal((await inspect(fleet.engines.target, 'taken/refused:2')).id, next.configDigest);
    });

    test('that is cancelled while layers are taken leaves nothing on either side', async () => {
      await using fleet = await startFleet({ source: from, target: to });
      const { source } = fleet.proxies;
      const watch = new FleetWatch(fleet.graph);
      const { base, app } = await smallChange(`taken-cancelled-${from}`, 4 * MB);
      await put(fleet, 'source', app, 'taken/cancelled:1');
      await put(fleet, 'target', base, 'taken/base:1');
      const { engines } = fleet;
      const before = await Promise.all([allIds(engines.source), allIds(engines.target)]);

      const moments = {
        asked: (then: () => void) => source.before(/\/push$/, async () => then()),
        pushing: (then: () => void) => source.whenSaid(/\/push$/, '"Pushing"', then),
        sending: null,
      };
      for (const [moment, when] of Object.entries(moments)) {
        const come = Promise.withResolvers<void>();
        when?.(come.resolve);
        const id = await watch.begin({
          references: ['taken/cancelled:1'],
          targets: { names: ['target'] },
          ...(when === null && { maxBytesPerSecond: MB }),
        });
        await (when === null ? watch.sent(id, 'target', MB) : come.promise);
        const operation = await watch.cancel(id);
        assert.equal(taskOf(operation, 'target').state, 'CANCELLED', moment);
        assert.doesNotMatch(operation.logTail.join('\n'), SAVED, moment);
        await noTransferTag(engines.source);
        const after = await Promise.all([allIds(engines.source), allIds(engines.target)]);
        assert.deepEqual(after, before, moment);
      }
      assert.equal(saves(source), 0);

      await copied(fleet, 'taken/cancelled:1', ['target']);
      assert.equal(saves(source), 0);
      await proveWhole(engines.target, engines.source, 'taken/cancelled:1', app);
    });
  });
}

suite('a small change to two targets', { timeout: 240_000 }, () => {
  test('that have its base is pushed once', async () => {
    await using fleet = await startFleet({ source: 0, one: 1, other: 0 });
    const { source } = fleet.proxies;
    const { base, app } = await smallChange('taken-two');
    await put(fleet, 'source', app, 'taken/two:1');
    await put(fleet, 'one', base, 'taken/base:1');
    await put(fleet, 'other', base, 'taken/base:1');
    const copies = await copied(fleet, 'taken/two:1', ['one', 'other']);
    assert.deepEqual(
      copies.map(({ mode }) => mode),
      ['DELTA', 'DELTA'],
    );
    assert.deepEqual([saves(source), pushes(source)], [0, 1]);
    await noTransferTag(fleet.engines.source);
    for (const host of ['one', 'other'] as const) {
      await proveWhole(fleet.engines[host], fleet.engines.source, 'taken/two:1', app);
    }
  });

  test('of which one has the base comes to each as it needs it', async () => {
    await using fleet = await startFleet({ source: 1, based: 0, bare: 1 });
    const { source } = fleet.proxies;
    const { base, app } = await smallChange('taken-one');
    await put(fleet, 'source', app, 'taken/one:1');
    await put(fleet, 'based', base, 'taken/base:1');
    const copies = await copied(fleet, 'taken/one:1', ['based', 'bare']);
    assert.deepEqual(
      copies.map(({ mode }) => mode),
      ['DELTA', 'WHOLE'],
    );
    assert.deepEqual([saves(source), pushes(source)], [1, 1]);
    await noTransferTag(fleet.engines.source);
    for (const host of ['based', 'bare'] as const) {
      await proveWhole(fleet.engines[host], fleet.engines.source, 'taken/one:1', app);
    }
  });

  test('is saved once for both where the source lets nothing be pushed', async () => {
    await using fleet = await startFleet({ source: 0, one: 1, other: 0 });
    const { source } = fleet.proxies;
    source.refuse(/\/push$/);
    const { base, app } = await smallChange('taken-neither');
    await put(fleet, 'source', app, 'taken/neither:1');
    await put(fleet, 'one', base, 'taken/base:1');
    await put(fleet, 'other', base, 'taken/base:1');
    await copied(fleet, 'taken/neither:1', ['one', 'other']);
    assert.deepEqual([saves(source), pushes(source)], [1, 1]);
    await noTransferTag(fleet.engines.source);
    for (const host of ['one', 'other'] as const) {
      assert.equal((await inspect(fleet.engines[host], 'taken/neither:1')).id, app.configDigest);
    }
  });
});

test('many small changes at once need no save', { timeout: 120_000 }, async () => {
  await using fleet = await startFleet({ source: 1, target: 0 });
  const { source } = fleet.proxies;
  const { base } = await smallChange('taken-many');
  const images = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      buildImage({ layers: [...base.layers, randomLayer(`taken-many-${n}`, 50_000)] }),
    ),
  );
  const references = images.map((_, n) => `taken/many:${n}`);
  for (const [n, image] of images.entries()) await put(fleet, 'source', image, references[n]!);
  await put(fleet, 'target', base, 'taken/base:1');
  await Promise.all(references.map((reference) => copied(fleet, reference, ['target'])));
  assert.deepEqual([saves(source), pushes(source)], [0, 12]);
  await noTransferTag(fleet.engines.source);
  for (const [n, image] of images.entries()) {
    assert.equal((await inspect(fleet.engines.target, references[n]!)).id, image.configDigest);
  }
});
