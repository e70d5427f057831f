import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { it } from 'node:test';
import { buildImage } from '../lab/index.ts';
import { inspect, savedLayers, untilTagged } from './copy-proof.ts';
import { load, randomLayer, startTransferFleet } from './transfer-fleet.ts';

const GB = 1_000_000_000;

it('a layer of 1 GB comes whole, from 20.10 to both stores of 26.1 at once', async () => {
  const { bavail, bsize } = await statfs(tmpdir());
  // Three engines unpack it, and have its archive beside it meanwhile.
  assert.ok(bavail * bsize > 12 * GB, `12 GB of free disk are needed, ${bavail * bsize} are there`);
  await using fleet = await startTransferFleet({ source: 0, classic: 1, containerd: 2 });
  const { engines, graph } = fleet;
  const image = await buildImage({ layers: [randomLayer('large', GB), randomLayer('small', 100)] });
  await load(engines.source, image, 'large:1');
  await untilTagged(graph, 'source', 'large:1');
  const { state, tasks } = await fleet.transfer({
    references: ['large:1'],
    source: 'source',
    targets: { names: ['classic', 'containerd'] },
    waitSeconds: 300,
  });
  assert.equal(state, 'SUCCEEDED', JSON.stringify(tasks));
  for (const { host, result } of tasks) {
    const [{ mode, bytesSent, layersSent }] = result.images;
    assert.equal(mode, 'WHOLE');
    assert.equal(layersSent, 2);
    assert.ok(bytesSent > GB && bytesSent < GB + 64 * 1024, `${bytesSent} bytes sent`);
    const engine = engines[host.name as 'classic' | 'containerd'];
    assert.deepEqual((await inspect(engine, 'large:1')).diffIds, image.diffIds);
    assert.deepEqual(await savedLayers(engine, 'large:1'), image.diffIds.toSorted());
    // Its disk is wanted by the next one.
    await engine.docker(['rmi', 'large:1']);
  }
});
