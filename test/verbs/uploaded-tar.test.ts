import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { openUploadedTar, uploadNamedBy } from '../../src/verbs/uploaded-tar.ts';
import { waitUntil } from '../lab/index.ts';
import { StoreUnderTest, tarOfBytes } from '../uploads/store-under-test.ts';

const MEBIBYTE = 1024 * 1024;

/** The files in a folder that this process has open. */
async function openFiles(folder: string): Promise<string[]> {
  const fds = await readdir('/proc/self/fd');
  const files = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return files.filter((file) => file.startsWith(folder));
}

const sizes = { maxBytes: 16 * MEBIBYTE, maxTotalBytes: 64 * MEBIBYTE };

describe('an uploaded tar on its way to a host', () => {
  for (const [form, pack] of [
    ['plain', (tar: Buffer) => tar],
    ['zstd', (tar: Buffer) => zstdCompressSync(tar)],
  ] as const) {
    it(`is read no faster than it is taken, and let go of (${form})`, async (t) => {
      const under = await StoreUnderTest.open(t, sizes);
      const tar = tarOfBytes(8 * MEBIBYTE);
      const { id: upload, sha256, bytes } = await under.add(pack(tar));
      const told: number[] = [];
      const open = () =>
        openUploadedTar(under.store, { upload, sha256 }, (sent, total) => {
          assert.equal(total, bytes);
          told.push(sent);
        });

      const unread = await open();
      await turn();
      assert.deepEqual(await openFiles(under.folder), []);
      unread.destroy();

      const slow = await open();
      await once(slow, 'readable');
      slow.read(1);
      for (let at = 0; at < 50; at++) await turn();
      assert.ok(form === 'zstd' || told.at(-1)! <= MEBIBYTE, `${told.at(-1)} bytes were read`);
      slow.destroy();
      await waitUntil(async () => (await openFiles(under.folder)).length === 0, {
        what: 'the file to be closed',
        deadlineMs: 5_000,
      });

      assert.ok((await buffer(await open())).equals(tar));
      assert.equal(told.at(-1), bytes);
    });
  }

  it('that is damaged breaks off', async (t) => {
    const under = await StoreUnderTest.open(t, sizes);
    const packed = zstdCompressSync(tarOfBytes(MEBIBYTE)).subarray(0, -5);
    const { id: upload, sha256 } = await under.add(packed);
    await assert.rejects(buffer(await openUploadedTar(under.store, { upload, sha256 })));
    assert.deepEqual(await openFiles(under.folder), []);
  });

  it('is named by builds and imports', () => {
    const upload = 'abc';
    const named = (kind: any, input: any) => uploadNamedBy({ kind, input });
    assert.equal(named('IMPORT_IMAGE', { upload, sha256: '' }), upload);
    assert.equal(named('BUILD_IMAGE', { context: { upload, sha256: '' } }), upload);
    assert.equal(named('BUILD_IMAGE', { context: { dockerfile: '' } }), null);
    assert.equal(named('IMPORT_IMAGE', { url: 'http://a/b' }), null);
    assert.equal(named('TAG_IMAGE', { upload }), null);
    assert.equal(named('REFRESH_HOSTS', null), null);
  });
});
