import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../common/errors.ts';
import { StoreUnusableError } from './operation-store.ts';

/** "dgop": tells our databases from those of other programs. */
const APPLICATION_ID = 0x64676f70;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED: ReadonlySet<unknown> = new Set([11, 26]);

/** One step each, never changed once released: `user_version` counts those that were made. */
const MIGRATIONS = [
  `
  CREATE TABLE operations (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    input TEXT NOT NULL,
    idempotency_key TEXT,
    fingerprint TEXT NOT NULL,
    max_parallel INTEGER,
    fail_fast INTEGER NOT NULL,
    needs_secret INTEGER NOT NULL,
    event INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX operations_by_key ON operations (requested_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  CREATE INDEX operations_by_event ON operations (event);
  CREATE INDEX operations_by_state ON operations (state, id);
  CREATE INDEX operations_by_kind ON operations (kind, id);
  CREATE INDEX operations_by_asker ON operations (requested_by, id);
  CREATE INDEX operations_by_finish ON operations (finished_at) WHERE finished_at IS NOT NULL;

  CREATE TABLE tasks (
    id TEXT NOT NULL PRIMARY KEY,
    operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    host TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    result TEXT,
    error TEXT,
    attempts INTEGER NOT NULL,
    progress TEXT
  ) STRICT;
  CREATE UNIQUE INDEX tasks_by_operation ON tasks (operation_id, position);
  CREATE INDEX tasks_by_host ON tasks (operation_id, host);

  CREATE TABLE log_lines (
    operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    host TEXT,
    text TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (operation_id, number)
  ) STRICT, WITHOUT ROWID;
  `,
  'CREATE INDEX operations_by_host ON tasks (host, operation_id);',
];

/**
 * Opens the database, makes it if there is none, and brings its schema up to date.
 * @throws StoreUnusableError if it is damaged, newer than this dockgraph, or not ours
 */
export function openDatabase(file: string): DatabaseSync {
  // Other gateways are locked out; somebody may still look in with a tool of theirs.
  const database = new DatabaseSync(file, { timeout: 1000 });
  try {
    refuseOthers(database, file);
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA journal_size_limit = 16777216;
    `);
    check(database, file);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw isDamage(error) ? damaged(file, messageOf(error), error) : error;
  }
}

function check(database: DatabaseSync, file: string): void {
  const verdict = String(pragma(database, 'quick_check(1)'));
  if (verdict !== 'ok') throw damaged(file, verdict);
}

/** Before anything is changed in it. */
function refuseOthers(database: DatabaseSync, file: string): void {
  const version = Number(pragma(database, 'user_version'));
  const owner = Number(pragma(database, 'application_id'));
  const isNew = owner === 0 && version === 0 && Number(pragma(database, 'schema_version')) === 0;
  if (owner !== APPLICATION_ID && !isNew) {
    throw new StoreUnusableError(`${file} is the database of another program; move it away`);
  }
  if (version > MIGRATIONS.length) {
    throw new StoreUnusableError(
      `${file} was written by a newer dockgraph (schema ${version}, this one knows up to ` +
        `${MIGRATIONS.length}); run that version, or move the file away and start without history`,
    );
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(pragma(database, 'user_version'));
  for (const [at, sql] of MIGRATIONS.entries()) {
    if (at < version) continue;
    database.exec(`
      BEGIN EXCLUSIVE;
      ${sql}
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${at + 1};
      COMMIT;
    `);
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && DAMAGED.has(error.errcode);
}

function damaged(file: string, what: string, cause?: unknown): StoreUnusableError {
  return new StoreUnusableError(
    `${file} is damaged (${what}); put a copy back, or move it and its -wal and -shm files away ` +
      `and start without history`,
    cause,
  );
}
