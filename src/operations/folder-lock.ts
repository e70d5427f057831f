import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../common/errors.ts';
import { StoreUnusableError } from './operation-store.ts';

/** SQLITE_BUSY: another connection holds what is wanted. */
const BUSY = 5;

/**
 * Makes a folder ours for as long as this process lives, or until `release`. Held by an exclusive
 * transaction on a database of its own, hence by a lock of the kernel's: a kill releases it, and no
 * stale file ever has to be removed by hand.
 * @throws StoreUnusableError if another gateway has it
 */
export function lockFolder(folder: string): { release: () => void } {
  const file = join(folder, 'dockgraph.lock');
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) {
      throw new StoreUnusableError(`${file} cannot be locked: ${messageOf(error)}`, error);
    }
    throw new StoreUnusableError(
      `${folder} is in use by another dockgraph; stop that one, or give this one a folder of its own`,
      error,
    );
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === BUSY;
}
