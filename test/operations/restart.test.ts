import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HostUnreachableError, NotFoundError } from '../../src/common/errors.ts';
import type { Json } from '../../src/operations/operation.ts';
import { ShuttingDownError } from '../../src/operations/shutting-down-error.ts';
import {
  HeldVerb,
  quickVerb,
  request,
  startOperations,
  taskStates,
  temporaryFolder,
} from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';

/** An operation on a, b and c of which a has succeeded, b runs and c waits, when the kill comes. */
async function killedMidway(folder: string, extra: Parameters<typeof request>[0] = {}) {
  const verb = new HeldVerb();
  const running = await startOperations({ verbs: [verb], folder });
  const hosts = ['a', 'b', 'c'];
  const { id } = await running.operations.submit(request({ hosts, maxParallel: 1, ...extra }));
  (await verb.startedOn('a')).succeed('done before');
  await verb.startedOn('b');
  await running.kill();
  return id;
}

suite('after a kill', () => {
  test('what was done stays done, what waited runs, what ran is looked up on its host', async () => {
    using folder = temporaryFolder();
    const id = await killedMidway(folder.path);
    const verb = new HeldVerb();
    const asked: unknown[] = [];
    verb.recover = async (input, context) => {
      asked.push([input, context.host, context.operationId, context.taskId]);
      return { found: context.host };
    };
    await using running = await startOperations({ verbs: [verb], folder: folder.path });
    const c = await verb.startedOn('c');
    assert.equal(c.secret, undefined);
    c.succeed('done after');
    const done = await running.operations.wait(id, 1000);
    assert.equal(done.state, 'SUCCEEDED');
    assert.deepEqual(
      done.tasks.map(({ result, attempts }) => [result, attempts]),
      [
        ['done before', 1],
        [{ found: 'b' }, 1],
        ['done after', 1],
      ],
    );
    assert.deepEqual(asked, [[{ reference: 'app:1' }, 'b', id, done.tasks[1]!.id]]);
    assert.equal(verb.runs.length, 1);
  });

  const recoveries: [string, NonNullable<HeldVerb['recover']> | undefined, RegExp][] = [
    ['cannot be looked up', undefined, /could not be found out$/],
    ['nobody can tell', async () => null, /could not be found out$/],
    [
      'is on a host that does not answer',
      async () => Promise.reject(new HostUnreachableError('b is away')),
      /could not be found out: b is away$/,
    ],
    [
      'makes the verb fail',
      async () => Promise.reject(new TypeError('bug')),
      /could not be found out$/,
    ],
    [
      'is on a host that never answers',
      () => new Promise(() => {}),
      /could not be found out: looking at b after the restart did not finish within 20 ms$/,
    ],
  ];
  for (const [what, recover, message] of recoveries) {
    test(`what ran and ${what} is INTERRUPTED, and can be retried`, async () => {
      using folder = temporaryFolder();
      const id = await killedMidway(folder.path);
      const verb = new HeldVerb();
      if (recover) verb.recover = recover;
      const options = { verbs: [verb], folder: folder.path, recoverMs: 20 };
      await using running = await startOperations(options);
      (await verb.startedOn('c')).succeed();
      const done = await running.operations.wait(id, 5000);
      assert.equal(done.state, 'PARTIAL');
      assert.equal(done.tasks[1]!.state, 'INTERRUPTED');
      assert.match(done.tasks[1]!.error!.message, message);
      assert.equal(done.tasks[1]!.error!.retryable, true);
      assert.equal(running.masked.length, what === 'makes the verb fail' ? 1 : 0);
      await running.operations.retry(id, { by: 'anna' });
      (await verb.startedOn('b')).succeed();
      assert.equal((await running.operations.wait(id, 1000)).state, 'SUCCEEDED');
    });
  }

  test('what waited and needs its secret is INTERRUPTED', async () => {
    using folder = temporaryFolder();
    const id = await killedMidway(folder.path, { secret: 'password' });
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], folder: folder.path });
    const done = await running.operations.wait(id, 0);
    assert.deepEqual(taskStates(done), { a: 'SUCCEEDED', b: 'INTERRUPTED', c: 'INTERRUPTED' });
    assert.match(done.tasks[2]!.error!.message, /credentials of the request are stored nowhere/);
    assert.equal(done.tasks[2]!.error!.hint, 'retryOperation with the credentials');
    await running.operations.retry(id, { by: 'anna', secret: 'again' });
    assert.equal((await verb.startedOn('b')).secret, 'again');
  });

  test('fail fast still holds', async () => {
    using folder = temporaryFolder();
    const id = await killedMidway(folder.path, { failFast: true });
    await using running = await startOperations({ verbs: [new HeldVerb()], folder: folder.path });
    const done = await running.operations.wait(id, 0);
    assert.deepEqual(taskStates(done), { a: 'SUCCEEDED', b: 'INTERRUPTED', c: 'CANCELLED' });
  });

  test('the bounds hold for what is taken up', async () => {
    using folder = temporaryFolder();
    const first = new HeldVerb();
    const killed = await startOperations({ verbs: [first], folder: folder.path });
    for (let at = 0; at < 5; at++) await killed.operations.submit(request());
    await first.started(1);
    await killed.kill();
    const verb = new HeldVerb();
    const found: PromiseWithResolvers<Json>[] = [];
    verb.recover = () => {
      found.push(Promise.withResolvers<Json>());
      return found.at(-1)!.promise;
    };
    await using running = await startOperations({ verbs: [verb], folder: folder.path });
    await settle();
    assert.equal(found.length, 2);
    assert.deepEqual(running.operations.load, { running: 2, waiting: 3, operations: 5 });
    for (const { resolve } of found) resolve('found');
    await verb.started(1);
  });

  test('what is cancelled before it was looked up is over', async () => {
    using folder = temporaryFolder();
    const id = await killedMidway(folder.path);
    const verb = new HeldVerb();
    verb.recover = () => new Promise(() => {});
    const limits = { overall: 1 };
    const options = { verbs: [verb, new HeldVerb('PUSH_IMAGE')], folder: folder.path, limits };
    await using running = await startOperations(options);
    // Now it is being looked up.
    await settle();
    const cancelled = await running.operations.cancel(id, 'anna');
    assert.deepEqual(taskStates(cancelled), { a: 'SUCCEEDED', b: 'INTERRUPTED', c: 'CANCELLED' });
  });

  test('what is cancelled while it waits to be looked up is over, too', async () => {
    using folder = temporaryFolder();
    const first = new HeldVerb();
    const killed = await startOperations({ verbs: [first], folder: folder.path });
    await killed.operations.submit(request());
    const { id } = await killed.operations.submit(request());
    await first.started(1);
    await killed.kill();
    const verb = new HeldVerb();
    verb.recover = () => new Promise(() => {});
    const options = { verbs: [verb], folder: folder.path, limits: { perHost: 1 } };
    await using running = await startOperations(options);
    await settle();
    assert.equal((await running.operations.cancel(id, 'anna')).state, 'INTERRUPTED');
  });

  test('a kind that this gateway does not know is INTERRUPTED', async () => {
    using folder = temporaryFolder();
    const id = await killedMidway(folder.path);
    await using running = await startOperations({ verbs: [], folder: folder.path });
    const done = await running.operations.wait(id, 0);
    assert.deepEqual(taskStates(done), { a: 'SUCCEEDED', b: 'INTERRUPTED', c: 'INTERRUPTED' });
  });

  test('what was final is as it was', async () => {
    using folder = temporaryFolder();
    const killed = await startOperations({ verbs: [quickVerb()], folder: folder.path });
    const { id } = await killed.operations.submit(request({ kind: 'TAG_IMAGE' }));
    const done = await killed.operations.wait(id, 1000);
    await killed.kill();
    await using running = await startOperations({ folder: folder.path });
    assert.deepEqual(await running.operations.get(id), done);
  });
});

