import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CancelledError, EngineError, NotFoundError } from '../../src/common/errors.ts';
import { HeldVerb, quickVerb, request, startOperations, taskStates } from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';

suite('an operation that fails', () => {
  test('says why, what helps, and whether to try again', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request({ hosts: ['a', 'b', 'c'] }));
    const hosts = ['a', 'b', 'c'] as const;
    const [a, b, c] = await Promise.all(hosts.map((host) => verb.startedOn(host)));
    a!.fail(new NotFoundError('no such image: app:1', { details: { hint: 'pull it first' } }));
    b!.fail(new EngineError('disk full', { details: { hint: 42 } }));
    c!.succeed();
    const done = await running.operations.wait(id, 1000);
    assert.equal(done.state, 'PARTIAL');
    assert.deepEqual(
      done.tasks.map(({ error }) => error),
      [
        {
          code: 'NOT_FOUND',
          message: 'no such image: app:1',
          hint: 'pull it first',
          retryable: false,
        },
        { code: 'ENGINE_ERROR', message: 'disk full', hint: null, retryable: true },
        null,
      ],
    );
    assert.deepEqual(running.masked, []);
  });

  test('for a reason that is not for users hides it from them, and reports it', async () => {
    const error = new TypeError('cannot read secret stuff');
    const verb = quickVerb(() => {
      throw error;
    });
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request({ kind: 'TAG_IMAGE' }));
    const done = await running.operations.wait(id, 1000);
    const [task] = done.tasks;
    assert.equal(done.state, 'FAILED');
    assert.deepEqual(task!.error, {
      code: 'INTERNAL_SERVER_ERROR',
      message: `something unexpected went wrong; the gateway's log tells more about task ${task!.id}`,
      hint: null,
      retryable: false,
    });
    const place = { operationId: id, taskId: task!.id, host: 'alpha' };
    assert.deepEqual(running.masked, [{ error, place }]);
  });

  test('for a result that JSON cannot hold fails, and holds up nothing', async () => {
    const verb = quickVerb(() => ({ size: 10n }) as never);
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request({ kind: 'TAG_IMAGE' }));
    assert.equal((await running.operations.wait(id, 1000)).state, 'FAILED');
    assert.equal(running.masked.length, 1);
  });

  test('fast cancels what has not started', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(
      request({ hosts: ['a', 'b', 'c', 'd'], maxParallel: 2, failFast: true }),
    );
    const b = await verb.startedOn('b');
    b.fail(new NotFoundError('no such image'));
    await settle();
    const halfway = (await running.operations.get(id))!;
    assert.deepEqual(taskStates(halfway), {
      a: 'RUNNING',
      b: 'FAILED',
      c: 'CANCELLED',
      d: 'CANCELLED',
    });
    assert.equal(halfway.tasks[2]!.error!.message, 'not started, since b did not succeed');
    verb.runs[0]!.succeed();
    assert.equal((await running.operations.wait(id, 1000)).state, 'PARTIAL');
    assert.equal(verb.runs.length, 2);
  });

  test('slowly goes on with the others', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const hosts = ['a', 'b', 'c'];
    const { id } = await running.operations.submit(request({ hosts, maxParallel: 1 }));
    for (const host of hosts) {
      const run = await verb.startedOn(host);
      assert.equal(running.operations.load.running, 1);
      run.fail(new NotFoundError('no such image'));
    }
    assert.equal((await running.operations.wait(id, 1000)).state, 'FAILED');
  });
});

suite('an operation that is waited for', () => {
  test('is told when it is final', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock: new ManualClock() });
    const { id } = await running.operations.submit(request());
    const waiting = running.operations.wait(id, 60_000);
    (await verb.started()).succeed();
    assert.equal((await waiting).state, 'SUCCEEDED');
  });

  test('is told as it is when time is up', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { id } = await running.operations.submit(request());
    await verb.started();
    const asleep = clock.sleeping;
    const waiting = running.operations.wait(id, 60_000);
    await clock.advance(59_999);
    assert.equal(clock.sleeping, asleep + 1);
    await clock.advance(1);
    assert.equal((await waiting).state, 'RUNNING');
    assert.equal(clock.sleeping, asleep);
    assert.equal((await running.operations.wait(id, 0)).state, 'RUNNING');
  });

  test('is let go when the one who waits has gone', async () => {
    const clock = new ManualClock();
    await using running = await startOperations({ verbs: [new HeldVerb()], clock });
    const { id } = await running.operations.submit(request());
    const leaving = new AbortController();
    const waiting = running.operations.wait(id, 60_000, leaving.signal);
    leaving.abort();
    await assert.rejects(waiting, CancelledError);
  });

  test('must be there', async () => {
    await using running = await startOperations({});
    await assert.rejects(running.operations.wait('nothing', 1000), NotFoundError);
    assert.equal(await running.operations.get('nothing'), null);
  });
});
