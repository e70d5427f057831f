import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { TaskQueue } from '../../src/operations/task-queue.ts';
import type { QueueLimits, QueuedTask } from '../../src/operations/task-queue.ts';

/** A queue whose tasks end when the test says so. */
class Bench {
  readonly queue: TaskQueue;
  /** `operation@host` of what was started, in order. */
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();

  constructor(limits: QueueLimits) {
    this.queue = new TaskQueue(limits);
  }

  /** Tasks written as `operation@host`. */
  add(names: string[], maxParallel: number | null = null): void {
    this.queue.add(names.map((name) => this.#task(name, maxParallel)));
  }

  get running(): string[] {
    return [...this.#ends.keys()];
  }

  async end(...names: string[]): Promise<void> {
    for (const name of names) {
      const end = this.#ends.get(name);
      assert.ok(end, `${name} runs`);
      this.#ends.delete(name);
      end();
    }
    await turn();
  }

  #task(name: string, maxParallel: number | null): QueuedTask {
    const [operationId, host] = name.split('@') as [string, string];
    const run = () =>
      new Promise<void>((resolve) => {
        this.started.push(name);
        this.#ends.set(name, resolve);
      });
    return { operationId, host, maxParallel, run };
  }
}

const hosts = (operation: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${operation}@h${at}`);

suite('the task queue', () => {
  test('runs so many tasks on one host', async () => {
    const bench = new Bench({ perHost: 2 });
    bench.add(['a@x', 'b@x', 'c@x', 'd@x', 'e@y']);
    assert.deepEqual(bench.started, [], 'nothing runs before `add` returns');
    await turn();
    assert.deepEqual(bench.started, ['a@x', 'b@x', 'e@y']);
    assert.deepEqual([bench.queue.running, bench.queue.waiting], [3, 2]);
    await bench.end('b@x');
    assert.deepEqual(bench.running, ['a@x', 'e@y', 'c@x']);
    await bench.end('a@x', 'c@x');
    assert.deepEqual(bench.running, ['e@y', 'd@x']);
  });

  test('runs so many tasks of one operation', async () => {
    const bench = new Bench({});
    bench.add(hosts('a', 5), 2);
    bench.add(['b@h4']);
    await turn();
    assert.deepEqual(bench.running, ['a@h0', 'a@h1', 'b@h4']);
    await bench.end('a@h1');
    assert.deepEqual(bench.running, ['a@h0', 'b@h4', 'a@h2']);
  });

  test('runs so many tasks in all', async () => {
    const bench = new Bench({ overall: 3 });
    bench.add(hosts('a', 5));
    await turn();
    assert.equal(bench.running.length, 3);
    await bench.end('a@h0');
    assert.deepEqual(bench.running, ['a@h1', 'a@h2', 'a@h3']);
  });

  test('lets operations take turns: a small one is not held up by a huge one', async () => {
    const bench = new Bench({ overall: 4 });
    bench.add(hosts('huge', 1000));
    await turn();
    bench.add(['small@h1', 'small@h500', 'small@h501']);
    bench.add(['tiny@h7']);
    // In turn: huge, small, tiny, huge, small, huge, small.
    for (let ended = 0; ended < 7; ended++) await bench.end(bench.running[0]!);
    const others = bench.started.filter((name) => !name.startsWith('huge'));
    assert.deepEqual(others, ['small@h1', 'tiny@h7', 'small@h500', 'small@h501']);
  });

  test('lets operations take turns on one host as well', async () => {
    const bench = new Bench({ perHost: 1 });
    bench.add(['a@x', 'b@x', 'c@x']);
    await turn();
    bench.add(['d@x']);
    await bench.end('a@x');
    await bench.end('b@x');
    await bench.end('c@x');
    assert.deepEqual(bench.started, ['a@x', 'b@x', 'c@x', 'd@x']);
  });

  test('a full host holds up nothing on others', async () => {
    const bench = new Bench({ perHost: 1, overall: 3 });
    bench.add(['a@x']);
    bench.add(['b@x', 'b@y']);
    bench.add(['c@x', 'c@z']);
    await turn();
    assert.deepEqual(bench.running, ['a@x', 'b@y', 'c@z']);
  });

  test('room on a host goes to one that can use it', async () => {
    const bench = new Bench({ perHost: 1 });
    bench.add(['a@x']);
    // b may run one task only, and waits at x while its other one runs.
    bench.add(['b@x', 'b@y'], 1);
    bench.add(['c@x']);
    await turn();
    assert.deepEqual(bench.running, ['a@x', 'b@y']);
    await bench.end('a@x');
    assert.deepEqual(bench.running, ['b@y', 'c@x']);
    await bench.end('b@y');
    assert.deepEqual(bench.running, ['c@x']);
    await bench.end('c@x');
    assert.deepEqual(bench.running, ['b@x']);
    await bench.end('b@x');
    assert.deepEqual([bench.queue.running, bench.queue.waiting], [0, 0]);
  });

  test('forgets what waits of an operation, wherever it waits', async () => {
    const bench = new Bench({ perHost: 1, overall: 3 });
    bench.add(['a@x', 'a@y']);
    bench.add(['b@x', 'b@y', 'b@z', 'b@w']);
    await turn();
    assert.deepEqual(bench.running, ['a@x', 'a@y', 'b@z']);
    bench.queue.remove('b');
    bench.queue.remove('unknown');
    assert.equal(bench.queue.waiting, 0);
    await bench.end('a@x', 'a@y', 'b@z');
    assert.deepEqual(bench.running, []);
    bench.add(['b@x']);
    await turn();
    assert.deepEqual(bench.running, ['b@x']);
  });

  test('starts nothing more once closed, and tells when it is idle', async () => {
    const bench = new Bench({ perHost: 1 });
    await bench.queue.whenIdle();
    bench.add(['a@x', 'b@x']);
    await turn();
    bench.queue.close();
    bench.add(['c@y']);
    let isIdle = false;
    const idle = bench.queue.whenIdle().then(() => (isIdle = true));
    await turn();
    assert.equal(isIdle, false);
    await bench.end('a@x');
    await idle;
    assert.deepEqual(bench.started, ['a@x']);
    assert.equal(bench.queue.waiting, 0);
  });

  test('goes on after a task that breaks its word and rejects', async () => {
    const queue = new TaskQueue({ perHost: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const place = { host: 'x', maxParallel: null };
    queue.add([
      { ...place, operationId: 'a', run: () => Promise.reject(new Error('broken')) },
      { ...place, operationId: 'b', run: async () => resolve() },
    ]);
    await promise;
  });

  test('keeps its bounds and starts everything, whatever comes in whatever order', async () => {
    const limits = { perHost: 2, overall: 7 };
    const random = seededRandom(7);
    const bench = new Bench(limits);
    const names = new Set<string>();
    for (let step = 0; step < 3000; step++) {
      if (random() < 0.4 && names.size < 1200) {
        const operation = `o${step}`;
        const count = 1 + Math.floor(random() * 8);
        const list = Array.from(
          { length: count },
          (_, at) => `${operation}@h${(Math.floor(random() * 3) + at * 3) % 24}`,
        );
        for (const name of list) names.add(name);
        bench.add(list, random() < 0.5 ? 2 : null);
      } else if (bench.running.length > 0) {
        await bench.end(bench.running[Math.floor(random() * bench.running.length)]!);
      }
      assert.ok(bench.queue.running <= limits.overall);
      const onHosts = Object.values(Object.groupBy(bench.running, (name) => name.split('@')[1]!));
      assert.ok(onHosts.every((running) => running!.length <= limits.perHost));
    }
    await turn();
    while (bench.running.length > 0) await bench.end(...bench.running);
    assert.deepEqual(new Set(bench.started), names);
    assert.equal(bench.started.length, names.size);
  });
});

/** The same numbers every time. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
