import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError } from '../../src/common/errors.ts';
import { SharedWork } from '../../src/common/shared-work.ts';

/** Work under the test's control. */
function controlled() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const state = {
    starts: 0,
    signal: undefined as AbortSignal | undefined,
    tell: (() => {}) as (message: number) => void,
  };
  const work = (signal: AbortSignal, tell: (message: number) => void): Promise<string> => {
    Object.assign(state, { starts: state.starts + 1, signal, tell });
    signal.addEventListener('abort', () => reject(new Error('stopped')));
    return promise;
  };
  return { state, work, resolve };
}

describe('shared work', () => {
  it('is done once for all who want it, and each hears of its progress', async () => {
    const shared = new SharedWork<number, string>();
    const { state, work, resolve } = controlled();
    const { signal } = new AbortController();
    const heard: number[][] = [[], []];
    const first = shared.run('k', signal, (n) => heard[0]!.push(n), work);
    state.tell(1);
    const second = shared.run('k', signal, (n) => heard[1]!.push(n), work);
    state.tell(2);
    resolve('done');
    assert.deepEqual(await Promise.all([first, second]), ['done', 'done']);
    assert.deepEqual(heard, [[1, 2], [2]]);
    assert.equal(state.starts, 1);
    assert.equal(shared.size, 0);
  });

  it('goes on when one leaves, and stops when the last one does', async () => {
    const shared = new SharedWork<number, string>();
    const { state, work } = controlled();
    const leavers = [new AbortController(), new AbortController()];
    const [first, second] = leavers.map(({ signal }) => shared.run('k', signal, () => {}, work));
    leavers[0]!.abort();
    await assert.rejects(first!, CancelledError);
    assert.equal(state.signal!.aborted, false);
    leavers[1]!.abort();
    await assert.rejects(second!, CancelledError);
    assert.equal(state.signal!.aborted, true);
    assert.equal(shared.size, 0);
  });

  it('is not shared by those who want something else, nor with those who come later', async () => {
    const shared = new SharedWork<number, string>();
    const { signal } = new AbortController();
    const one = controlled();
    const other = controlled();
    const pending = [
      shared.run('a', signal, () => {}, one.work),
      shared.run('b', signal, () => {}, other.work),
    ];
    assert.equal(shared.size, 2);
    one.resolve('1');
    other.resolve('2');
    assert.deepEqual(await Promise.all(pending), ['1', '2']);
    const again = controlled();
    const later = shared.run('a', signal, () => {}, again.work);
    again.resolve('3');
    assert.equal(await later, '3');
  });
});
