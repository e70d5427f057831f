import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ConflictError, NotFoundError, messageOf } from '../common/errors.ts';
import { lockFolder } from './folder-lock.ts';
import { GroupCommit } from './group-commit.ts';
import { LOG_BOUNDS, sizeOfLine } from './operation-log.ts';
import type { LogLine, StoredLogLine } from './operation-log.ts';
import type { OperationFilter, OperationSnapshot } from './operation-snapshot.ts';
import { StoreUnusableError } from './operation-store.ts';
import type {
  Created,
  OperationChange,
  OperationPage,
  OperationStore,
  PageQuery,
  RetentionBounds,
} from './operation-store.ts';
import { requestFingerprint } from './request-fingerprint.ts';
import { selectCount, selectPage } from './sqlite-list.ts';
import { operationColumns, taskColumns, toOperation } from './sqlite-rows.ts';
import type { Row } from './sqlite-rows.ts';
import { openDatabase } from './sqlite-schema.ts';

const FINAL = "('SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED', 'INTERRUPTED')";

/**
 * Opens the store in a folder, which is made if it is not there, and keeps every other gateway out
 * of it until the store is closed or the process ends.
 * @throws StoreUnusableError
 */
export async function openSqliteStore(folder: string): Promise<OperationStore> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    const lock = lockFolder(folder);
    try {
      return new SqliteStore(openDatabase(join(folder, 'operations.db')), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof StoreUnusableError) throw error;
    throw new StoreUnusableError(`${folder} cannot be used: ${messageOf(error)}`, error);
  }
}

