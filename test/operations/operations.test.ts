import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { BadUserInputError, ConflictError, NotFoundError } from '../../src/common/errors.ts';
import { Operations } from '../../src/operations/operations.ts';
import { HeldVerb, quickVerb, request, startOperations, taskStates } from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';

suite('an operation', () => {
  test('runs its verb once on each host, and ends when all have ended', async () => {
    const clock = new ManualClock(1000);
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { operations } = running;
    const submitted = await operations.submit(request({ hosts: ['alpha', 'bravo', 'alpha'] }));
    const { state, createdAt, startedAt, requestedBy, input, tasks } = submitted;
    assert.deepEqual(
      { state, createdAt, startedAt, requestedBy, input },
      {
        state: 'QUEUED',
        createdAt: 1000,
        startedAt: null,
        requestedBy: 'ops',
        input: { reference: 'app:1' },
      },
    );
    assert.deepEqual(taskStates(submitted), { alpha: 'QUEUED', bravo: 'QUEUED' });
    const alpha = await verb.startedOn('alpha');
    const bravo = await verb.startedOn('bravo');
    assert.deepEqual(alpha.input, { reference: 'app:1' });
    assert.equal(alpha.context.operationId, submitted.id);
    assert.deepEqual(
      [alpha.context.taskId, bravo.context.taskId],
      tasks.map(({ id }) => id),
    );
    await clock.advance(500);
    alpha.succeed({ digest: 'sha256:a' });
    await settle();
    const halfway = (await operations.get(submitted.id))!;
    assert.equal(halfway.state, 'RUNNING');
    assert.deepEqual(taskStates(halfway), { alpha: 'SUCCEEDED', bravo: 'RUNNING' });
    await clock.advance(500);
    bravo.succeed();
    const done = await operations.wait(submitted.id, 1000);
    assert.equal(done.state, 'SUCCEEDED');
    assert.deepEqual([done.startedAt, done.finishedAt], [1000, 2000]);
    assert.deepEqual(
      done.tasks.map(({ startedAt, finishedAt, result, attempts }) => [
        startedAt,
        finishedAt,
        result,
        attempts,
      ]),
      [
        [1000, 1500, { digest: 'sha256:a' }, 1],
        [1000, 2000, null, 1],
      ],
    );
    assert.deepEqual(await operations.get(submitted.id), done);
    await settle();
    assert.deepEqual(operations.load, { running: 0, waiting: 0, operations: 0 });
  });

  test('is written before it is told, step by step', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { operations, store } = running;
    const { id } = await operations.submit(request());
    assert.equal((await store.get(id))!.state, 'QUEUED');
    const run = await verb.started();
    assert.equal((await store.get(id))!.state, 'RUNNING');
    run.succeed();
    await operations.wait(id, 1000);
    assert.equal((await store.get(id))!.state, 'SUCCEEDED');
  });

  test('is refused without hosts, with a bound or key that makes no sense', async () => {
    await using running = await startOperations({ verbs: [quickVerb()] });
    for (const wrong of [
      { hosts: [] },
      { maxParallel: 0 },
      { maxParallel: 1.5 },
      { idempotencyKey: '' },
      { idempotencyKey: 'x'.repeat(256) },
    ]) {
      const refused = running.operations.submit(request({ kind: 'TAG_IMAGE', ...wrong }));
      await assert.rejects(refused, BadUserInputError);
    }
    assert.equal(await running.operations.count(), 0);
  });

  test('keeps its input as it was when it was submitted', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const input = { tags: ['a'] };
    const submitting = running.operations.submit(request({ input }));
    input.tags.push('b');
    await submitting;
    assert.deepEqual((await verb.started()).input, { tags: ['a'] });
  });

  test('gets its secret, which is nowhere else', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const secret = { password: 'open-sesame' };
    const submitted = await running.operations.submit(request({ secret }));
    const run = await verb.started();
    assert.equal(run.secret, secret);
    run.fail(new Error('refused open-sesame'));
    const done = await running.operations.wait(submitted.id, 1000);
    const log = await running.operations.logTail(done.id);
    for (const shown of [submitted, done, log]) {
      assert.ok(!JSON.stringify(shown).includes('sesame'));
    }
  });

  suite('with an idempotency key', () => {
    const keyed = request({ idempotencyKey: 'nightly' });

    test('is made once, however often it is asked for', async () => {
      const verb = new HeldVerb();
      await using running = await startOperations({ verbs: [verb] });
      const { operations } = running;
      const submitted = await Promise.all(
        Array.from({ length: 20 }, () => operations.submit(keyed)),
      );
      const [id, ...others] = new Set(submitted.map(({ id }) => id));
      assert.deepEqual(others, []);
      (await verb.started()).succeed();
      await operations.wait(id!, 1000);
      const again = await operations.submit(keyed);
      assert.deepEqual([again.id, again.state], [id, 'SUCCEEDED']);
      assert.equal(verb.runs.length, 1);
    });

    test('that was used for something else is a conflict', async () => {
      await using running = await startOperations({ verbs: [new HeldVerb()] });
      await running.operations.submit(keyed);
      const other = { ...keyed, input: { reference: 'app:2' } };
      await assert.rejects(running.operations.submit(other), ConflictError);
    });
  });

  test('shows its progress while it runs, and the last of it afterwards', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { id } = await running.operations.submit(request());
    const run = await verb.started();
    assert.equal((await running.operations.get(id))!.tasks[0]!.progress, null);
    const told = {
      phase: 'DOWNLOADING',
      totalBytes: 4000,
      percent: null,
      bytesPerSecond: null,
      etaSeconds: null,
      parts: [{ id: 'abc', status: 'Downloading', currentBytes: 1000, totalBytes: 4000 }],
    };
    run.context.progress({ ...told, currentBytes: 0 });
    await clock.advance(1000);
    run.context.progress({ ...told, currentBytes: 1000 });
    const live = { ...told, currentBytes: 1000, percent: 25, bytesPerSecond: 1000, etaSeconds: 3 };
    assert.deepEqual((await running.operations.get(id))!.tasks[0]!.progress, live);
    const { operations } = await running.operations.list({ limit: 5 });
    assert.deepEqual(operations[0]!.tasks[0]!.progress, live);
    run.fail(new NotFoundError('gone'));
    await running.operations.wait(id, 1000);
    run.context.progress({ ...told, currentBytes: 3000 });
    const last = { ...live, bytesPerSecond: null, etaSeconds: null };
    assert.deepEqual((await running.operations.get(id))!.tasks[0]!.progress, last);
  });

  test('has a log', async () => {
    const clock = new ManualClock(5000);
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { id } = await running.operations.submit(request({ hosts: ['alpha', 'bravo'] }));
    (await verb.startedOn('alpha')).context.log('Step 1/2 : FROM busybox\n ---> abc');
    (await verb.startedOn('bravo')).context.log('Step 1/2 : FROM busybox');
    const expected = [
      { number: 1, at: 5000, host: 'alpha', text: 'Step 1/2 : FROM busybox' },
      { number: 2, at: 5000, host: 'alpha', text: ' ---> abc' },
      { number: 3, at: 5000, host: 'bravo', text: 'Step 1/2 : FROM busybox' },
    ];
    assert.deepEqual(await running.operations.logTail(id), expected);
    verb.runs[0]!.context.log('Step 2/2 : CMD ["true"]');
    for (const run of verb.runs) run.succeed();
    await running.operations.wait(id, 1000);
    assert.equal((await running.store.logTail(id)).length, 4, 'all is stored when it is final');
    verb.runs[0]!.context.log('too late');
    assert.equal((await running.operations.logTail(id)).length, 4);
    assert.deepEqual(await running.operations.logTail('nothing'), []);
  });

  test('that is finished long ago is removed, now and every hour', async () => {
    const clock = new ManualClock();
    const retention = { maxAgeMs: 5_000_000, maxOperations: 3 };
    const options = { verbs: [quickVerb(), new HeldVerb()], clock, retention };
    await using running = await startOperations(options);
    const { operations } = running;
    const kind = 'TAG_IMAGE' as const;
    const unfinished = await operations.submit(request());
    for (let at = 0; at < 250; at++) {
      const { id } = await operations.submit(request({ kind }));
      await operations.wait(id, 1000);
    }
    assert.equal(await operations.count(), 251);
    await clock.advance(3_600_000);
    assert.equal(await operations.count(), 3);
    await clock.advance(3_600_000);
    const left = await operations.list({ limit: 5 });
    assert.deepEqual(
      left.operations.map(({ id }) => id),
      [unfinished.id],
    );
  });

  test('submitted before the start, or of a kind without a verb, is our mistake', async () => {
    await using running = await startOperations({});
    const { store } = running;
    const early = new Operations({ store, verbs: [new HeldVerb()], onMasked: () => {} });
    await assert.rejects(early.submit(request()), /not started/);
    await assert.rejects(running.operations.submit(request()), /there is no verb for PULL_IMAGE/);
    await assert.rejects(running.operations.start(), /started once/);
  });
});
