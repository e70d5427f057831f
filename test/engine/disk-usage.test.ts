import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { diskUsage } from '../../src/engine/disk-usage.ts';

const NOTHING = { totalCount: 0, activeCount: 0, sizeBytes: 0, reclaimableBytes: 0 };

suite('/system/df', () => {
  test('before 1.52 is added up as the docker CLI does', () => {
    assert.deepEqual(
      diskUsage({
        LayersSize: 1000,
        Images: [
          { Size: 600, SharedSize: 400, Containers: 2 },
          { Size: 700, SharedSize: 400, Containers: 0 },
          { Size: 50, SharedSize: -1, Containers: 1 },
        ],
        Containers: [
          { State: 'running', SizeRw: 7 },
          { State: 'exited', SizeRw: 5 },
          { State: 'created', SizeRw: null },
        ],
        Volumes: [
          { UsageData: { Size: 30, RefCount: 1 } },
          { UsageData: { Size: 12, RefCount: 0 } },
          { UsageData: { Size: -1, RefCount: -1 } },
          { UsageData: null },
        ],
        BuildCache: [
          { Size: 10, InUse: true, Shared: false },
          { Size: 20, InUse: false, Shared: false },
          { Size: 40, InUse: true, Shared: true },
        ],
      }),
      {
        layersBytes: 1000,
        images: { totalCount: 3, activeCount: 2, sizeBytes: 1000, reclaimableBytes: 800 },
        containers: { totalCount: 3, activeCount: 1, sizeBytes: 12, reclaimableBytes: 5 },
        volumes: { totalCount: 4, activeCount: 1, sizeBytes: 42, reclaimableBytes: 12 },
        buildCache: { totalCount: 3, activeCount: 2, sizeBytes: 30, reclaimableBytes: 20 },
      },
    );
  });

  test("20.10's sum of the build cache is taken", () => {
    const usage = diskUsage({ BuilderSize: 99, BuildCache: [{ Size: 10, InUse: true }] });
    assert.equal(usage.buildCache.sizeBytes, 99);
    assert.equal(usage.buildCache.reclaimableBytes, 89);
  });

  test('from 1.52 on is what the engine says', () => {
    const sums = (n: number) => ({
      TotalCount: n,
      ActiveCount: n - 1,
      TotalSize: n * 100,
      Reclaimable: n * 10,
    });
    const entry = (n: number) => ({
      totalCount: n,
      activeCount: n - 1,
      sizeBytes: n * 100,
      reclaimableBytes: n * 10,
    });
    assert.deepEqual(
      diskUsage({
        ImageUsage: sums(4),
        ContainerUsage: sums(3),
        VolumeUsage: sums(2),
        BuildCacheUsage: sums(1),
        LayersSize: 1,
      }),
      {
        layersBytes: 400,
        images: entry(4),
        containers: entry(3),
        volumes: entry(2),
        buildCache: entry(1),
      },
    );
  });

  test('of podman, which gives no sum of the layers, is what images have for themselves', () => {
    const usage = diskUsage({
      LayersSize: 0,
      Images: [
        { Size: 600, SharedSize: 400, Containers: 0 },
        { Id: 'two-tags', Size: 50, SharedSize: 0, Containers: 1 },
        { Id: 'two-tags', Size: 50, SharedSize: 0, Containers: 1 },
      ],
    });
    assert.deepEqual([usage.images.totalCount, usage.images.activeCount], [2, 1]);
    assert.equal(usage.layersBytes, 250);
    assert.equal(usage.images.reclaimableBytes, 200);
  });

  test('of nothing is nothing', () => {
    assert.deepEqual(
      diskUsage({ Images: null, Containers: null, Volumes: null, BuildCache: null }),
      {
        layersBytes: 0,
        images: NOTHING,
        containers: NOTHING,
        volumes: NOTHING,
        buildCache: NOTHING,
      },
    );
  });
});
