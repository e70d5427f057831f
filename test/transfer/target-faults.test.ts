import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { savableImage } from '../support/fake-content.ts';
import type { FakeEngineOptions } from '../support/fake-engine.ts';
import type { LoadFault } from '../support/fake-load.ts';
import { taskOf } from './fleet-watch.ts';
import { SimulatedFleet } from './simulated-fleet.ts';

const MB = 1024 * 1024;
const base = savableImage('base:1', { base: 3 * MB });
const app = savableImage('app:1', { base: 3 * MB, app: 6 * MB });
const FULL = 'Error processing tar file(exit status 1): write /layer: no space left on device';

suite('one of three targets', () => {
  let fleet: SimulatedFleet<'alpha' | 'bravo' | 'charlie' | 'delta'>;
  before(async () => {
    fleet = await SimulatedFleet.start(
      {
        alpha: { images: [app] },
        bravo: {},
        charlie: { images: [base] },
        delta: { store: 'CONTAINERD' },
      },
      { engine: { streamIdleMs: 2_500 } },
    );
  });
  after(() => fleet[Symbol.asyncDispose]());

  // What the system keeps on the way counts as sent: a small archive may have gone by then.
  const faults: [string, (until: Promise<void>) => LoadFault, code: string, says: RegExp][] = [
    [
      'breaks off in the middle of the upload',
      () => ({ kind: 'BREAK_AFTER', bytes: MB }),
      'HOST_UNREACHABLE',
      /^(?:sending|loading) on bravo: /,
    ],
    [
      'stops reading',
      (until) => ({ kind: 'STOP_READING', bytes: MB, until }),
      'TIMEOUT',
      /^(?:sending|loading) on bravo: .*nothing came from bravo for 2\.5 s/,
    ],
    [
      'takes all and never answers',
      (until) => ({ kind: 'UNPACK_LATER', until }),
      'TIMEOUT',
      /^loading on bravo: .*nothing came from bravo for 2\.5 s/,
    ],
    [
      'has a full disk',
      () => ({ kind: 'COMPLAIN_AFTER', bytes: null, message: FULL }),
      'ENGINE_ERROR',
      /^loading on bravo: .*no space left on device/,
    ],
    [
      'has a full disk and says so in the middle of the upload',
      () => ({ kind: 'COMPLAIN_AFTER', bytes: MB, message: FULL }),
      'ENGINE_ERROR',
      /^(?:sending|loading) on bravo: .*no space left on device/,
    ],
    [
      'says that it loaded what it has not kept',
      () => ({ kind: 'KEEP_NOTHING' }),
      'ENGINE_ERROR',
      /^verifying on bravo: bravo took sha256:\S+ and does not have it/,
    ],
  ];
  for (const [what, fault, code, says] of faults) {
    test(`${what}: the others have the image of one read, it has nothing, a retry succeeds`, async () => {
      const { alpha, bravo } = fleet.engines;
      alpha.calls.delete('save');
      const gate = Promise.withResolvers<void>();
      bravo.loadFault = fault(gate.promise);
      const operation = await fleet.transfer({
        references: ['app:1'],
        targets: { names: ['bravo', 'charlie', 'delta'] },
      });
      assert.equal(operation.state, 'PARTIAL', JSON.stringify(operation));
      const { error } = taskOf(operation, 'bravo');
      assert.equal(error.code, code, error.message);
      assert.match(error.message, says);
      assert.deepEqual(fleet.held('bravo'), []);
      assert.deepEqual(fleet.held('charlie'), ['app:1', 'base:1']);
      assert.deepEqual(fleet.held('delta'), ['app:1']);
      assert.equal(alpha.calls.get('save'), 1);
      if (bravo.loadFault.kind === 'STOP_READING') gate.resolve();
      await fleet.quiet();

      bravo.loadFault = null;
      const done = await fleet.retry(operation.id);
      assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
      assert.deepEqual(fleet.held('bravo'), ['app:1']);
      await fleet.quiet();
      await Promise.all([fleet.forget('bravo'), fleet.forget('delta')]);
      fleet.engines.charlie.removeImage(app.id);
      await fleet.graph.until('charlie', ({ slot }) => slot.images.size === 1);
    });
  }

  test('goes away for good in the middle: it says so, and what may be left', async () => {
    const { bravo } = fleet.engines;
    const gate = Promise.withResolvers<void>();
    bravo.loadFault = { kind: 'UNPACK_LATER', until: gate.promise };
    const id = await fleet.begin({
      references: ['app:1'],
      targets: { names: ['bravo', 'charlie'] },
    });
    await fleet.inPhase(id, 'bravo', 'LOADING');
    await bravo.stop();
    const operation = await fleet.ended(id);
    const { error } = taskOf(operation, 'bravo');
    assert.deepEqual(
      [operation.state, error.code, error.retryable],
      ['PARTIAL', 'HOST_UNREACHABLE', true],
    );
    assert.match(error.message, /^loading on bravo: /);
    assert.match(operation.logTail.join('\n'), /bravo: .*may be left on bravo/);
    // It comes back with an image that it went on to unpack.
    gate.resolve();
    bravo.loadFault = null;
    await bravo.listen();
    await fleet.graph.until('bravo', ({ status }) => status.state === 'ONLINE');
    const done = await fleet.retry(id);
    assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
    assert.deepEqual(fleet.held('bravo'), ['app:1']);
    await fleet.quiet();
  });
});

