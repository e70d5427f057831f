import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { ImageStore } from '../../src/engine/engine.ts';
import type { HostRecord } from '../../src/fleet/fleet.ts';
import {
  compressInto,
  compressor,
  ConnectionSpeeds,
} from '../../src/transfer/transfer-compression.ts';

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

suite('an archive that is compressed', () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * at) >> 8));
  const pieces = () => {
    let at = 0;
    return new Readable({
      read() {
        const piece = bytes.subarray(at, (at += 30_000));
        this.push(piece.length === 0 ? null : piece);
      },
    });
  };

  for (const [compression, restored] of [
    ['GZIP', gunzipSync],
    ['ZSTD', zstdDecompressSync],
  ] as const) {
    test(`with ${compression} is whole, and says what it has read`, async () => {
      const compress = compressor(compression)!;
      let read = 0;
      compressInto(compress, pieces(), (size) => {
        read += size;
      });
      assert.ok(restored(await buffer(compress)).equals(bytes));
      assert.equal(read, bytes.length);
    });
  }

  test('that breaks off does not end', async () => {
    const compress = compressor('GZIP')!;
    const archive = pieces();
    const failed = once(compress, 'error');
    compressInto(compress.resume(), archive, () => {});
    await once(compress, 'data');
    archive.destroy(new Error('broke off'));
    const [error] = (await failed) as [Error];
    assert.equal(error.message, 'broke off');
    assert.equal(compress.readableEnded, false);
  });

  test('that nobody wants any more is not read on', async () => {
    const compress = compressor('GZIP')!;
    const archive = pieces();
    compressInto(compress, archive, () => {});
    compress.destroy();
    await once(archive, 'close');
    assert.equal(archive.readableEnded, false);
  });
});
