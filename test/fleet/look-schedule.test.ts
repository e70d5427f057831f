import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LookSchedule } from '../../src/fleet/look-schedule.ts';
import { ManualClock, settle } from '../operations/manual-clock.ts';

const TIMINGS = { debounceMs: 50, debounceMaxMs: 500, resyncMs: 300_000 };
const IMAGES = { images: true, containers: false };
const ALL = { images: true, containers: true };

/** A schedule and whoever waits for the next look. */
function waiting(lastMs = 0) {
  const clock = new ManualClock();
  const schedule = new LookSchedule(clock, TIMINGS);
  const stop = new AbortController();
  let isDue = false;
  const due = schedule.due(lastMs, stop.signal).then(() => {
    isDue = true;
  });
  due.catch(() => {});
  const mark = async () => {
    schedule.mark(IMAGES);
    await settle();
  };
  return { clock, schedule, stop, due, mark, isDue: () => isDue };
}

suite('the next look at a host', () => {
  test('is due when it was quiet for a moment, and lists what was marked', async () => {
    const { clock, schedule, mark, isDue } = waiting();
    await clock.advance(10_000);
    await mark();
    await clock.advance(49);
    await mark();
    await clock.advance(49);
    assert.equal(isDue(), false);
    await clock.advance(1);
    assert.equal(isDue(), true);
    assert.deepEqual(schedule.begin(), IMAGES);
    assert.deepEqual(schedule.begin(), { images: false, containers: false });
  });

  test('is not put off for ever, and not sooner than the last one took', async () => {
    const { clock, mark, isDue } = waiting(100);
    await mark();
    await clock.advance(99);
    for (let ms = 99; ms < 500; ms += 90) {
      assert.equal(isDue(), false, `${ms} ms`);
      await mark();
      await clock.advance(90);
    }
    await mark();
    assert.equal(isDue(), true);
  });

  test('is due at once where somebody waits for it, and lists all', async () => {
    const { schedule, isDue } = waiting();
    schedule.hurry();
    await settle();
    assert.equal(isDue(), true);
    assert.deepEqual(schedule.begin(), ALL);
  });

  test('comes without a mark, too, and lists all', async () => {
    const { clock, schedule, isDue } = waiting();
    await clock.advance(TIMINGS.resyncMs + TIMINGS.debounceMs);
    assert.equal(isDue(), true);
    assert.deepEqual(schedule.begin(), ALL);
  });

  test('is not waited for any more when the connection has ended', async () => {
    const { clock, stop, due } = waiting();
    stop.abort();
    await assert.rejects(due, { name: 'AbortError' });
    assert.equal(clock.sleeping, 0);
  });
});
