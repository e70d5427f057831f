import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventQueue } from '../../src/engine/event-queue.ts';

suite('event queue', () => {
  test('gives what waits, in order, then what comes', async () => {
    const queue = new EventQueue<number>(10, () => {});
    queue.push(1);
    queue.push(2);
    assert.deepEqual(await queue.next(), { value: 1, done: false });
    assert.deepEqual(await queue.next(), { value: 2, done: false });
    const next = queue.next();
    queue.push(3);
    assert.deepEqual(await next, { value: 3, done: false });
  });

  test('drops the oldest when it is full', async () => {
    const queue = new EventQueue<number>(3, () => {});
    for (let i = 1; i <= 5; i++) queue.push(i);
    queue.end(null);
    assert.equal(queue.dropped, 2);
    const left: number[] = [];
    for await (const value of queue) left.push(value);
    assert.deepEqual(left, [3, 4, 5]);
  });

  test('ends with its error after what is queued, for all who wait', async () => {
    const queue = new EventQueue<number>(3, () => {});
    const waiting = [queue.next(), queue.next()];
    queue.push(1);
    queue.end(new Error('cut'));
    queue.end(null);
    queue.push(2);
    assert.deepEqual(await waiting[0], { value: 1, done: false });
    await assert.rejects(waiting[1]!, { message: 'cut' });
    await assert.rejects(queue.next(), { message: 'cut' });
  });

  test('tells its source when the consumer leaves', async () => {
    let left = 0;
    const queue = new EventQueue<number>(3, () => left++);
    queue.push(1);
    queue.push(2);
    for await (const value of queue) {
      assert.equal(value, 1);
      break;
    }
    assert.equal(left, 1);
    assert.deepEqual(await queue.next(), { value: undefined, done: true });
  });
});
