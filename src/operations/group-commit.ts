import type { DatabaseSync } from 'node:sqlite';
import { DockgraphError } from '../common/errors.ts';

/** Writes of one transaction: more would hold up everything else for too long. */
const MOST_AT_ONCE = 256;

interface Waiting {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Puts the writes that are asked for in one turn of the event loop into one transaction. Waiting
 * for the disk is the price of a commit, and it is the same for one write as for hundreds.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Resolves once the work is committed. Work that cannot be done throws a DockgraphError before it
   * writes anything; after any other error what it wrote is taken back.
   */
  write<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ work, resolve, reject });
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#flushSome);
    }
    return promise as Promise<T>;
  }

  /** Commits all that waits. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, MOST_AT_ONCE));
  }

  readonly #flushSome = (): void => {
    this.#scheduled = false;
    this.#commit(this.#waiting.splice(0, MOST_AT_ONCE));
    if (this.#waiting.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flushSome);
  };

  #commit(writes: Waiting[]): void {
    if (writes.length === 0) return;
    let answers: (() => void)[];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      answers = writes.map(perform);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      if (writes.length === 1) writes[0]!.reject(error);
      // One of them is to blame, or the disk is: alone, each one learns its own fate.
      else for (const write of writes) this.#commit([write]);
      return;
    }
    for (const answer of answers) answer();
  }

  #rollBack(): void {
    // SQLite has done it itself after some errors, such as a full disk.
    if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }
}

function perform({ work, resolve, reject }: Waiting): () => void {
  try {
    const value = work();
    return () => resolve(value);
  } catch (error) {
    if (!(error instanceof DockgraphError)) throw error;
    return () => reject(error);
  }
}
