import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { StoreUnusableError } from '../../src/operations/operation-store.ts';
import type { OperationStore } from '../../src/operations/operation-store.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';
import { temporaryFolder } from './harness.ts';
import { testStore } from './store-contract.ts';
import { anOperation } from './store-under-test.ts';

testStore('the SQLite store', async () => {
  const folder = temporaryFolder();
  let store = await openSqliteStore(folder.path);
  return {
    store,
    reopen: async (): Promise<OperationStore> => {
      await store.close();
      store = await openSqliteStore(folder.path);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      folder[Symbol.dispose]();
    },
  };
});

suite('the SQLite store', () => {
  const refuses = async (folder: string, message: RegExp) =>
    assert.rejects(openSqliteStore(folder), (error) => {
      assert.ok(error instanceof StoreUnusableError, String(error));
      assert.match(error.message, message);
      return true;
    });

  test('makes its folder, for nobody else to read', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a', 'b');
    const store = await openSqliteStore(path);
    await store.close();
    assert.equal(statSync(path).mode & 0o777, 0o700);
    const database = new DatabaseSync(join(path, 'operations.db'), { readOnly: true });
    assert.deepEqual({ ...database.prepare('PRAGMA journal_mode').get() }, { journal_mode: 'wal' });
    database.close();
  });

  test('has its folder for itself, and gives it back', async () => {
    using folder = temporaryFolder();
    const first = await openSqliteStore(folder.path);
    await refuses(folder.path, /is in use by another dockgraph/);
    await refuses(folder.path, new RegExp(folder.path));
    assert.equal(await first.count({}), 0);
    await first.close();
    const second = await openSqliteStore(folder.path);
    await second.close();
    await second.close();
  });

  test('does not keep the folder when it cannot be opened', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'operations.db');
    writeFileSync(file, 'this is no database, and long enough to be seen as none '.repeat(40));
    await refuses(folder.path, /operations\.db is damaged \(file is not a database\)/);
    writeFileSync(file, '');
    await (await openSqliteStore(folder.path)).close();
  });

  test('tells a database that was damaged in the middle', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'operations.db');
    await (await openSqliteStore(folder.path)).close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8192, bytes.length - 4096);
    writeFileSync(file, bytes);
    await refuses(folder.path, /operations\.db is damaged/);
  });

  test('tells a database that a newer dockgraph wrote', async () => {
    using folder = temporaryFolder();
    await (await openSqliteStore(folder.path)).close();
    const database = new DatabaseSync(join(folder.path, 'operations.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await refuses(
      folder.path,
      /written by a newer dockgraph \(schema 99, this one knows up to \d+\)/,
    );
  });

  test('brings the database of an older dockgraph up to date, with all that is in it', async () => {
    using folder = temporaryFolder();
    const first = await openSqliteStore(folder.path);
    await first.create(anOperation(1, {}, ['alpha', 'bravo']));
    await first.close();
    const file = join(folder.path, 'operations.db');
    const schemaOf = (database: DatabaseSync) =>
      database.prepare('SELECT name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all();
    const older = new DatabaseSync(file);
    const schema = schemaOf(older);
    older.exec('DROP INDEX operations_by_host; PRAGMA user_version = 1');
    older.close();
    const second = await openSqliteStore(folder.path);
    assert.equal(await second.count({ hosts: ['bravo'] }), 1);
    await second.close();
    const newer = new DatabaseSync(file, { readOnly: true });
    assert.deepEqual(schemaOf(newer), schema);
    assert.deepEqual({ ...newer.prepare('PRAGMA user_version').get() }, { user_version: 2 });
    newer.close();
  });

  test('tells a database of another program', async () => {
    using folder = temporaryFolder();
    const database = new DatabaseSync(join(folder.path, 'operations.db'));
    database.exec('CREATE TABLE things (a)');
    database.close();
    await refuses(folder.path, /is the database of another program/);
  });

  test('tells a folder that it cannot use', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    await refuses(file, /file cannot be used: .*EEXIST/);
    await refuses(join(file, 'below'), /below cannot be used: .*ENOTDIR/);
    mkdirSync(join(folder.path, 'lock', 'dockgraph.lock'), { recursive: true });
    await refuses(join(folder.path, 'lock'), /lock cannot be used|cannot be locked/);
    if (process.getuid?.() === 0) return;
    chmodSync(folder.path, 0o500);
    await refuses(folder.path, /cannot be used: .*EACCES/);
    chmodSync(folder.path, 0o700);
  });
});
