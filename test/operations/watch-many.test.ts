import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OperationEvent } from '../../src/operations/operation-snapshot.ts';
import { HeldVerb, quickVerb, request, startOperations, temporaryFolder } from './harness.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { Reader, bytes, never, nextOf } from './watching.ts';

suite('a watcher of many operations', () => {
  test('gets every change of those that fit, from now on', async () => {
    await using running = await startOperations({ verbs: [quickVerb(), new HeldVerb()] });
    const { operations } = running;
    const kind = 'TAG_IMAGE' as const;
    const earlier = await operations.submit(request({ kind }));
    await operations.wait(earlier.id, 1000);
    const reader = new Reader(operations.watch({ hosts: ['a'], kinds: [kind] }, { signal: never }));
    const { id } = await operations.submit(request({ kind, hosts: ['a', 'b'] }));
    await operations.submit(request({ kind, hosts: ['b'] }));
    await operations.submit(request({ hosts: ['a'] }));
    await operations.wait(id, 1000);
    await settle();
    assert.deepEqual(new Set(reader.events.map(({ operation }) => operation.id)), new Set([id]));
    assert.equal(reader.states[0], 'QUEUED');
    assert.equal(reader.states.at(-1), 'SUCCEEDED');
  });

  test('with states gets only snapshots in those', async () => {
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb] });
    const { operations } = running;
    const reader = new Reader(operations.watch({ states: ['SUCCEEDED'] }, { signal: never }));
    const { id } = await operations.submit(request());
    (await verb.started()).succeed();
    await operations.wait(id, 1000);
    await settle();
    assert.deepEqual(reader.states, ['SUCCEEDED']);
  });

  test('goes on where it stopped, over a restart as well', async () => {
    using folder = temporaryFolder();
    const options = { verbs: [quickVerb()], folder: folder.path };
    const kind = 'TAG_IMAGE' as const;
    const ids: string[] = [];
    const submit = async (running: Awaited<ReturnType<typeof startOperations>>) => {
      const { id } = await running.operations.submit(request({ kind }));
      await running.operations.wait(id, 1000);
      ids.push(id);
    };
    let afterEvent: number;
    {
      await using running = await startOperations(options);
      const stream = running.operations.watch({ states: ['SUCCEEDED'] }, { signal: never });
      await submit(running);
      const seen = await nextOf(stream);
      assert.equal(seen.operation.id, ids[0]);
      afterEvent = seen.event;
      await stream.return();
      // Missed by the client: more than are read at once.
      for (let at = 0; at < 230; at++) await submit(running);
    }
    await using running = await startOperations(options);
    const filter = { states: ['SUCCEEDED' as const] };
    const stream = running.operations.watch(filter, { signal: never, afterEvent });
    const seen: OperationEvent[] = [];
    for (let at = 1; at <= 230; at++) seen.push(await nextOf(stream));
    await submit(running);
    seen.push(await nextOf(stream));
    assert.deepEqual(
      seen.map(({ operation }) => operation.id),
      ids.slice(1),
    );
    const numbers = seen.map(({ event }) => event);
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
      'numbers grow',
    );
    await stream.return();
  });

  test('that stops reading loses no end, however much happens meanwhile', async () => {
    await using running = await startOperations({ verbs: [quickVerb()] });
    const { operations } = running;
    const stop = new AbortController();
    const slow = operations.watch({}, { signal: stop.signal });
    const kind = 'TAG_IMAGE' as const;
    // More operations than may wait for it in memory.
    const submitted = await Promise.all(
      Array.from({ length: 1500 }, (_, at) =>
        operations.submit(request({ kind, hosts: [`h${at % 100}`] })),
      ),
    );
    await Promise.all(submitted.map(({ id }) => operations.wait(id, 10_000)));
    await settle();
    stop.abort();
    const reader = new Reader(slow);
    await reader.done;
    const ended = reader.events.filter(({ operation }) => operation.state === 'SUCCEEDED');
    const told = new Set(ended.map(({ operation }) => operation.id));
    assert.equal(submitted.filter(({ id }) => !told.has(id)).length, 0);
    assert.ok(reader.events.length <= 2 * submitted.length, `${reader.events.length}`);
  });

  test('can go on from progress without missing a change', async () => {
    const clock = new ManualClock();
    const verb = new HeldVerb();
    await using running = await startOperations({ verbs: [verb], clock });
    const { operations } = running;
    const stream = operations.watch({}, { signal: never });
    const one = await operations.submit(request({ hosts: ['a'] }));
    const two = await operations.submit(request({ hosts: ['b'] }));
    const runs = [await verb.startedOn('a'), await verb.startedOn('b')];
    await clock.advance(1000);
    runs[0]!.context.progress(bytes(10));
    await settle();
    const seen: OperationEvent[] = [];
    while (seen.at(-1)?.operation.tasks[0]!.progress == null) seen.push(await nextOf(stream));
    await stream.return();
    runs[1]!.succeed();
    await operations.wait(two.id, 1000);
    const { event } = seen.at(-1)!;
    const next = operations.watch({}, { signal: never, afterEvent: event });
    const { operation } = await nextOf(next);
    assert.deepEqual([operation.id, operation.state], [two.id, 'SUCCEEDED']);
    await next.return();
    assert.equal((await operations.get(one.id))!.state, 'RUNNING');
  });
});
