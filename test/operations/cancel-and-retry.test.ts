import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CancelledError,
  ConflictError,
  HostUnreachableError,
  NotFoundError,
} from '../../src/common/errors.ts';
import { HeldVerb, quickVerb, request, startOperations, taskStates } from './harness.ts';
import type { HeldRun } from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';

/** Lets a run reject as a verb does that passes the signal's reason on. */
function obey({ context, fail }: HeldRun): void {
  context.signal.addEventListener('abort', () => fail(context.signal.reason));
}

suite('cancelling', () => {
  test('what waits ends it at once, without it ever having run', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], limits: { overall: 1 } });
    const { operations } = running;
    await operations.submit(request());
    const { id } = await operations.submit(request({ hosts: ['alpha', 'bravo'] }));
    await verb.started();
    const cancelled = await operations.cancel(id, 'anna');
    assert.equal(cancelled.state, 'CANCELLED');
    assert.deepEqual([cancelled.startedAt, cancelled.finishedAt !== null], [null, true]);
    assert.deepEqual(cancelled.tasks[1]!.error, {
      code: 'CANCELLED',
      message: 'cancelled by anna before it began',
      hint: null,
      retryable: true,
    });
    assert.equal(operations.load.waiting, 0);
    verb.runs[0]!.succeed();
    await settle();
    assert.equal(verb.runs.length, 1);
    assert.match((await operations.logTail(id))[0]!.text, /^cancelled by anna$/);
  });

  test('what runs aborts its signal, and tells what is half done', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { operations } = running;
    const { id } = await operations.submit(request({ hosts: ['a', 'b', 'c', 'd'] }));
    const runs = await Promise.all(['a', 'b', 'c', 'd'].map((host) => verb.startedOn(host)));
    obey(runs[0]!);
    const cancelling = operations.cancel(id, 'anna');
    const told = new CancelledError('3 of 7 layers were pulled', { details: { hint: 'prune' } });
    runs[1]!.fail(told);
    runs[2]!.fail(new HostUnreachableError('bravo went away'));
    // It was too late to stop it: then it is done.
    runs[3]!.succeed('done');
    const cancelled = await cancelling;
    assert.ok(runs.every(({ context }) => context.signal.aborted));
    assert.equal(cancelled.state, 'PARTIAL');
    assert.deepEqual(taskStates(cancelled), {
      a: 'CANCELLED',
      b: 'CANCELLED',
      c: 'CANCELLED',
      d: 'SUCCEEDED',
    });
    assert.deepEqual(
      cancelled.tasks.map(({ error }) => error && [error.message, error.hint]),
      [
        ['cancelled by anna', null],
        ['cancelled by anna: 3 of 7 layers were pulled', 'prune'],
        ['cancelled by anna; just then: bravo went away', null],
        null,
      ],
    );
    assert.deepEqual(running.masked, []);
  });

  test('reports what a verb throws instead of stopping well', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request());
    const run = await verb.started();
    const cancelling = running.operations.cancel(id, 'anna');
    run.fail(new TypeError('bug'));
    assert.equal((await cancelling).tasks[0]!.error!.message, 'cancelled by anna');
    assert.equal(running.masked.length, 1);
  });

  test('waits so long for a verb, and says that it did not stop', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock, stopMs: 3000 });
    const { id } = await running.operations.submit(request());
    const run = await verb.started();
    const cancelling = running.operations.cancel(id, 'anna');
    await clock.advance(2999);
    assert.equal((await running.operations.get(id))!.state, 'RUNNING');
    await clock.advance(1);
    const { state, tasks } = await cancelling;
    assert.equal(state, 'CANCELLED');
    assert.equal(
      tasks[0]!.error!.message,
      'cancelled by anna; it did not stop within 3 s, so it is not known what the host did after that',
    );
    // What it says later changes nothing, and its place is free for others.
    run.succeed();
    await settle();
    assert.equal((await running.operations.get(id))!.state, 'CANCELLED');
    assert.equal(running.operations.load.running, 0);
  });

  test('in the moment in which a task starts stops it', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    // In every turn of the event loop between the submit and the verb's start, and after it.
    for (let turns = 0; turns < 6; turns++) {
      const { id } = await running.operations.submit(request());
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      const cancelling = running.operations.cancel(id, 'anna');
      for (const run of verb.runs) run.fail(run.context.signal.reason);
      const { state, tasks } = await cancelling;
      assert.equal(state, 'CANCELLED', `after ${turns} turns`);
      assert.match(tasks[0]!.error!.message, /^cancelled by anna/);
    }
    assert.deepEqual(running.masked, []);
  });

  test('twice, at once or later, is the same as once', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request());
    obey(await verb.started());
    const both = await Promise.all([
      running.operations.cancel(id, 'anna'),
      running.operations.cancel(id, 'bert'),
    ]);
    for (const { tasks } of both) assert.equal(tasks[0]!.error!.message, 'cancelled by anna');
    const [once] = both;
    assert.deepEqual(await running.operations.cancel(id, 'carl'), once);
  });

  test('what is done leaves it as it is, and what is not there is not found', async () => {
    await using running = await startOperations({ verbs: [quickVerb()] });
    const { id } = await running.operations.submit(request({ kind: 'TAG_IMAGE' }));
    await running.operations.wait(id, 1000);
    assert.equal((await running.operations.cancel(id, 'anna')).state, 'SUCCEEDED');
    await assert.rejects(running.operations.cancel('nothing', 'anna'), NotFoundError);
  });
});

