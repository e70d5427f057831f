import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventNumbers } from '../../src/operations/event-numbers.ts';
import { OperationIds } from '../../src/operations/operation-id.ts';

suite('operation IDs', () => {
  test('sort by creation: over time, within a millisecond, and when the clock steps back', () => {
    const ids = new OperationIds();
    const times = [1, 2, 2, 2, 1_700_000_000_000, 1_700_000_000_000, 5, 1_700_000_000_001];
    const made = times.map((time) => ids.next(time));
    assert.deepEqual(made, made.toSorted());
    assert.equal(new Set(made).size, times.length);
    for (const id of made) assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  test('of two makers differ', () => {
    assert.notEqual(new OperationIds().next(7), new OperationIds().next(7));
  });

  test('begin with the time as ULIDs do', () => {
    assert.equal(new OperationIds().next(1_469_918_176_385).slice(0, 10), '01ARYZ6S41');
  });
});

suite('event numbers', () => {
  test('grow, also within a millisecond and when the clock steps back', () => {
    let now = 10;
    const numbers = new EventNumbers(() => now);
    assert.deepEqual([numbers.next(), numbers.next()], [10_000, 10_001]);
    now = 5;
    assert.equal(numbers.next(), 10_002);
    now = 11;
    assert.equal(numbers.next(), 11_000);
  });

  test('go on after what is stored, or after the time if that is later', () => {
    const numbers = new EventNumbers(() => 10);
    numbers.startAfter(50_000);
    assert.equal(numbers.next(), 50_001);
    const others = new EventNumbers(() => 10);
    others.startAfter(7);
    assert.equal(others.next(), 10_000);
  });
});
