import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { archiveFiles, savableImage } from '../support/fake-content.ts';
import type { ArchiveLayout } from '../support/fake-content.ts';
import type { FakeEngineOptions } from '../support/fake-engine.ts';
import type { FakeImage } from '../support/fake-image.ts';
import { largestEntry } from '../support/fake-save.ts';
import type { SaveFault } from '../support/fake-save.ts';
import { taskOf } from './fleet-watch.ts';
import { SimulatedFleet } from './simulated-fleet.ts';

const TARGETS = ['bravo', 'charlie'] as const;
const SOURCES: Record<ArchiveLayout, FakeEngineOptions> = {
  V1: { version: '20.10.24' },
  OCI: {},
  CONTAINERD: { store: 'CONTAINERD' },
};

for (const layout of ['V1', 'OCI', 'CONTAINERD'] as const) {
  const store = layout === 'CONTAINERD' ? 'CONTAINERD' : 'CLASSIC';
  const image = savableImage('app:1', { base: 300_000, top: 200_000 }, store);
  const files = archiveFiles(image, layout);
  const layer = largestEntry(image, layout);
  const faults: [string, SaveFault, code: string, says: RegExp][] = [
    [
      'breaks off in a layer',
      { kind: 'BREAK_AFTER', bytes: 400_000 },
      'HOST_UNREACHABLE',
      /broke off/,
    ],
    ['breaks off at its beginning', { kind: 'BREAK_AFTER', bytes: 0 }, 'HOST_UNREACHABLE', /./],
    ['has one bit that is another', { kind: 'FLIP', entry: layer }, 'DIGEST_MISMATCH', /digest is/],
    [
      'is broken off with a complaint',
      { kind: 'COMPLAIN_AFTER', entries: 2, message: 'layer is gone' },
      'ENGINE_ERROR',
      /layer is gone/,
    ],
    ['holds no file', { kind: 'NO_FILES' }, 'ENGINE_ERROR', /cannot save .* empty/],
    ['names no image', { kind: 'NO_IMAGES' }, 'ENGINE_ERROR', /cannot save .* empty/],
    ['lies about a size', { kind: 'LIE_ABOUT_SIZE', entry: layer }, 'DIGEST_MISMATCH', /digest is/],
    [
      'lacks a layer',
      { kind: 'LEAVE_OUT', entry: layer },
      'ENGINE_ERROR',
      /cannot save .* lacks|without/,
    ],
    ...files.flatMap(({ path }, at): typeof faults => [
      [
        `ends in good order before ${path}`,
        { kind: 'CUT', entries: at, by: 'END' },
        'ENGINE_ERROR',
        /end of the (?:archive|tar)/,
      ],
      [
        `breaks off before ${path}`,
        { kind: 'CUT', entries: at, by: 'BREAK' },
        'HOST_UNREACHABLE',
        /broke off/,
      ],
    ]),
  ];

  suite(`a source whose archive (${layout})`, () => {
    let fleet: SimulatedFleet<'alpha' | 'bravo' | 'charlie'>;
    before(async () => {
      fleet = await SimulatedFleet.start({
        alpha: { ...SOURCES[layout], images: [image] },
        bravo: {},
        charlie: { store: 'CONTAINERD' },
      });
    });
    after(() => fleet[Symbol.asyncDispose]());

    for (const [what, fault, code, says] of faults) {
      test(`${what}: no target keeps anything, all say whose fault it is, a retry succeeds`, async () => {
        const { alpha } = fleet.engines;
        alpha.saveFault = fault;
        const failed = await fleet.transfer({
          references: ['app:1'],
          targets: { names: [...TARGETS] },
        });
        for (const host of TARGETS) {
          const { error, state } = taskOf(failed, host);
          assert.equal(state, 'FAILED', JSON.stringify(failed));
          assert.equal(error.code, code, error.message);
          assert.match(error.message, /saving on alpha/);
          assert.match(error.message, says);
          assert.deepEqual(fleet.held(host), []);
        }
        await fleet.quiet();
        alpha.saveFault = null;
        const done = await fleet.retry(failed.id);
        assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
        await fleet.quiet();
        for (const host of TARGETS) {
          assert.deepEqual(fleet.held(host), ['app:1']);
          await fleet.forget(host);
        }
      });
    }
  });
}

test('a source that falls silent in the middle is given up, and no target waits for it for ever', async () => {
  const image = savableImage('app:1', { base: 3_000_000 });
  await using fleet = await SimulatedFleet.start(
    { alpha: { images: [image] }, bravo: {}, charlie: { store: 'CONTAINERD' } },
    { engine: { streamIdleMs: 2_000 } },
  );
  const { alpha } = fleet.engines;
  alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 1_000_000, until: new Promise(() => {}) };
  const failed = await fleet.transfer({ references: ['app:1'], targets: { names: [...TARGETS] } });
  for (const host of TARGETS) {
    const { error } = taskOf(failed, host);
    assert.equal(error.code, 'TIMEOUT');
    assert.match(error.message, /^saving on alpha: .*nothing came from alpha for 2 s/);
    assert.deepEqual(fleet.held(host), []);
  }
  await fleet.quiet();
  alpha.saveFault = null;
  assert.equal((await fleet.retry(failed.id)).state, 'SUCCEEDED');
});