suite('a drain', () => {
  test('takes no new work, and lets what runs finish', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { operations } = running;
    const { id } = await operations.submit(request());
    const run = await verb.started();
    const draining = operations.drain(60_000);
    await assert.rejects(operations.submit(request()), (error) => {
      assert.ok(error instanceof ShuttingDownError);
      return error.retryable;
    });
    await assert.rejects(operations.retry(id, { by: 'anna' }), ShuttingDownError);
    assert.equal(run.context.signal.aborted, false);
    run.succeed();
    await draining;
    assert.equal((await operations.get(id))!.state, 'SUCCEEDED');
  });

  test('interrupts what does not finish in time, and lets it say what is half done', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock, stopMs: 1000 });
    const { operations } = running;
    const { id } = await operations.submit(request({ hosts: ['a', 'b'] }));
    const a = await verb.startedOn('a');
    await verb.startedOn('b');
    let hasEnded = false;
    const draining = operations.drain(5000).then(() => (hasEnded = true));
    await clock.advance(4999);
    assert.equal(a.context.signal.aborted, false);
    await clock.advance(1);
    assert.equal(a.context.signal.aborted, true);
    a.fail(new NotFoundError('half of it is there'));
    await settle();
    assert.equal(hasEnded, false);
    await clock.advance(1000);
    await draining;
    const done = (await operations.get(id))!;
    assert.equal(done.state, 'INTERRUPTED');
    assert.deepEqual(
      done.tasks.map(({ error }) => error!.message),
      [
        'the gateway is shutting down; just then: half of it is there',
        'the gateway is shutting down; it did not stop within 1 s, so it is not known what the host did after that',
      ],
    );
  });

  test('leaves what waits to the next gateway, unless it needs its secret', async () => {
    using folder = temporaryFolder();
    const verb = new HeldVerb();
    const ids: string[] = [];
    {
      const options = { verbs: [verb], folder: folder.path, limits: { perHost: 1 }, stopMs: 10 };
      await using running = await startOperations(options);
      await running.operations.submit(request());
      await verb.started();
      ids.push((await running.operations.submit(request())).id);
      ids.push((await running.operations.submit(request({ secret: 'x' }))).id);
      const waiting = running.operations.wait(ids[0]!, 60_000);
      await running.operations.drain(0);
      assert.equal((await waiting).state, 'QUEUED', 'waiters are let go');
      assert.equal((await running.operations.get(ids[1]!))!.state, 'INTERRUPTED');
      assert.equal(verb.runs.length, 1);
    }
    const next = new HeldVerb();
    await using running = await startOperations({ verbs: [next], folder: folder.path });
    assert.equal((await next.started()).context.operationId, ids[0]);
    assert.equal((await running.operations.get(ids[1]!))!.state, 'INTERRUPTED');
  });

  test('does not give up what it has not looked up yet', async () => {
    using folder = temporaryFolder();
    const id = await killedMidway(folder.path);
    {
      const verb = new HeldVerb();
      verb.recover = () => new Promise(() => {});
      const options = { verbs: [verb], folder: folder.path, limits: { overall: 1 } };
      await using running = await startOperations(options);
      await settle();
      await running.operations.drain(0);
      assert.equal((await running.operations.get(id))!.tasks[1]!.state, 'RUNNING');
    }
    const verb = new HeldVerb();
    verb.recover = async () => 'found';
    await using running = await startOperations({ verbs: [verb], folder: folder.path });
    (await verb.startedOn('c')).succeed();
    assert.equal((await running.operations.wait(id, 1000)).state, 'SUCCEEDED');
  });

  test('twice is once', async () => {
    await using running = await startOperations({});
    assert.equal(running.operations.drain(0), running.operations.drain(0));
    await running.operations.drain(0);
  });
});
