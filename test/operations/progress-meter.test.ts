import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TaskProgress } from '../../src/operations/operation.ts';
import { ProgressMeter } from '../../src/operations/progress-meter.ts';

const MB = 1_000_000;

function progress(changes: Partial<TaskProgress> = {}): TaskProgress {
  return {
    phase: 'DOWNLOADING',
    currentBytes: 0,
    totalBytes: 100 * MB,
    percent: null,
    bytesPerSecond: null,
    etaSeconds: null,
    parts: [],
    ...changes,
  };
}

suite('the progress meter', () => {
  test('knows nothing before it is told', () => {
    const meter = new ProgressMeter();
    assert.equal(meter.read(0), null);
    assert.equal(meter.readLast(), null);
  });

  test('tells percentage at once, rate and remaining time when it has seen two samples', () => {
    const meter = new ProgressMeter();
    meter.update(progress({ currentBytes: 10 * MB }), 0);
    assert.deepEqual(pick(meter.read(0)), [10, null, null]);
    meter.update(progress({ currentBytes: 20 * MB }), 1000);
    assert.deepEqual(pick(meter.read(1000)), [20, 10 * MB, 8]);
  });

  test('smooths bursts', () => {
    const meter = new ProgressMeter();
    let bytes = 0;
    for (let at = 0; at <= 10_000; at += 500) {
      // 2 MB/s on average, in bursts: all in every other half second.
      if (at % 1000 === 0) bytes += 2 * MB;
      meter.update(progress({ currentBytes: bytes }), at);
    }
    const { bytesPerSecond } = meter.read(10_000)!;
    assert.ok(Math.abs(bytesPerSecond! - 2 * MB) < 0.2 * MB, `${bytesPerSecond}`);
  });

  test('follows a change of speed within seconds', () => {
    const meter = new ProgressMeter();
    let bytes = 0;
    for (let at = 0; at <= 20_000; at += 250) {
      bytes += at < 10_000 ? 2 * MB : 0.25 * MB;
      meter.update(progress({ currentBytes: bytes, totalBytes: 1000 * MB }), at);
    }
    const { bytesPerSecond } = meter.read(20_000)!;
    assert.ok(Math.abs(bytesPerSecond! - MB) < 0.5 * MB, `${bytesPerSecond}`);
  });

  test('falls while nothing comes', () => {
    const meter = new ProgressMeter();
    meter.update(progress(), 0);
    meter.update(progress({ currentBytes: 10 * MB }), 1000);
    const [, soon] = pick(meter.read(2000));
    const [, later] = pick(meter.read(6000));
    const [, atLast, eta] = pick(meter.read(120_000));
    assert.equal(soon, 10 * MB);
    assert.ok(later! < 5 * MB, `${later}`);
    assert.equal(atLast, 0);
    assert.equal(eta, null);
  });

  test('counts anew in another phase and when bytes go back', () => {
    for (const other of [
      progress({ phase: 'EXTRACTING', currentBytes: 20 * MB }),
      progress({ currentBytes: 5 * MB }),
      progress({ currentBytes: null }),
    ]) {
      const meter = new ProgressMeter();
      meter.update(progress(), 0);
      meter.update(progress({ currentBytes: 10 * MB }), 1000);
      meter.update(other, 2000);
      assert.equal(meter.read(2000)!.bytesPerSecond, null);
    }
  });

  test('a thousand words in a moment are one sample', () => {
    const meter = new ProgressMeter();
    for (let at = 0; at <= 1000; at++) meter.update(progress({ currentBytes: at * 1000 }), at);
    const { bytesPerSecond } = meter.read(1000)!;
    assert.ok(Math.abs(bytesPerSecond! - MB) < 0.05 * MB, `${bytesPerSecond}`);
  });

  test('leaves what the verb tells itself', () => {
    const meter = new ProgressMeter();
    meter.update(progress({ percent: 7, bytesPerSecond: 8, etaSeconds: 9 }), 0);
    assert.deepEqual(pick(meter.read(0)), [7, 8, 9]);
  });

  test('never says 100 % before all is there, nor more', () => {
    const percent = (currentBytes: number | null, totalBytes: number | null) => {
      const meter = new ProgressMeter();
      meter.update(progress({ currentBytes, totalBytes }), 0);
      return meter.read(0)!.percent;
    };
    assert.equal(percent(99_999, 100_000), 99.9);
    assert.equal(percent(100_000, 100_000), 100);
    assert.equal(percent(120_000, 100_000), 100);
    assert.equal(percent(0, 0), null);
    assert.equal(percent(null, 10), null);
    assert.equal(percent(10, null), null);
  });

  test('has no rate left when the task has ended, and shows so many parts', () => {
    const meter = new ProgressMeter();
    const part = { status: 'Downloading', currentBytes: 1, totalBytes: 2 };
    const parts = Array.from({ length: 300 }, (_, at) => ({ ...part, id: `${at}` }));
    meter.update(progress({ parts }), 0);
    meter.update(progress({ currentBytes: 10 * MB, parts }), 1000);
    const last = meter.readLast()!;
    assert.deepEqual(pick(last), [10, null, null]);
    assert.equal(last.parts.length, 200);
    parts[0]!.status = 'Extracting';
    assert.equal(last.parts[0]!.status, 'Downloading', 'what was handed out stays as it was');
  });
});

function pick(progress: TaskProgress | null) {
  const { percent, bytesPerSecond, etaSeconds } = progress!;
  return [percent, bytesPerSecond, etaSeconds];
}