test('a containerd target that lost a blob of an earlier load while it unpacked gets all of it once more', async () => {
  await using fleet = await SimulatedFleet.start({
    alpha: { images: [app] },
    bravo: { store: 'CONTAINERD' },
  });
  const { alpha, bravo } = fleet.engines;
  const message = `failed to unpack loaded image: failed to get reader from content store: content digest ${app.layers[0]!.diffId}: not found`;
  const input = { references: ['app:1'], targets: { names: ['bravo'] } };
  bravo.loadFault = { kind: 'COMPLAIN_AFTER', bytes: null, message, once: true };
  const done = await fleet.transfer(input);
  assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
  assert.equal(taskOf(done, 'bravo').result.images[0].wholeBecause, null);
  assert.equal(alpha.calls.get('save'), 2);
  assert.deepEqual(fleet.held('bravo'), ['app:1']);

  await fleet.forget('bravo');
  bravo.loadFault = { kind: 'COMPLAIN_AFTER', bytes: null, message };
  const { error } = taskOf(await fleet.transfer(input), 'bravo');
  assert.match(error.message, /^loading on bravo: .*content digest/);
  assert.equal(alpha.calls.get('save'), 4);
});

test('5 of 20 targets are dead: each in its own way, and the 15 others share one read', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `t${at}`);
  const options: Record<string, FakeEngineOptions> = Object.fromEntries(
    names.map((name) => [name, {}]),
  );
  await using fleet = await SimulatedFleet.start<string>(
    { alpha: { images: [app] }, ...options },
    { engine: { streamIdleMs: 4_000 } },
  );
  const engines = names.map((name) => fleet.engines[name]!);
  const [gone, broken, stuck, silent, full] = engines;
  await gone!.stop();
  await fleet.graph.until('t0', ({ status }) => status.state === 'UNREACHABLE');
  const gate = Promise.withResolvers<void>();
  broken!.loadFault = { kind: 'BREAK_AFTER', bytes: MB };
  stuck!.loadFault = { kind: 'STOP_READING', bytes: MB, until: gate.promise };
  silent!.loadFault = { kind: 'UNPACK_LATER', until: new Promise(() => {}) };
  full!.loadFault = { kind: 'COMPLAIN_AFTER', bytes: null, message: FULL };
  const operation = await fleet.transfer({
    references: ['app:1'],
    source: 'alpha',
    targets: { names },
  });
  const codes = names.map((name) => taskOf(operation, name).error?.code ?? 'none');
  assert.deepEqual(codes, [
    'HOST_UNREACHABLE',
    'HOST_UNREACHABLE',
    'TIMEOUT',
    'TIMEOUT',
    'ENGINE_ERROR',
    ...Array.from({ length: 15 }, () => 'none'),
  ]);
  for (const [at, name] of names.entries()) {
    assert.deepEqual(fleet.held(name), at < 5 ? [] : ['app:1'], name);
    if (at < 5) assert.match(taskOf(operation, name).error.message, new RegExp(`\\b${name}\\b`));
  }
  assert.equal(fleet.engines['alpha']!.calls.get('save'), 1);
  gate.resolve();
  await fleet.quiet();

  for (const engine of engines.slice(0, 5)) engine.loadFault = null;
  await gone!.listen();
  await fleet.graph.until('t0', ({ status }) => status.state === 'ONLINE');
  const done = await fleet.retry(operation.id);
  assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
  for (const name of names) assert.deepEqual(fleet.held(name), ['app:1']);
  assert.equal(fleet.engines['alpha']!.calls.get('save'), 2);
});