suite('retrying', () => {
  test('runs only what did not succeed, in the same operation', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { operations } = running;
    const submitted = await operations.submit(request({ hosts: ['a', 'b'], secret: 'first' }));
    (await verb.startedOn('a')).succeed('done');
    (await verb.startedOn('b')).fail(new NotFoundError('no such tag'));
    const failed = await operations.wait(submitted.id, 1000);
    assert.equal(failed.state, 'PARTIAL');
    const retried = await operations.retry(submitted.id, { by: 'anna', secret: 'second' });
    assert.deepEqual([retried.id, retried.state], [submitted.id, 'RUNNING']);
    assert.deepEqual(
      retried.tasks.map(({ state, result, error, attempts }) => [state, result, error, attempts]),
      [
        ['SUCCEEDED', 'done', null, 1],
        ['QUEUED', null, null, 1],
      ],
    );
    assert.ok(retried.event > failed.event);
    const again = await verb.started(2);
    assert.deepEqual([again.context.host, again.secret], ['b', 'second']);
    again.succeed();
    const done = await operations.wait(submitted.id, 1000);
    assert.equal(done.state, 'SUCCEEDED');
    assert.deepEqual(
      done.tasks.map(({ attempts }) => attempts),
      [1, 2],
    );
    assert.equal(done.startedAt, failed.startedAt);
    assert.equal(verb.runs.length, 3);
    assert.match((await operations.logTail(done.id))[0]!.text, /^retried by anna$/);
  });

  test('works after a cancel, as often as wanted', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request());
    for (let attempt = 0; attempt < 3; attempt++) {
      obey(await verb.started(attempt));
      assert.equal((await running.operations.cancel(id, 'anna')).state, 'CANCELLED');
      assert.equal((await running.operations.retry(id, { by: 'anna' })).state, 'QUEUED');
    }
    (await verb.started(3)).succeed();
    const { state, tasks } = await running.operations.wait(id, 1000);
    assert.deepEqual([state, tasks[0]!.attempts], ['SUCCEEDED', 4]);
  });

  test('while it runs is a conflict; of two at once one wins', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request());
    await assert.rejects(running.operations.retry(id, { by: 'anna' }), ConflictError);
    (await verb.started()).fail(new NotFoundError('no'));
    await running.operations.wait(id, 1000);
    const both = await Promise.allSettled([
      running.operations.retry(id, { by: 'anna' }),
      running.operations.retry(id, { by: 'bert' }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    await verb.started(1);
    await settle();
    assert.equal(verb.runs.length, 2);
  });

  test('what succeeded leaves it as it is, and what is not there is not found', async () => {
    let runs = 0;
    await using running = await startOperations({ verbs: [quickVerb(() => ++runs)] });
    const { id } = await running.operations.submit(request({ kind: 'TAG_IMAGE' }));
    const done = await running.operations.wait(id, 1000);
    assert.deepEqual(await running.operations.retry(id, { by: 'anna' }), done);
    assert.equal(runs, 1);
    await assert.rejects(running.operations.retry('nothing', { by: 'anna' }), NotFoundError);
  });

  test('what retention has just removed is not found, and does not stay half alive', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request());
    (await verb.started()).fail(new NotFoundError('no'));
    await running.operations.wait(id, 1000);
    const pruned = running.store.prune({ finishedBefore: Infinity, keep: 0, limit: 9 });
    await assert.rejects(running.operations.retry(id, { by: 'anna' }), NotFoundError);
    assert.equal(await pruned, 1);
    assert.equal(running.operations.load.operations, 0);
  });
});
