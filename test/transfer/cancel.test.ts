import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { savableImage } from '../support/fake-content.ts';
import { taskOf } from './fleet-watch.ts';
import { SimulatedFleet } from './simulated-fleet.ts';

const MB = 1024 * 1024;
const app = savableImage('app:1', { base: 3 * MB, app: 6 * MB });
const TARGETS = ['bravo', 'charlie'] as const;
const INPUT = { references: ['app:1'], targets: { names: [...TARGETS] } };

function start() {
  return SimulatedFleet.start({
    alpha: { images: [app] },
    bravo: {},
    charlie: { store: 'CONTAINERD' },
  });
}

type Fleet = Awaited<ReturnType<typeof start>>;

/** All are CANCELLED, nothing is under way or left, and a retry brings the image. */
async function nothingIsLeft(fleet: Fleet, operation: any): Promise<void> {
  for (const host of TARGETS) {
    const { state, error } = taskOf(operation, host);
    assert.equal(state, 'CANCELLED', `${state} ${error?.message}`);
    assert.deepEqual(fleet.held(host), []);
  }
  await fleet.quiet();
  fleet.engines.alpha.saveFault = null;
  for (const host of TARGETS) fleet.engines[host].loadFault = null;
  const done = await fleet.retry(operation.id);
  assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
  for (const host of TARGETS) assert.deepEqual(fleet.held(host), ['app:1']);
  await fleet.quiet();
}

suite('a transfer that is cancelled', () => {
  test('while the source prepares the archive', async () => {
    await using fleet = await start();
    const never = new Promise<void>(() => {});
    fleet.engines.alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: never };
    const id = await fleet.begin(INPUT);
    await fleet.inPhase(id, 'bravo', 'SAVING');
    await fleet.underway('alpha', 'save', 1);
    await nothingIsLeft(fleet, await fleet.cancel(id));
  });

  test('in the middle of a layer', async () => {
    await using fleet = await start();
    const never = new Promise<void>(() => {});
    fleet.engines.alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 4 * MB, until: never };
    const id = await fleet.begin(INPUT);
    await fleet.received('bravo', MB);
    await fleet.received('charlie', MB);
    await nothingIsLeft(fleet, await fleet.cancel(id));
  });

  test('while the targets unpack: what they make of it is removed', async () => {
    await using fleet = await start();
    const gate = Promise.withResolvers<void>();
    for (const host of TARGETS) {
      fleet.engines[host].loadFault = { kind: 'UNPACK_LATER', until: gate.promise };
    }
    const id = await fleet.begin(INPUT);
    for (const host of TARGETS) await fleet.inPhase(id, host, 'LOADING');
    // As real engines do: they go on, though nobody waits for the answer any more.
    const cancelled = fleet.cancel(id);
    await fleet.underway('bravo', 'load', 0);
    await fleet.underway('charlie', 'load', 0);
    gate.resolve();
    await nothingIsLeft(fleet, await cancelled);
  });

  test('while the targets unpack, for longer than anybody waits: it says what may be left', async () => {
    await using fleet = await start();
    const gate = Promise.withResolvers<void>();
    for (const host of TARGETS) {
      fleet.engines[host].loadFault = { kind: 'UNPACK_LATER', until: gate.promise };
    }
    const id = await fleet.begin(INPUT);
    for (const host of TARGETS) await fleet.inPhase(id, host, 'LOADING');
    const operation = await fleet.cancel(id);
    for (const host of TARGETS) {
      assert.equal(taskOf(operation, host).state, 'CANCELLED');
      assert.match(
        operation.logTail.join('\n'),
        new RegExp(`${host}: .*sha256:\\S+ may appear on ${host}, without a tag`),
      );
    }
    gate.resolve();
    await fleet.graph.until('bravo', ({ slot }) => slot.images.size === 1);
    await fleet.graph.until('charlie', ({ slot }) => slot.images.size === 1);
    for (const host of TARGETS) fleet.engines[host].loadFault = null;
    const done = await fleet.retry(id);
    assert.equal(done.state, 'SUCCEEDED');
    for (const host of TARGETS) assert.deepEqual(fleet.held(host), ['app:1']);
  });

  test('while the copy is looked at: it is removed', async () => {
    await using fleet = await start();
    for (const host of TARGETS) fleet.engines[host].fault('inspect', { kind: 'HANG' });
    const id = await fleet.begin(INPUT);
    for (const host of TARGETS) await fleet.inPhase(id, host, 'VERIFYING');
    const operation = await fleet.cancel(id);
    for (const host of TARGETS) {
      fleet.engines[host].fault('inspect', null);
      await fleet.restart(host);
    }
    await nothingIsLeft(fleet, operation);
  });

  test('before its first target was looked at', async () => {
    await using fleet = await start();
    for (const host of TARGETS) fleet.engines[host].fault('images', { kind: 'HANG' });
    const id = await fleet.begin(INPUT);
    await fleet.underway('bravo', 'images', 1);
    const operation = await fleet.cancel(id);
    assert.equal(fleet.engines.alpha.calls.get('save') ?? 0, 0);
    for (const host of TARGETS) {
      assert.equal(taskOf(operation, host).state, 'CANCELLED');
      fleet.engines[host].fault('images', null);
      assert.deepEqual(fleet.held(host), []);
    }
  });
});

test('a drain in the middle ends the requests and leaves nothing; after a restart it can be retried', async () => {
  await using fleet = await start();
  const never = new Promise<void>(() => {});
  fleet.engines.alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 4 * MB, until: never };
  const id = await fleet.begin(INPUT);
  await fleet.received('bravo', MB);
  await fleet.graph.operations.drain(0);
  await fleet.quiet();
  const operation = await fleet.ended(id);
  for (const host of TARGETS) {
    assert.equal(taskOf(operation, host).state, 'INTERRUPTED');
    assert.equal(taskOf(operation, host).error.retryable, true);
    assert.deepEqual(fleet.held(host), []);
  }
});
