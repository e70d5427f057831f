import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CallSlots } from '../../src/common/call-slots.ts';

suite('call slots', () => {
  const never = new AbortController().signal;

  test('let so many run at once, the others in their order', async () => {
    const slots = new CallSlots(2);
    const started: number[] = [];
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const runs = gates.map((gate, at) =>
      slots.run(never, async () => {
        started.push(at);
        await gate.promise;
      }),
    );
    await Promise.resolve();
    assert.deepEqual(started, [0, 1]);
    assert.equal(slots.waiting, 2);
    gates[1]!.resolve();
    await runs[1];
    await Promise.resolve();
    assert.deepEqual(started, [0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(runs);
    assert.deepEqual(started, [0, 1, 2, 3]);
  });

  test('let go of a waiter whose signal aborts', async () => {
    const slots = new CallSlots(1);
    const gate = Promise.withResolvers<void>();
    const first = slots.run(never, () => gate.promise);
    const leaving = new AbortController();
    const second = slots.run(leaving.signal, async () => assert.fail('it had left'));
    const third = slots.run(never, async () => 'third');
    leaving.abort(new Error('left'));
    await assert.rejects(second, { message: 'left' });
    assert.equal(slots.waiting, 1);
    gate.resolve();
    await first;
    assert.equal(await third, 'third');
  });

  test('take no one whose signal has aborted', async () => {
    const slots = new CallSlots(1);
    const aborted = AbortSignal.abort(new Error('gone'));
    await assert.rejects(
      slots.run(aborted, async () => assert.fail('it had gone')),
      {
        message: 'gone',
      },
    );
    assert.equal(await slots.run(never, async () => 1), 1);
  });

  test('are free again after a failure', async () => {
    const slots = new CallSlots(1);
    await assert.rejects(slots.run(never, async () => Promise.reject(new Error('x'))));
    assert.equal(await slots.run(never, async () => 1), 1);
  });
});
