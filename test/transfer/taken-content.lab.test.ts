import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startRegistry } from '../lab/index.ts';
import { inspect } from './copy-proof.ts';
import {
  copied,
  noTransferTag,
  proveWhole,
  pushes,
  put,
  saves,
  smallChange,
  smallChangeIsTaken,
  startFleet,
} from './taken-ground.ts';

const KINDS = ['20.10', '26.1 classic', '26.1 containerd'] as const;

suite('a small change from a containerd store', { timeout: 240_000 }, () => {
  for (const to of [0, 1, 2] as const) {
    test(`to ${KINDS[to]} is copied without a save, and is whole`, async () => {
      // One push for the manifest, one for the layer.
      await smallChangeIsTaken(`content-${to}`, 2, to, 2);
    });
  }

  test('that was pulled, to one that pulled the base, keeps its layers as they are', async () => {
    await using fleet = await startFleet({ source: 2, target: 2, classic: 0 });
    await using registry = await startRegistry();
    const { engines, proxies } = fleet;
    const { base, app } = await smallChange('content-pulled');
    const [baseName, appName] = ['base', 'app'].map((name) => `${registry.address}/${name}:1`) as [
      string,
      string,
    ];
    await put(fleet, 'classic', base, baseName);
    await put(fleet, 'classic', app, appName);
    for (const name of [baseName, appName]) await engines.classic.docker(['push', name]);
    await engines.target.docker(['pull', baseName]);
    await engines.source.docker(['pull', appName]);
    await fleet.graph.ask(
      `mutation { refreshHosts(input: { hosts: { all: true }, waitSeconds: 60 }) { operation { state } } }`,
    );
    const [image] = await copied(fleet, appName, ['target'], { source: 'source' });
    assert.deepEqual([image.mode, image.layersSent], ['DELTA', 1]);
    assert.equal(saves(proxies.source), 0);
    const there = await inspect(engines.source, appName);
    assert.equal((await inspect(engines.target, appName)).id, there.id);
    await proveWhole(engines.target, engines.source, appName, app);
  });
});

suite('a small change from a classic store to a containerd store', { timeout: 240_000 }, () => {
  test('needs no save once its base has passed', async () => {
    await using fleet = await startFleet({ source: 0, target: 2 });
    const { source } = fleet.proxies;
    const { base, app } = await smallChange('content-sizes');
    await put(fleet, 'source', base, 'content/base:1');
    await put(fleet, 'source', app, 'content/app:1');
    const [whole] = await copied(fleet, 'content/base:1', ['target']);
    assert.equal(whole.mode, 'WHOLE');
    assert.deepEqual([saves(source), pushes(source)], [1, 0]);
    const [delta] = await copied(fleet, 'content/app:1', ['target']);
    assert.equal(delta.mode, 'DELTA');
    assert.deepEqual([saves(source), pushes(source)], [1, 1]);
    await noTransferTag(fleet.engines.source);
    await proveWhole(fleet.engines.target, fleet.engines.source, 'content/app:1', app);
  });
});
