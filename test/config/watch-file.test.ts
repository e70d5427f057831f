import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { watchFile } from '../../src/config/watch-file.ts';
import type { WatchFileOptions } from '../../src/config/watch-file.ts';
import { testFolder } from './config-fixtures.ts';
import type { TestFolder } from './config-fixtures.ts';
import { signals } from './signals.ts';
import type { Signals } from './signals.ts';

/** Watches `name` of a folder that holds the files given. */
async function watched(
  t: TestContext,
  name: string,
  files: Record<string, string>,
  options: Partial<WatchFileOptions> = {},
): Promise<{ folder: TestFolder; changes: Signals<string>; stop: () => void }> {
  const folder = await testFolder(t);
  await folder.write(files);
  const changes = signals<string>();
  const controller = new AbortController();
  const stop = () => controller.abort();
  t.after(stop);
  watchFile(folder.file(name), () => changes.tell('changed'), {
    signal: controller.signal,
    debounceMs: 20,
    // So slow that only the system's events can tell within a test.
    pollMs: 60_000,
    ...options,
  });
  return { folder, changes, stop };
}

test('tells of a write in place, and of a change of rights', async (t) => {
  const { folder, changes } = await watched(t, 'f', { f: 'one' });
  await writeFile(folder.file('f'), 'two');
  await changes.next();
  await chmod(folder.file('f'), 0o600);
  await changes.next();
});

test('tells of a file that is moved into its place, again and again', async (t) => {
  const { folder, changes } = await watched(t, 'f', { f: 'one' });
  for (const text of ['two', 'three']) {
    await folder.write({ new: text });
    await rename(folder.file('new'), folder.file('f'));
    await changes.next();
  }
});

test('tells of a removal and of the return', async (t) => {
  const { folder, changes } = await watched(t, 'f', { f: 'one' });
  await rm(folder.file('f'));
  await changes.next();
  await folder.write({ f: 'two' });
  await changes.next();
});

test('tells of a file that was not there at first', async (t) => {
  const { folder, changes } = await watched(t, 'f', {});
  await folder.write({ f: 'one' });
  await changes.next();
});

test('tells when kubernetes turns the link to a new version', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'v1/f': 'one', 'v2/f': 'two' });
  await symlink('v1', folder.file('..data'));
  await symlink('..data/f', folder.file('f'));
  const changes = signals<string>();
  const controller = new AbortController();
  t.after(() => controller.abort());
  watchFile(folder.file('f'), () => changes.tell('changed'), {
    signal: controller.signal,
    debounceMs: 20,
    pollMs: 60_000,
  });
  await symlink('v2', folder.file('..data_tmp'));
  await rename(folder.file('..data_tmp'), folder.file('..data'));
  await changes.next();
});

test('tells of many writes as one change, and of no other file', async (t) => {
  const { folder, changes } = await watched(t, 'f', { f: 'one' }, { debounceMs: 300 });
  await folder.write({ other: 'x' });
  for (let i = 0; i < 10; i++) await writeFile(folder.file('f'), `text ${i}`);
  await changes.next();
  await folder.write({ other: 'y' });
  await writeFile(folder.file('f'), 'last');
  await changes.next();
  assert.deepEqual(changes.waiting, []);
});

test('finds by looking what the system does not tell', async (t) => {
  // The folder of the file is not watched for what happens where the link leads.
  const { folder, changes } = await watched(
    t,
    'links/f',
    { 'real/f': 'one', 'links/x': '' },
    {
      pollMs: 10,
    },
  );
  await symlink('../real/f', folder.file('links/f'));
  await changes.next();
  await writeFile(folder.file('real/f'), 'other text');
  await changes.next();
});

test('goes on when its folder is made anew', async (t) => {
  const { folder, changes } = await watched(t, 'd/f', { 'd/f': 'one' }, { pollMs: 10 });
  await rm(folder.file('d'), { recursive: true });
  await changes.next();
  await mkdir(folder.file('d'));
  await folder.write({ 'd/f': 'two' });
  await changes.next();
});

test('is silent once it was ended', async (t) => {
  const { folder, changes, stop } = await watched(t, 'f', { f: 'one' });
  // A second watch on the same file proves that there was something to tell.
  const other = signals<string>();
  const controller = new AbortController();
  t.after(() => controller.abort());
  watchFile(folder.file('f'), () => other.tell('changed'), {
    signal: controller.signal,
    debounceMs: 100,
  });
  stop();
  await writeFile(folder.file('f'), 'two');
  await other.next();
  assert.deepEqual(changes.waiting, []);
});

test('does not start when it was ended before', async (t) => {
  const folder = await testFolder(t);
  watchFile(folder.file('f'), () => assert.fail(), { signal: AbortSignal.abort(), debounceMs: 1 });
  await folder.write({ f: 'x' });
});

test('keeps no process alive', async () => {
  const script = `
    import { watchFile } from ${JSON.stringify(new URL('../../src/config/watch-file.ts', import.meta.url).href)};
    watchFile('/etc/hostname', () => {}, { signal: new AbortController().signal });
  `;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
  });
});