suite('a containerd source whose archive is looked at first', () => {
  const base = savableImage('base:1', { base: 300_000 });
  const app = savableImage('app:1', { base: 300_000, top: 100_000 }, 'CONTAINERD');
  for (const [what, fault, code] of [
    ['is damaged', { kind: 'FLIP', entry: largestEntry(app, 'CONTAINERD') }, 'DIGEST_MISMATCH'],
    ['breaks off', { kind: 'BREAK_AFTER', bytes: 1_000 }, 'HOST_UNREACHABLE'],
    ['is empty', { kind: 'NO_FILES' }, 'ENGINE_ERROR'],
  ] as [string, SaveFault, string][]) {
    test(`${what}: the error is the read's own, with host and phase`, async () => {
      await using fleet = await SimulatedFleet.start({
        alpha: { store: 'CONTAINERD', images: [app] },
        bravo: { images: [base] },
      });
      fleet.engines.alpha.saveFault = fault;
      const input = { references: ['app:1'], targets: { names: ['bravo'] } };
      const failed = await fleet.transfer(input);
      const { error } = taskOf(failed, 'bravo');
      assert.equal(error.code, code, error.message);
      assert.match(error.message, /^saving on alpha: /);
      await fleet.quiet();
      fleet.engines.alpha.saveFault = null;
      assert.equal((await fleet.retry(failed.id)).state, 'SUCCEEDED');
      assert.deepEqual(fleet.held('bravo'), ['app:1', 'base:1']);
    });
  }
});

suite('an archive of an unknown layout', () => {
  const app = savableImage('app:1', { base: 300_000, top: 100_000 });
  const input = { references: ['app:1'], targets: { names: ['bravo'] } };
  const startOdd = async (...there: FakeImage[]) => {
    const fleet = await SimulatedFleet.start({
      alpha: { version: '20.10.24', images: [app] },
      bravo: { images: there },
    });
    fleet.engines.alpha.saveFault = { kind: 'NAME_CONFIG_ODDLY' };
    return fleet;
  };

  test('is forwarded as it is, and the result says why', async () => {
    await using fleet = await startOdd();
    const done = await fleet.transfer(input);
    const { state, result } = taskOf(done, 'bravo');
    assert.equal(state, 'SUCCEEDED', JSON.stringify(done));
    assert.match(result.images[0].wholeBecause, /forwarded as it is: .*not named by its digest/);
    assert.deepEqual(fleet.held('bravo'), ['app:1']);
    await fleet.quiet();
  });

  test('saves nothing, whatever was left out before its layout was seen', async () => {
    await using fleet = await startOdd(savableImage('base:1', { base: 300_000 }));
    const { state, result } = taskOf(await fleet.transfer(input), 'bravo');
    assert.equal(state, 'SUCCEEDED', JSON.stringify(result));
    const [{ mode, layersSent, layersSaved, bytesSaved }] = result.images;
    assert.deepEqual([mode, layersSent, layersSaved, bytesSaved], ['WHOLE', 2, 0, 0]);
  });

  test('that the target says it loaded and has not: the error says so', async () => {
    await using fleet = await startOdd();
    fleet.engines.bravo.loadFault = { kind: 'KEEP_NOTHING' };
    const { error } = taskOf(await fleet.transfer(input), 'bravo');
    assert.equal(error.code, 'ENGINE_ERROR', error.message);
    assert.match(error.message, /^verifying on bravo: bravo took .* and does not have it/);
  });

  test('cancelled while it is looked at: the copy is removed', async () => {
    await using fleet = await startOdd();
    const { bravo } = fleet.engines;
    bravo.fault('inspect', { kind: 'HANG' });
    const id = await fleet.begin(input);
    await fleet.inPhase(id, 'bravo', 'VERIFYING');
    const { state } = await fleet.cancel(id);
    assert.equal(state, 'CANCELLED');
    assert.deepEqual(fleet.held('bravo'), []);
    await fleet.quiet();
  });

  test('whose target dies: the error names it and the phase', async () => {
    await using fleet = await startOdd();
    fleet.engines.bravo.loadFault = { kind: 'BREAK_AFTER', bytes: 100_000 };
    const { error } = taskOf(await fleet.transfer(input), 'bravo');
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /^(?:sending|loading) on bravo: /);
    await fleet.quiet();
  });
});
