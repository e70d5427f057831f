import assert from 'node:assert/strict';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { runCommand, waitUntil } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayEngine } from '../lab/index.ts';
import { tarSize } from '../lab/seed/tar-writer.ts';
import { startEngineProxy } from '../support/engine-proxy.ts';
import { Graph } from '../support/graph.ts';
import { ENGINE_KINDS, randomImage } from '../support/own-engine.ts';
import { FleetWatch, taskOf } from './fleet-watch.ts';
import { cutAfter, flippedAt } from './save-trouble.ts';
import { load, startTransferFleet } from './transfer-fleet.ts';

const MB = 1024 * 1024;
const nameOf = (n: 0 | 1 | 2) => `${ENGINE_KINDS[n].release} ${ENGINE_KINDS[n].store}`;

/** What went wrong, for messages of tests. */
function errorsOf({ tasks, logTail }: any): string {
  return JSON.stringify([tasks.map(({ error }: any) => error), logTail]);
}

/** IDs of all images on an engine, those without tags too. */
async function imagesOn(engine: ThrowAwayEngine): Promise<string[]> {
  const said = await engine.docker(['images', '--all', '--quiet', '--no-trunc']);
  return said.split('\n').filter((line) => line !== '');
}

/** Nothing of an archive lies about in the engine's temporary folder. */
async function noTemporaryFiles({ directory }: ThrowAwayEngine): Promise<void> {
  const folder = join(directory, 'data', 'tmp');
  const left = async () =>
    (await readdir(folder).catch(() => [])).filter((name) => /^docker-(?:im|ex)port/.test(name));
  await waitUntil(async () => (await left()).length === 0, {
    what: `the end of temporary files in ${folder}`,
    deadlineMs: 20_000,
  });
}

/** The image can be saved again: what an engine has only in part cannot. */
async function savesWhole(engine: ThrowAwayEngine, image: BuiltImage, tag: string): Promise<void> {
  const file = join(engine.directory, 'saved.tar');
  await engine.docker(['save', '--output', file, tag]);
  const { size } = await stat(file);
  assert.ok(size > image.layers.reduce((sum, { entries }) => sum + tarSize(entries), 0));
  const layers = await engine.docker(['inspect', '--format', '{{json .RootFS.Layers}}', tag]);
  assert.deepEqual(JSON.parse(layers), image.diffIds);
}