/** Operations in one SQLite file. The driver is synchronous; that is nobody's business but ours. */
class SqliteStore implements OperationStore {
  readonly #database: DatabaseSync;
  readonly #lock: { release: () => void };
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, lock: { release: () => void }) {
    this.#database = database;
    this.#lock = lock;
    this.#commits = new GroupCommit(database);
  }

  create(operation: OperationSnapshot): Promise<Created> {
    return this.#commits.write(() => {
      const earlier = this.#withKey(operation);
      if (earlier) return { operation: earlier, isNew: false };
      this.#insert('operations', operationColumns(operation));
      for (const [position, task] of operation.tasks.entries()) {
        const place = { operation_id: operation.id, position, host: task.host };
        this.#insert('tasks', { ...taskColumns(task), ...place });
      }
      return { operation, isNew: true };
    });
  }

  record(change: OperationChange): Promise<void> {
    return this.#commits.write(() => {
      const { changes } = this.#run(
        `UPDATE operations SET state = ?, started_at = ?, finished_at = ?, needs_secret = ?,
           event = ? WHERE id = ?`,
        change.state,
        change.startedAt,
        change.finishedAt,
        Number(change.needsSecret),
        change.event,
        change.id,
      );
      if (changes === 0) throw new NotFoundError(`operation ${change.id} is not kept any more`);
      for (const task of change.tasks) {
        this.#statement(
          `UPDATE tasks SET state = :state, started_at = :started_at, finished_at = :finished_at,
             result = :result, error = :error, attempts = :attempts, progress = :progress
           WHERE id = :id`,
        ).run(taskColumns(task));
      }
    });
  }

  async get(id: string): Promise<OperationSnapshot | null> {
    return this.#operations(this.#select('SELECT * FROM operations WHERE id = ?', [id]))[0] ?? null;
  }

  async list(query: PageQuery): Promise<OperationPage> {
    const { rows, ...page } = selectPage(this.#select, query);
    return { operations: this.#operations(rows), ...page };
  }

  async count(filter: OperationFilter): Promise<number> {
    return selectCount(this.#select, filter);
  }

  async changedSince(event: number, limit: number): Promise<OperationSnapshot[]> {
    const sql = 'SELECT * FROM operations WHERE event > ? ORDER BY event LIMIT ?';
    return this.#operations(this.#select(sql, [event, limit]));
  }

  async lastEvent(): Promise<number> {
    return Number(this.#select('SELECT max(event) AS last FROM operations', [])[0]?.last ?? 0);
  }

  async unfinished(): Promise<OperationSnapshot[]> {
    const sql = `SELECT * FROM operations WHERE state NOT IN ${FINAL} ORDER BY id`;
    return this.#operations(this.#select(sql, []));
  }

  prune({ finishedBefore, keep, limit }: RetentionBounds): Promise<number> {
    return this.#commits.write(() => {
      const remove = (which: string, ...parameters: number[]) =>
        Number(
          this.#run(
            `DELETE FROM operations WHERE id IN
               (SELECT id FROM operations WHERE finished_at IS NOT NULL ${which} LIMIT ?)`,
            ...parameters,
          ).changes,
        );
      const old = remove('AND finished_at < ? ORDER BY finished_at', finishedBefore, limit);
      const tooMany = selectCount(this.#select, {}) - keep;
      return old + remove('ORDER BY id', Math.max(0, Math.min(tooMany, limit - old)));
    });
  }

  appendLog(id: string, lines: readonly LogLine[]): Promise<void> {
    return this.#commits.write(() => {
      if (this.#select('SELECT 1 FROM operations WHERE id = ?', [id]).length === 0) return;
      const sql = 'SELECT max(number) AS last FROM log_lines WHERE operation_id = ?';
      let number = Number(this.#select(sql, [id])[0]?.last ?? 0);
      for (const line of lines) {
        const { at, host, text } = line;
        const place = { operation_id: id, number: ++number };
        this.#insert('log_lines', { ...place, at, host, text, bytes: sizeOfLine(line) });
      }
      this.#run(
        `DELETE FROM log_lines WHERE operation_id = ?1 AND number <= max(?2, coalesce(
           (SELECT max(number) FROM (
              SELECT number, sum(bytes) OVER (ORDER BY number DESC) AS total
              FROM log_lines WHERE operation_id = ?1) WHERE total > ?3), 0))`,
        id,
        number - LOG_BOUNDS.lines,
        LOG_BOUNDS.bytes,
      );
    });
  }

  async logTail(id: string): Promise<StoredLogLine[]> {
    const sql =
      'SELECT number, at, host, text FROM log_lines WHERE operation_id = ? ORDER BY number';
    return this.#select(sql, [id]).map((row) => ({ ...row }) as Row & StoredLogLine);
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    this.#commits.flush();
    this.#database.close();
    this.#lock.release();
  }

  #withKey(operation: OperationSnapshot): OperationSnapshot | undefined {
    const { idempotencyKey: key, requestedBy } = operation;
    if (key === null) return undefined;
    const sql = 'SELECT * FROM operations WHERE requested_by = ? AND idempotency_key = ?';
    const rows = this.#select(sql, [requestedBy, key]);
    const [earlier] = this.#operations(rows);
    if (earlier && rows[0]!.fingerprint !== requestFingerprint(operation)) {
      throw new ConflictError(
        `idempotencyKey "${key}" was used for another request, which became operation ` +
          `${earlier.id}; use a new key for each request that differs`,
        { details: { operationId: earlier.id } },
      );
    }
    return earlier;
  }

  #operations(rows: Row[]): OperationSnapshot[] {
    const ids = rows.map(({ id }) => id);
    const tasks = Map.groupBy(
      this.#select(
        `SELECT * FROM tasks WHERE operation_id IN (SELECT value FROM json_each(?))
         ORDER BY operation_id, position`,
        [JSON.stringify(ids)],
      ),
      (row) => row.operation_id,
    );
    return rows.map((row) => toOperation(row, tasks.get(row.id) ?? []));
  }

  readonly #select = (sql: string, parameters: (string | number)[]): Row[] =>
    this.#statement(sql).all(...parameters);

  #run(sql: string, ...parameters: (string | number | null)[]) {
    return this.#statement(sql).run(...parameters);
  }

  #insert(table: string, columns: Record<string, string | number | null>): void {
    const names = Object.keys(columns);
    const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (:${names.join(', :')})`;
    this.#statement(sql).run(columns);
  }

  /** Prepared once each: there are few different texts. */
  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
