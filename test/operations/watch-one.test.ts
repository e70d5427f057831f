import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { NotFoundError } from '../../src/common/errors.ts';
import { HeldVerb, quickVerb, request, startOperations } from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { Reader, bytes, never, nextOf } from './watching.ts';

suite('a watcher of one operation', () => {
  test('gets what it is now, every change, and its end', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { id } = await running.operations.submit(request({ hosts: ['a', 'b'], maxParallel: 1 }));
    const reader = new Reader(running.operations.watch(id, { signal: never }));
    for (const host of ['a', 'b']) {
      (await verb.startedOn(host)).succeed();
      await settle();
    }
    await reader.done;
    const tasks = reader.events.map(({ operation }) => operation.tasks.map(({ state }) => state));
    assert.deepEqual(tasks, [
      ['QUEUED', 'QUEUED'],
      ['RUNNING', 'QUEUED'],
      ['SUCCEEDED', 'QUEUED'],
      ['SUCCEEDED', 'RUNNING'],
      ['SUCCEEDED', 'SUCCEEDED'],
    ]);
    assert.deepEqual(reader.states, ['QUEUED', 'RUNNING', 'RUNNING', 'RUNNING', 'SUCCEEDED']);
    const numbers = reader.events.map(({ event }) => event);
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
      'numbers grow',
    );
  });

  test('of one that is final gets that and its end', async () => {
    await using running = await startOperations({ verbs: [quickVerb()] });
    const { id } = await running.operations.submit(request({ kind: 'TAG_IMAGE' }));
    const { event } = await running.operations.wait(id, 1000);
    const reader = new Reader(running.operations.watch(id, { signal: never }));
    await reader.done;
    assert.deepEqual(reader.states, ['SUCCEEDED']);
    const informed = new Reader(running.operations.watch(id, { signal: never, afterEvent: event }));
    await informed.done;
    assert.deepEqual(informed.states, []);
  });

  test('of one that is not there is told so', async () => {
    await using running = await startOperations({});
    const stream = running.operations.watch('nothing', { signal: never });
    await assert.rejects(stream.next(), NotFoundError);
  });

  test('gets progress five times a second, the latest of it, and never after the end', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { id } = await running.operations.submit(request());
    const reader = new Reader(running.operations.watch(id, { signal: never }));
    const run = await verb.started();
    await clock.advance(1000);
    const before = reader.events.length;
    for (let ms = 0; ms < 2000; ms += 10) {
      for (let word = 0; word < 10; word++) run.context.progress(bytes(ms * 10 + word));
      await clock.advance(10);
    }
    const progress = reader.events.slice(before);
    assert.ok(progress.length >= 8 && progress.length <= 11, `${progress.length} in 2 s`);
    const told = progress.map(({ operation }) => operation.tasks[0]!.progress!.currentBytes!);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.ok(told.at(-1)! >= 18_000, `${told.at(-1)}`);
    run.succeed();
    await reader.done;
    assert.equal(reader.states.at(-1), 'SUCCEEDED');
    const { length } = reader.events;
    await clock.advance(1000);
    assert.equal(reader.events.length, length);
  });

  test('gets the last progress also when the verb falls silent after it', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { id } = await running.operations.submit(request());
    const reader = new Reader(running.operations.watch(id, { signal: never }));
    const run = await verb.started();
    for (let at = 0; at < 50; at++) run.context.progress(bytes(at));
    await clock.advance(250);
    assert.equal(reader.events.at(-1)!.operation.tasks[0]!.progress!.currentBytes, 49);
  });

  test('hears of new log lines', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { id } = await running.operations.submit(request());
    const reader = new Reader(running.operations.watch(id, { signal: never }));
    const run = await verb.started();
    await clock.advance(1000);
    const before = reader.events.length;
    run.context.log('Step 1/3');
    await settle();
    assert.equal(reader.events.length, before + 1);
  });

  test('that stops reading grows no queue, and gets the end when it reads on', async () => {
    const verb = new HeldVerb();
    const clock = new ManualClock();
    await using running = await startOperations({ verbs: [verb], clock });
    const { operations } = running;
    const hosts = Array.from({ length: 60 }, (_, at) => `h${at}`);
    const { id } = await operations.submit(request({ hosts, secret: 'x' }));
    const slow = operations.watch(id, { signal: never });
    await nextOf(slow);
    for (const host of hosts) {
      const run = await verb.startedOn(host);
      for (let word = 0; word < 20; word++) {
        run.context.progress(bytes(word));
        await clock.advance(50);
      }
      run.succeed();
      await settle();
    }
    assert.equal((await operations.wait(id, 1000)).state, 'SUCCEEDED');
    const rest = new Reader(slow);
    await rest.done;
    // Hundreds of changes happened; what waited of them was one word that it moved on.
    assert.ok(rest.events.length <= 2, `${rest.events.length} events waited`);
    assert.equal(rest.states.at(-1), 'SUCCEEDED');
  });

  test('goes on where it stopped', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { operations } = running;
    const { id, event } = await operations.submit(request({ hosts: ['a', 'b'], maxParallel: 1 }));
    const first = operations.watch(id, { signal: never, afterEvent: event });
    const begun = await nextOf(first);
    assert.equal(begun.operation.state, 'RUNNING');
    await first.return();
    const same = operations.watch(id, { signal: never, afterEvent: begun.event });
    const pending = nextOf(same);
    (await verb.startedOn('a')).succeed();
    assert.equal((await pending).operation.tasks[0]!.state, 'SUCCEEDED');
    await same.return();
  });

  test('ends at once: by its signal, by return(), by the drain', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], stopMs: 10 });
    const { operations } = running;
    const { id } = await operations.submit(request());
    await verb.started();
    const leaving = new AbortController();
    const streams = [
      operations.watch(id, { signal: leaving.signal }),
      operations.watch(id, { signal: never }),
      operations.watch({}, { signal: leaving.signal }),
      operations.watch({}, { signal: never }),
    ] as const;
    await nextOf(streams[0]);
    await nextOf(streams[1]);
    const blocked = streams.map((stream) => stream.next());
    leaving.abort();
    await streams[1].return();
    await streams[3].return();
    const ends = await Promise.all(blocked);
    assert.deepEqual(
      ends.map(({ done }) => done),
      [true, true, true, true],
    );
    const last = new Reader(operations.watch({}, { signal: never }));
    const one = new Reader(operations.watch(id, { signal: never }));
    await settle();
    await operations.drain(0);
    await Promise.all([last.done, one.done]);
    assert.equal(one.states.at(-1), 'INTERRUPTED');
    assert.equal(last.states.at(-1), 'INTERRUPTED');
  });
});
