import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { KeyedLock } from '../../src/common/keyed-lock.ts';

const never = new AbortController().signal;

suite('a lock by keys', () => {
  test('lets one in for each key, in the order in which they asked', async () => {
    const lock = new KeyedLock();
    const order: string[] = [];
    const first = await lock.acquire('a', never);
    const waiting = ['second', 'third'].map(async (name) => {
      const release = await lock.acquire('a', never);
      order.push(name);
      release();
    });
    const other = await lock.acquire('b', never);
    order.push('other');
    other();
    first();
    await Promise.all(waiting);
    assert.deepEqual(order, ['other', 'second', 'third']);
    (await lock.acquire('a', never))();
  });

  test('lets go of a waiter who leaves, and of none before its turn', async () => {
    const lock = new KeyedLock();
    const release = await lock.acquire('a', never);
    const leaver = new AbortController();
    const left = assert.rejects(lock.acquire('a', leaver.signal), { code: 'CANCELLED' });
    let isIn = false;
    const last = lock.acquire('a', never).then((done) => {
      isIn = true;
      return done;
    });
    leaver.abort();
    await left;
    assert.equal(isIn, false);
    release();
    (await last)();
    (await lock.acquire('a', never))();
  });

  test('does not let in who has left before', async () => {
    const lock = new KeyedLock();
    await assert.rejects(lock.acquire('a', AbortSignal.abort()), { code: 'CANCELLED' });
    (await lock.acquire('a', never))();
  });
});
