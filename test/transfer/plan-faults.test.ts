import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { savableImage } from '../support/fake-content.ts';
import { taskOf } from './fleet-watch.ts';
import { SimulatedFleet } from './simulated-fleet.ts';

const base = savableImage('base:1', { base: 300_000 });
const app = savableImage('app:1', { base: 300_000, app: 200_000 });
const other = savableImage('other:1', { base: 300_000, other: 100_000 });
const INPUT = { references: ['app:1'], source: 'alpha', targets: { names: ['bravo'] } };

function start() {
  return SimulatedFleet.start({ alpha: { images: [app, other] }, bravo: { images: [base] } });
}

suite('a plan', () => {
  test('whose image was removed on the source is not run, and says so', async () => {
    await using fleet = await start();
    const { id } = await fleet.plan(INPUT);
    fleet.engines.alpha.removeImage(app.id);
    await fleet.graph.until('alpha', ({ slot }) => slot.images.size === 1);
    const operation = await fleet.transfer({ plan: id });
    const { error } = taskOf(operation, 'bravo');
    assert.match(error.message, /app:1/);
    assert.ok(['CONFLICT', 'NOT_FOUND'].includes(error.code), error.code);
    assert.equal(fleet.engines.alpha.calls.get('save') ?? 0, 0);
    fleet.engines.alpha.addImage(app);
    await fleet.graph.until('alpha', ({ slot }) => slot.images.size === 2);
    assert.equal((await fleet.retry(operation.id)).state, 'SUCCEEDED');
  });

  test('whose layer was pruned on the target is not run, and says so', async () => {
    await using fleet = await start();
    const { id } = await fleet.plan(INPUT);
    await fleet.forget('bravo');
    const operation = await fleet.transfer({ plan: id });
    const { error } = taskOf(operation, 'bravo');
    assert.equal(error.code, 'CONFLICT');
    assert.match(error.message, /1 layer of app:1 went from bravo/);
    assert.deepEqual(fleet.held('bravo'), []);
    const again = await fleet.plan(INPUT);
    assert.equal((await fleet.transfer({ plan: again.id })).state, 'SUCCEEDED');
  });

  test('whose tag moved on the source is not run, and says so', async () => {
    await using fleet = await start();
    const { id } = await fleet.plan(INPUT);
    fleet.engines.alpha.retag(app.id, []);
    fleet.engines.alpha.retag(other.id, ['other:1', 'app:1']);
    await fleet.graph.until('alpha', ({ slot }) =>
      [...slot.images.values()].some(({ tags }) => tags.length === 2),
    );
    const operation = await fleet.transfer({ plan: id });
    const { error } = taskOf(operation, 'bravo');
    assert.equal(error.code, 'CONFLICT');
    assert.match(error.message, new RegExp(`app:1 is ${other.id} on alpha now`));
  });

  test('whose tag another image got on the target is not run, and says so', async () => {
    await using fleet = await start();
    const { id } = await fleet.plan(INPUT);
    fleet.engines.bravo.addImage({ ...other, tags: ['app:1'] });
    await fleet.graph.until('bravo', ({ slot }) => slot.images.size === 2);
    const operation = await fleet.transfer({ plan: id });
    const { error } = taskOf(operation, 'bravo');
    assert.equal(error.code, 'CONFLICT');
    assert.match(error.message, new RegExp(`app:1 is ${other.id} on bravo now`));
    assert.deepEqual(fleet.held('bravo'), ['app:1', 'base:1']);
  });

  test('of which a part was done when it failed goes on where it was when it is retried', async () => {
    await using fleet = await start();
    const { alpha, bravo } = fleet.engines;
    const { id } = await fleet.plan({ ...INPUT, references: ['app:1', 'other:1'] });
    const gate = Promise.withResolvers<void>();
    alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: gate.promise };
    const operation = await fleet.transfer({ plan: id, waitSeconds: 0 });
    await fleet.underway('alpha', 'save', 1);
    // The first goes through, the second breaks.
    alpha.saveFault = { kind: 'BREAK_AFTER', bytes: 1_000 };
    gate.resolve();
    const failed = await fleet.ended(operation.id);
    assert.equal(failed.state, 'FAILED');
    assert.match(taskOf(failed, 'bravo').error.message, /^saving on alpha: /);
    assert.deepEqual(fleet.held('bravo'), ['app:1', 'base:1']);
    alpha.saveFault = null;
    const done = await fleet.retry(operation.id);
    assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
    assert.deepEqual(fleet.held('bravo'), ['app:1', 'base:1', 'other:1']);
    assert.equal(bravo.images.size, 3);
  });
});

