import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OperationStore } from '../../src/operations/operation-store.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';
import { HeldVerb, request, startOperations, temporaryFolder } from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';

/** A store whose disk is full while the test says so. */
async function troubledStore(folder: string) {
  const real = await openSqliteStore(folder);
  const trouble = { isOn: false };
  const orFail =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      trouble.isOn ? Promise.reject(new Error('database or disk is full')) : work(...args);
  const store: OperationStore = {
    create: orFail((operation) => real.create(operation)),
    record: orFail((change) => real.record(change)),
    appendLog: orFail((id, lines) => real.appendLog(id, lines)),
    prune: orFail((bounds) => real.prune(bounds)),
    get: (id) => real.get(id),
    list: (query) => real.list(query),
    count: (filter) => real.count(filter),
    changedSince: (event, limit) => real.changedSince(event, limit),
    lastEvent: () => real.lastEvent(),
    unfinished: () => real.unfinished(),
    logTail: (id) => real.logTail(id),
    close: () => real.close(),
  };
  return { store, trouble };
}

suite('while nothing can be written', () => {
  test('new work is refused, and work that was done waits to be told', async () => {
    using folder = temporaryFolder();
    const { store, trouble } = await troubledStore(folder.path);
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock, store });
    const { operations, masked } = running;
    const { id } = await operations.submit(request());
    const run = await verb.started();
    trouble.isOn = true;
    await assert.rejects(operations.submit(request()), /disk is full/);
    run.context.log('a line that is lost');
    run.succeed('done');
    await settle();
    assert.equal((await operations.get(id))!.state, 'RUNNING');
    await clock.advance(60_000);
    assert.equal((await operations.get(id))!.state, 'RUNNING');
    assert.equal(masked.length, 1, 'told once, not with each try');
    assert.match(String(masked[0]!.error), /disk is full/);
    trouble.isOn = false;
    await clock.advance(10_000);
    const done = (await operations.get(id))!;
    assert.deepEqual([done.state, done.tasks[0]!.result], ['SUCCEEDED', 'done']);
    assert.deepEqual(await store.get(id), done);
  });

  test('a drain ends all the same, and the next start finds out', async () => {
    using folder = temporaryFolder();
    const { store, trouble } = await troubledStore(folder.path);
    const clock = new ManualClock();
    const verb = new HeldVerb();
    const running = await startOperations({ verbs: [verb], clock, store, stopMs: 1000 });
    const { id } = await running.operations.submit(request());
    await verb.started();
    trouble.isOn = true;
    const draining = running.operations.drain(0);
    for (let second = 0; second < 10; second++) await clock.advance(1000);
    await draining;
    await store.close();
    const next = new HeldVerb();
    next.recover = async () => 'found';
    await using again = await startOperations({ verbs: [next], folder: folder.path });
    assert.equal((await again.operations.wait(id, 1000)).state, 'SUCCEEDED');
  });
});
