import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess, isRunning } from './process-identity.ts';
import { waitUntil } from './wait-until.ts';

/** Longer than the slowest `up` (packages from a slow mirror) that another one may wait for. */
const LOCK_DEADLINE_MS = 15 * 60_000;

async function tryLock(file: string): Promise<boolean> {
  const self = identifyProcess(process.pid);
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(JSON.stringify(self));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = await readFile(file, 'utf8').catch(() => '');
  // Empty: its owner has opened it and is about to write.
  if (text !== '' && !isRunning(JSON.parse(text) as ProcessIdentity)) await rm(file, { force: true });
  return false;
}

/** Runs `work` while no other process does the same under this file. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  await waitUntil(() => tryLock(file), {
    what: `the lock ${file} (another "npm run lab" holds it)`,
    deadlineMs: LOCK_DEADLINE_MS,
    intervalMs: 100,
  });
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
