import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DamagedArchiveError } from '../../src/archive/archive-errors.ts';
import { LayerUnpacker } from '../../src/archive/layer-unpacker.ts';

const MB = 1024 * 1024;
const content = Buffer.from(Array.from({ length: 2 * MB }, (_, at) => (at * at) >> 8));

/** All that comes out, given in pieces of that size. */
async function unpacked(unpacker: LayerUnpacker, bytes: Buffer, size: number): Promise<Buffer> {
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    for await (const piece of unpacker.write(bytes.subarray(at, at + size))) out.push(piece);
  }
  for await (const piece of unpacker.end()) out.push(piece);
  return Buffer.concat(out);
}

suite('a layer that is unpacked as it passes', () => {
  const forms = { plain: content, gzip: gzipSync(content), zstd: zstdCompressSync(content) };
  for (const [form, bytes] of Object.entries(forms)) {
    for (const size of [1_000, 64 * 1024, bytes.length]) {
      test(`${form}, in pieces of ${size} bytes, is what it was`, async () => {
        const unpacker = new LayerUnpacker('app');
        assert.ok((await unpacked(unpacker, bytes, size)).equals(content));
        assert.equal(unpacker.sizeBytes, content.length);
        const hex = createHash('sha256').update(content).digest('hex');
        assert.equal(unpacker.digest, `sha256:${hex}`);
      });
    }
  }

  test('of fewer bytes than tell what it is', async () => {
    const unpacker = new LayerUnpacker('app');
    assert.equal((await unpacked(unpacker, Buffer.from('ab'), 1)).toString(), 'ab');
  });

  for (const [form, bomb] of [
    ['gzip', gzipSync(Buffer.alloc(256 * MB))],
    ['zstd', zstdCompressSync(Buffer.alloc(256 * MB))],
  ] as const) {
    test(`${form} of 256 MiB in ${bomb.length} bytes is unpacked no further than it is taken`, async () => {
      const unpacker = new LayerUnpacker('bomb');
      const before = process.memoryUsage().arrayBuffers;
      const pieces = unpacker.write(bomb);
      await pieces.next();
      // Whatever goes on by itself would go on now.
      for (let turns = 0; turns < 2_000; turns++) await turn();
      const grown = process.memoryUsage().arrayBuffers - before;
      unpacker.destroy();
      assert.ok(grown < 8 * MB, `${grown} bytes`);
    });
  }

  test('that is damaged, or cut, is told as such', async () => {
    const damaged = Buffer.from(forms.gzip);
    damaged.fill(0xff, 1_000, 2_000);
    for (const bytes of [damaged, forms.gzip.subarray(0, -100), forms.zstd.subarray(0, -100)]) {
      await assert.rejects(
        unpacked(new LayerUnpacker('app'), bytes, 10_000),
        (error) =>
          error instanceof DamagedArchiveError &&
          /layer app cannot be unpacked/.test(error.message),
      );
    }
  });
});
