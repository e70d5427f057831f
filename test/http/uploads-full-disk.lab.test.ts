import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../lab/index.ts';
import { tarOfBytes } from '../uploads/store-under-test.ts';
import { startUploads } from './upload-server.ts';

test('an upload that fills the disk is refused with 507 and leaves nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dockgraph-full-'));
  await runCommand('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  t.after(async () => {
    await runCommand('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true, force: true });
  });
  const bounds = { folder, maxBytes: 10_000_000, maxTotalBytes: 10_000_000 };
  const { post, under } = await startUploads(t, {}, bounds);
  const { status, error } = await post(tarOfBytes(3_000_320));
  assert.equal(status, 507);
  assert.equal(error.extensions.code, 'LIMIT_EXCEEDED');
  assert.equal(error.extensions.retryable, true);
  assert.match(error.message, /no room for the upload: the gateway's disk is full/);
  assert.deepEqual(await under.files(), []);
  assert.equal((await post(tarOfBytes(100_352))).status, 201);
});
