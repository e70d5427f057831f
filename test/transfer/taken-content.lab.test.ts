import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startRegistry } from '../lab/index.ts';
import { inspect } from './copy-proof.ts';
import { taskOf } from './fleet-watch.ts';
import {
  noTransferTag,
  proveWhole,
  pushes,
  put,
  saves,
  smallChange,
  startFleet,
} from './taken-ground.ts';

const KINDS = ['20.10', '26.1 classic', '26.1 containerd'] as const;

suite('a small change from a containerd store', { timeout: 240_000 }, () => {
  for (const to of [0, 1, 2] as const) {
    test(`to ${KINDS[to]} is copied without a save, and is whole`, async () => {
      await using fleet = await startFleet({ source: 2, target: to });
      const { source } = fleet.proxies;
      const { base, app } = await smallChange(`content-${to}`);
      await put(fleet, 'source', app, 'content/app:1');
      await put(fleet, 'target', base, 'content/base:1');
      const operation = await fleet.transfer({
        references: ['content/app:1'],
        targets: { names: ['target'] },
      });
      const { state, result } = taskOf(operation, 'target');
      assert.equal(state, 'SUCCEEDED', JSON.stringify(operation));
      const [image] = result.images;
      assert.deepEqual([image.mode, image.layersSent], ['DELTA', 1]);
      assert.ok(image.bytesSent < 200_000, `${image.bytesSent} bytes sent`);
      // One for the manifest, one for the layer.
      assert.deepEqual([saves(source), pushes(source)], [0, 2]);
      const { engines } = fleet;
      const there = await inspect(engines.source, 'content/app:1');
      const copy = await inspect(engines.target, 'content/app:1');
      assert.deepEqual(copy.diffIds, there.diffIds);
      assert.equal(copy.id, to === 2 ? there.id : app.configDigest);
      await noTransferTag(engines.source);
      await proveWhole(engines.target, engines.source, 'content/app:1', app);
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
    const operation = await fleet.transfer({
      references: [appName],
      source: 'source',
      targets: { names: ['target'] },
    });
    const { state, result } = taskOf(operation, 'target');
    assert.equal(state, 'SUCCEEDED', JSON.stringify(operation));
    assert.deepEqual([result.images[0].mode, result.images[0].layersSent], ['DELTA', 1]);
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
    const copy = async (reference: string) => {
      const operation = await fleet.transfer({
        references: [reference],
        targets: { names: ['target'] },
      });
      const { state, result } = taskOf(operation, 'target');
      assert.equal(state, 'SUCCEEDED', JSON.stringify(operation));
      return result.images[0].mode;
    };
    assert.equal(await copy('content/base:1'), 'WHOLE');
    assert.deepEqual([saves(source), pushes(source)], [1, 0]);
    assert.equal(await copy('content/app:1'), 'DELTA');
    assert.deepEqual([saves(source), pushes(source)], [1, 1]);
    await noTransferTag(fleet.engines.source);
    await proveWhole(fleet.engines.target, fleet.engines.source, 'content/app:1', app);
  });
});
