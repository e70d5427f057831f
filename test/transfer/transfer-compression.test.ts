import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ImageStore } from '../../src/engine/engine.ts';
import type { HostRecord } from '../../src/fleet/fleet.ts';
import { ConnectionSpeeds } from '../../src/transfer/transfer-compression.ts';

/** As much of a host as the choice looks at: one that is far away. */
function far(version: string, imageStore: ImageStore): HostRecord {
  return {
    config: { name: 'alpha', endpoint: { transport: 'SSH' } },
    status: { engine: { version, imageStore }, latencyMs: 50 },
  } as HostRecord;
}

suite('an archive is sent with', () => {
  const cases: [version: string, store: ImageStore, sent: string][] = [
    ['20.10.24', 'CLASSIC', 'GZIP'],
    // These may die of zstd.
    ['23.0.0', 'CLASSIC', 'GZIP'],
    ['26.1.5+dfsg1', 'CLASSIC', 'GZIP'],
    ['27.5.1', 'CLASSIC', 'GZIP'],
    ['28.0.0', 'CLASSIC', 'ZSTD'],
    ['26.1.5+dfsg1', 'CONTAINERD', 'ZSTD'],
    ['29.1.0', 'CONTAINERD', 'ZSTD'],
    ['5.4.2', 'PODMAN', 'ZSTD'],
  ];
  for (const [version, store, sent] of cases) {
    test(`${sent} to ${version} with a ${store.toLowerCase()} store`, () => {
      const speeds = new ConnectionSpeeds();
      for (const wanted of ['AUTO', 'ZSTD'] as const) {
        assert.equal(speeds.choose(wanted, far(version, store)), sent);
      }
    });
  }
});