suite('without a plan', () => {
  test('an image that is removed on the source after the transfer was asked for: NOT_FOUND, and a retry finds it again', async () => {
    await using fleet = await start();
    const { bravo, alpha } = fleet.engines;
    bravo.fault('images', { kind: 'HANG' });
    const id = await fleet.begin(INPUT);
    await fleet.underway('bravo', 'images', 1);
    alpha.removeImage(app.id);
    await fleet.graph.until('alpha', ({ slot }) => slot.images.size === 1);
    bravo.fault('images', null);
    await fleet.restart('bravo');
    const operation = await fleet.ended(id);
    const { error } = taskOf(operation, 'bravo');
    assert.deepEqual([operation.state, error.code], ['FAILED', 'NOT_FOUND'], error.message);
    assert.match(error.message, /app:1/);
    alpha.addImage(app);
    await fleet.graph.until('alpha', ({ slot }) => slot.images.size === 2);
    assert.equal((await fleet.retry(id)).state, 'SUCCEEDED');
  });

  test('an image that the source does not have any more, though the inventory says so: its error names host and phase', async () => {
    await using fleet = await start();
    const { alpha } = fleet.engines;
    alpha.removeImage(app.id, { silent: true });
    const operation = await fleet.transfer(INPUT);
    const { error } = taskOf(operation, 'bravo');
    assert.equal(error.code, 'NOT_FOUND');
    assert.match(error.message, /^saving on alpha: .*No such image/);
    await fleet.quiet();
    alpha.addImage(app);
    assert.equal((await fleet.retry(operation.id)).state, 'SUCCEEDED');
  });

  test('a layer that is pruned on the target in the middle: all is sent, and the result says why', async () => {
    await using fleet = await start();
    const { alpha, bravo } = fleet.engines;
    const gate = Promise.withResolvers<void>();
    alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: gate.promise };
    const id = await fleet.begin(INPUT);
    await fleet.underway('alpha', 'save', 1);
    bravo.removeImage(base.id, { silent: true });
    alpha.saveFault = null;
    gate.resolve();
    const operation = await fleet.ended(id);
    const { state, result } = taskOf(operation, 'bravo');
    assert.equal(state, 'SUCCEEDED');
    const [image] = result.images;
    assert.equal(image.mode, 'WHOLE');
    assert.match(image.wholeBecause, /no such file or directory/);
    assert.deepEqual(fleet.held('bravo'), ['app:1']);
    assert.equal(alpha.calls.get('save'), 2);
  });

  for (const [policy, held] of [
    ['MOVE', ['app:1', 'base:1', other.id].toSorted()],
    ['KEEP', ['app:1', 'base:1', app.id].toSorted()],
    ['FAIL', ['app:1', 'base:1'].toSorted()],
  ] as const) {
    test(`a tag that another image gets on the target in the middle, with ${policy}`, async () => {
      await using fleet = await start();
      const { alpha, bravo } = fleet.engines;
      const gate = Promise.withResolvers<void>();
      alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: gate.promise };
      const id = await fleet.begin({ ...INPUT, onTagConflict: policy });
      await fleet.underway('alpha', 'save', 1);
      bravo.addImage({ ...other, tags: ['app:1'] });
      await fleet.graph.until('bravo', ({ slot }) => slot.images.size === 2);
      gate.resolve();
      const operation = await fleet.ended(id);
      const { state, error, result } = taskOf(operation, 'bravo');
      assert.deepEqual(fleet.held('bravo'), held);
      if (policy === 'FAIL') {
        assert.deepEqual([state, error.code], ['FAILED', 'CONFLICT']);
        assert.match(error.message, /app:1 is another image on bravo/);
        return;
      }
      assert.equal(state, 'SUCCEEDED');
      const [{ moved, kept }] = result.images;
      if (policy === 'MOVE')
        assert.deepEqual(moved, [{ tag: 'app:1', previousEngineId: other.id }]);
      else assert.deepEqual(kept, [{ tag: 'app:1', engineId: other.id }]);
    });
  }
});

suite('two at once', () => {
  test('transfers of the same image to one target: it is sent once, and both succeed', async () => {
    await using fleet = await start();
    const { alpha, bravo } = fleet.engines;
    const gate = Promise.withResolvers<void>();
    alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: gate.promise };
    const first = await fleet.begin(INPUT);
    await fleet.underway('alpha', 'save', 1);
    const second = await fleet.begin({
      ...INPUT,
      tags: 'RENAME',
      renames: [{ from: 'app:1', to: ['app:2'] }],
    });
    alpha.saveFault = null;
    gate.resolve();
    const modes = await Promise.all(
      [first, second].map(async (id) => {
        const operation = await fleet.ended(id);
        assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
        return taskOf(operation, 'bravo').result.images[0].mode;
      }),
    );
    assert.deepEqual(modes, ['DELTA', 'NOTHING']);
    assert.equal(bravo.calls.get('load'), 1);
    assert.deepEqual(fleet.held('bravo'), ['app:1', 'app:2', 'base:1']);
  });

  test('the first is cancelled: the second sends it', async () => {
    await using fleet = await start();
    const { alpha } = fleet.engines;
    alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: new Promise(() => {}) };
    const first = await fleet.begin(INPUT);
    await fleet.underway('alpha', 'save', 1);
    const second = await fleet.begin(INPUT);
    alpha.saveFault = null;
    assert.equal((await fleet.cancel(first)).state, 'CANCELLED');
    const operation = await fleet.ended(second);
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
    assert.deepEqual(fleet.held('bravo'), ['app:1', 'base:1']);
  });

  test('transfers of different images that share layers: both are whole', async () => {
    await using fleet = await start();
    await fleet.forget('bravo');
    const operations = await Promise.all(
      ['app:1', 'other:1'].map((reference) =>
        fleet.transfer({ ...INPUT, references: [reference] }),
      ),
    );
    for (const { state } of operations) assert.equal(state, 'SUCCEEDED');
    assert.deepEqual(fleet.held('bravo'), ['app:1', 'other:1']);
  });
});