for (const n of [0, 1, 2] as const) {
  suite(`a transfer to ${nameOf(n)}`, () => {
    test('that is cancelled while it unpacks leaves nothing, or says what it may', async () => {
      await using fleet = await startTransferFleet({ source: 1, target: n });
      const watch = new FleetWatch(fleet.graph);
      const { source, target } = fleet.engines;
      const image = await randomImage(`faults-cancel-${n}`, 120 * MB);
      await load(source, image, 'faults/cancel:1');
      await fleet.graph.until('source', ({ slot }) => slot.images.size === 1);
      const id = await watch.begin({
        references: ['faults/cancel:1'],
        targets: { names: ['target'] },
      });
      // Containerd says nothing while it unpacks, and stops when nobody waits for its answer.
      if (n === 2) await watch.inPhase(id, 'target', 'LOADING');
      else await watch.unpacks(id, 'target');
      const cancelled = await watch.cancel(id);
      const { state, error } = taskOf(cancelled, 'target');
      assert.equal(state, 'CANCELLED', errorsOf(cancelled));
      await noTemporaryFiles(target);
      const left = await imagesOn(target);
      if (left.length > 0) assert.match(error.message, /may (?:appear|be left) on target/);
      const done = await watch.retry(id);
      assert.equal(done.state, 'SUCCEEDED', errorsOf(done));
      await savesWhole(target, image, 'faults/cancel:1');
      assert.equal((await imagesOn(target)).length, 1);
    });

    test('whose target is killed in the middle has nothing there, and a retry succeeds', async () => {
      await using fleet = await startTransferFleet({ source: 1, target: n, other: 0 });
      const watch = new FleetWatch(fleet.graph);
      const { source, target, other } = fleet.engines;
      const image = await randomImage(`faults-killed-${n}`, 40 * MB);
      await load(source, image, 'faults/killed:1');
      await fleet.graph.until('source', ({ slot }) => slot.images.size === 1);
      const id = await watch.begin({
        references: ['faults/killed:1'],
        targets: { names: ['target', 'other'] },
        maxBytesPerSecond: 12 * MB,
      });
      await watch.sent(id, 'target', 2 * MB);
      await target.kill();
      const operation = await watch.ended(id);
      const { error } = taskOf(operation, 'target');
      assert.deepEqual([operation.state, error.code], ['PARTIAL', 'HOST_UNREACHABLE']);
      assert.match(error.message, /^(?:sending|loading) on target: /);
      assert.equal(taskOf(operation, 'other').state, 'SUCCEEDED');
      await savesWhole(other, image, 'faults/killed:1');
      await target.start();
      assert.deepEqual(await imagesOn(target), []);
      await fleet.graph.until('target', ({ status }) => status.state === 'ONLINE');
      assert.equal((await watch.retry(id)).state, 'SUCCEEDED');
      await savesWhole(target, image, 'faults/killed:1');
    });

    test('whose source is killed in the middle leaves nothing, and a retry succeeds', async () => {
      await using fleet = await startTransferFleet({ source: n, target: n });
      const watch = new FleetWatch(fleet.graph);
      const { source, target } = fleet.engines;
      const image = await randomImage(`faults-source-${n}`, 60 * MB);
      await load(source, image, 'faults/source:1');
      await fleet.graph.until('source', ({ slot }) => slot.images.size === 1);
      const id = await watch.begin({
        references: ['faults/source:1'],
        targets: { names: ['target'] },
        maxBytesPerSecond: 12 * MB,
      });
      await watch.sent(id, 'target', 2 * MB);
      await source.kill();
      const operation = await watch.ended(id);
      const { error } = taskOf(operation, 'target');
      assert.deepEqual([operation.state, error.code], ['FAILED', 'HOST_UNREACHABLE']);
      assert.match(error.message, /^saving on source: /);
      await noTemporaryFiles(target);
      assert.deepEqual(await imagesOn(target), []);
      await source.start();
      await fleet.graph.until('source', ({ status }) => status.state === 'ONLINE');
      assert.equal((await watch.retry(id)).state, 'SUCCEEDED');
      await savesWhole(target, image, 'faults/source:1');
    });

    test('whose disk is full says so and keeps nothing; the other target has the image', async () => {
      await using fleet = await startTransferFleet({ source: 1, target: n, other: 1 });
      const watch = new FleetWatch(fleet.graph);
      const { source, target, other } = fleet.engines;
      const image = await randomImage(`faults-full-${n}`, 60 * MB);
      await load(source, image, 'faults/full:1');
      await target.stop();
      const data = join(target.directory, 'data');
      await rm(data, { recursive: true });
      await mkdir(data);
      await runCommand('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', data]);
      try {
        await target.start();
        await fleet.graph.until('target', ({ status }) => status.state === 'ONLINE');
        await fleet.graph.until('source', ({ slot }) => slot.images.size === 1);
        const operation = await fleet.transfer({
          references: ['faults/full:1'],
          targets: { names: ['target', 'other'] },
        });
        const { error } = taskOf(operation, 'target');
        assert.deepEqual([operation.state, error.code], ['PARTIAL', 'ENGINE_ERROR']);
        assert.match(error.message, /^(?:sending|loading) on target: .*no space left on device/);
        assert.match(error.hint, /^free disk space on target/);
        await savesWhole(other, image, 'faults/full:1');
        assert.deepEqual(await imagesOn(target), []);
        await noTemporaryFiles(target);
        await runCommand('mount', ['-o', 'remount,size=400m', data]);
        const done = await watch.retry(operation.id);
        assert.equal(done.state, 'SUCCEEDED', errorsOf(done));
        await savesWhole(target, image, 'faults/full:1');
      } finally {
        await target.stop();
        await runCommand('umount', ['--lazy', data]);
      }
    });
  });

  test(`what is altered or cut between ${nameOf(n)} and the gateway reaches no target`, async () => {
    await using fleet = await startTransferFleet({ source: n, old: 0, classic: 1, snap: 2 });
    const { engines } = fleet;
    const image = await randomImage(`faults-proxy-${n}`, 3 * MB, 2 * MB);
    await load(engines.source, image, 'faults/proxy:1');
    await using proxy = await startEngineProxy(engines.source);
    const targets = ['old', 'classic', 'snap'] as const;
    await using graph = await Graph.start(
      (['source', ...targets] as const).map((name) => ({
        name,
        labels: {},
        endpoint: {
          transport: 'UNIX' as const,
          socketPath: name === 'source' ? proxy.socketPath : engines[name].socketPath,
        },
      })),
    );
    const watch = new FleetWatch(graph);
    const flipped = flippedAt(1.5 * MB);
    for (const trouble of [flipped, cutAfter(MB, 'END'), cutAfter(MB, 'BREAK')]) {
      const mend = proxy.alter('GET /images/get', trouble);
      const operation = await watch.ended(
        await watch.begin({ references: ['faults/proxy:1'], targets: { names: [...targets] } }),
      );
      assert.equal(operation.state, 'FAILED', errorsOf(operation));
      for (const host of targets) {
        const { error } = taskOf(operation, host);
        assert.match(error.message, /^saving on source: /);
        if (trouble === flipped) assert.equal(error.code, 'DIGEST_MISMATCH');
        assert.deepEqual(await imagesOn(engines[host]), [], host);
        await noTemporaryFiles(engines[host]);
      }
      assert.equal(proxy.underWay('GET /images/get'), 0);
      mend();
      const done = await watch.retry(operation.id);
      assert.equal(done.state, 'SUCCEEDED', errorsOf(done));
      for (const host of targets) {
        await savesWhole(engines[host], image, 'faults/proxy:1');
        await engines[host].docker(['rmi', 'faults/proxy:1']);
        await graph.until(host, ({ slot }) => slot.images.size === 0);
      }
    }
  });
}
