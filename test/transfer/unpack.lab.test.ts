import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { madeImage, madeLayer, ociEntries, tarOf } from '../archive/archive-builder.ts';
import { startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';

const KINDS = { snap: 2, old: 0, now: 1 } as const;

describe('layers that zstd compressed, from a containerd store', () => {
  let fleet: TransferFleet<keyof typeof KINDS>;
  before(async () => {
    fleet = await startTransferFleet(KINDS);
  });
  after(() => fleet?.[Symbol.asyncDispose]());

  it('are unpacked on the way to an engine that knows no zstd, the others as they are', async () => {
    const contents = ['zstd-0', 'gzip-1', 'zstd-2'];
    const layers = await Promise.all(
      contents.map((name) => madeLayer(name, Buffer.alloc(300_000, name))),
    );
    const image = madeImage(layers);
    const input = await tarOf(ociEntries(image, 'zstd', 'gzip', 'zstd').entries);
    const loaded = await fleet.engines.snap.docker(['load'], { input: Readable.from([input]) });
    const [id] = /sha256:[0-9a-f]{64}/.exec(loaded)!;
    await fleet.engines.snap.docker(['tag', id, 'packed:1']);
    await fleet.graph.until('snap', () =>
      fleet.graph.fleet.inventory.tags.has('docker.io/library/packed:1'),
    );
    const targets = { names: ['old', 'now'] };
    const { state, tasks } = await fleet.transfer({ references: ['packed:1'], targets });
    assert.equal(state, 'SUCCEEDED', JSON.stringify(tasks));
    for (const name of ['old', 'now'] as const) {
      const told = await fleet.engines[name].docker([
        'inspect',
        'packed:1',
        '--format',
        '{{json .}}',
      ]);
      const { Id, RootFS } = JSON.parse(told) as { Id: string; RootFS: { Layers: string[] } };
      assert.equal(Id, image.configDigest);
      assert.deepEqual(RootFS.Layers, image.diffIds);
    }
    const [old] = tasks;
    assert.equal(old.result.images[0].layersSent, 3);
  });
});
