import assert from 'node:assert/strict';
import { stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CancelledError } from '../../src/common/errors.ts';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { sha256Hex } from '../support/sha256.ts';
import { StoreUnderTest, tarOfBytes } from './store-under-test.ts';

const TAR = singleFileTar('hello', Buffer.from('hello\n'));
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A source that a test feeds. */
function fed(): Readable {
  return new Readable({ read() {} });
}

suite('uploads in a folder', () => {
  test('are given back as they came, also after a restart', async (t) => {
    const under = await StoreUnderTest.open(t);
    const upload = await under.add(TAR);
    assert.deepEqual(upload, {
      id: upload.id,
      owner: 'alice',
      bytes: TAR.length,
      sha256: sha256Hex(TAR),
      compression: 'none',
      expiresAt: under.clock.now() + DAY,
    });
    assert.match(upload.id, /^[0-9a-f]{32}$/);
    assert.deepEqual(await under.files(), [`${upload.id}.json`, `${upload.id}.tar`]);
    assert.equal((await stat(join(under.folder, `${upload.id}.tar`))).mode & 0o077, 0);
    await under.reopen();
    assert.deepEqual(await under.store.find(upload.id, 'alice'), upload);
    assert.equal(under.store.usedBytes, TAR.length);
    const opened = await under.store.open(upload.id);
    assert.deepEqual(opened.upload, upload);
    assert.ok((await buffer(opened.bytes)).equals(TAR));
    await under.store.remove(upload.id, 'alice');
    assert.deepEqual(await under.files(), []);
    assert.equal(under.store.usedBytes, 0);
  });

  test('may be compressed in every way that docker takes, and be nothing but tars', async (t) => {
    const under = await StoreUnderTest.open(t);
    const begin = (start: string) => Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(20)]);
    for (const [content, compression] of [
      [gzipSync(TAR), 'gzip'],
      [zstdCompressSync(TAR), 'zstd'],
      [begin('425a68'), 'bzip2'],
      [begin('fd377a585a00'), 'xz'],
      [Buffer.alloc(1024), 'none'],
    ] as const) {
      assert.equal((await under.add(content)).compression, compression);
      const bytewise = Readable.from(Array.from(content, (byte) => Buffer.from([byte])));
      assert.equal((await under.add(bytewise)).compression, compression);
    }
    const stored = await under.files();
    for (const content of ['', 'tar', '<!doctype html>'.repeat(100), TAR.subarray(0, 511)]) {
      await assert.rejects(under.add(Buffer.from(content)), {
        code: 'BAD_USER_INPUT',
        message: /this is no tar: expected one, plain or compressed with gzip/,
      });
    }
    assert.deepEqual(await under.files(), stored);
  });

  test('that are something else are refused at their beginning', async (t) => {
    const under = await StoreUnderTest.open(t);
    const source = fed();
    const added = assert.rejects(under.add(source), /this is no tar/);
    source.push(Buffer.alloc(600, 'x'));
    await added;
    assert.ok(source.destroyed);
  });

  test('that break off leave nothing', async (t) => {
    const under = await StoreUnderTest.open(t);
    const source = fed();
    const added = assert.rejects(under.add(source), { code: 'CANCELLED', message: 'gone' });
    source.push(TAR);
    source.destroy(new CancelledError('gone'));
    await added;
    const controller = new AbortController();
    const aborted = under.add(fed(), { signal: controller.signal });
    controller.abort(new CancelledError('stopped'));
    await assert.rejects(aborted, { code: 'CANCELLED', message: 'stopped' });
    assert.deepEqual(await under.files(), []);
    assert.equal(under.store.usedBytes, 0);
  });

  test('that are not what was announced leave nothing', async (t) => {
    const under = await StoreUnderTest.open(t);
    await assert.rejects(under.add(TAR, { expectedSha256: '0'.repeat(64) }), {
      code: 'DIGEST_MISMATCH',
      message: new RegExp(sha256Hex(TAR)),
    });
    assert.deepEqual(await under.files(), []);
    await under.add(TAR, { expectedSha256: sha256Hex(TAR) });
  });

  test('belong to who sent them', async (t) => {
    const under = await StoreUnderTest.open(t);
    const { id } = await under.add(TAR);
    for (const refused of [
      under.store.find(id, 'bob'),
      under.store.use(id, 'bob'),
      under.store.remove(id, 'bob'),
      under.store.find('../../etc/passwd', 'alice'),
    ]) {
      await assert.rejects(refused, (error: any) => {
        assert.equal(error.code, 'NOT_FOUND');
        assert.match(error.details.hint, /curl -X POST -T FILE \S+\/uploads/);
        return true;
      });
    }
    // An operation of theirs may be retried by anybody.
    assert.ok((await buffer((await under.store.open(id)).bytes)).equals(TAR));
  });

  test('many come and are read at once', async (t) => {
    const under = await StoreUnderTest.open(t);
    const tars = Array.from({ length: 20 }, (_, at) => tarOfBytes(50_000 + 512 * at));
    const uploads = await Promise.all(tars.map((tar) => under.add(tar)));
    assert.equal(new Set(uploads.map(({ id }) => id)).size, 20);
    const read = await Promise.all(
      [...uploads, ...uploads].map(async ({ id }) => buffer((await under.store.open(id)).bytes)),
    );
    for (const [at, bytes] of read.entries()) assert.ok(bytes.equals(tars[at % 20]!));
    assert.equal(
      under.store.usedBytes,
      tars.reduce((sum, { length }) => sum + length, 0),
    );
  });

  test('are only opened when they are read', async (t) => {
    const under = await StoreUnderTest.open(t);
    const { id } = await under.add(TAR);
    const { bytes } = await under.store.open(id);
    await unlink(join(under.folder, `${id}.tar`));
    await assert.rejects(buffer(bytes), { code: 'NOT_FOUND' });
    await assert.rejects(under.store.open(id), { code: 'NOT_FOUND' });
    await assert.rejects(under.store.find(id, 'alice'), { code: 'NOT_FOUND' });
    assert.equal(under.store.usedBytes, 0);
    assert.deepEqual(await under.files(), []);
  });
});

suite('bounds of uploads', () => {
  test('one may have so many bytes, announced or not', async (t) => {
    const under = await StoreUnderTest.open(t, { maxBytes: 10_240 });
    await under.add(tarOfBytes(10_240));
    const large = { code: 'LIMIT_EXCEEDED', message: /at most 10240 bytes.*UPLOAD_MAX_BYTES/ };
    await assert.rejects(under.add(tarOfBytes(10_752)), large);
    const never = () => assert.fail('it is not read');
    await assert.rejects(under.add(TAR, { expectedBytes: 10_241, open: never }), large);
    assert.equal(under.store.usedBytes, 10_240);
    assert.equal((await under.files()).length, 2);
  });

  test('all together may have so many, those on their way too', async (t) => {
    const under = await StoreUnderTest.open(t, { maxBytes: 100_000, maxTotalBytes: 100_000 });
    const full = { code: 'LIMIT_EXCEEDED', retryable: true, message: /UPLOADS_MAX_BYTES/ };
    const source = fed();
    const tar = tarOfBytes(60_416);
    const first = under.add(source, { expectedBytes: tar.length });
    const never = () => assert.fail('it is not read');
    await assert.rejects(under.add(tar, { expectedBytes: tar.length, open: never }), full);
    await assert.rejects(under.add(tar), full);
    source.push(tar);
    source.push(null);
    const { id } = await first;
    assert.equal(under.store.usedBytes, tar.length);
    await under.reopen();
    await assert.rejects(under.add(tar), full);
    await under.store.remove(id, 'alice');
    await under.add(tar);
  });

  test('what is there stays where the bounds are smaller by now', async (t) => {
    const under = await StoreUnderTest.open(t);
    const { id } = await under.add(tarOfBytes(50_176));
    await under.store.close();
    const small = await StoreUnderTest.open(t, { folder: under.folder, maxTotalBytes: 20_000 });
    await small.store.find(id, 'alice');
    await assert.rejects(small.add(TAR), { code: 'LIMIT_EXCEEDED' });
  });
});

suite('the time of uploads', () => {
  test('is a day from the last use', async (t) => {
    const under = await StoreUnderTest.open(t);
    const { clock, store } = under;
    const { id } = await under.add(TAR);
    const other = await under.add(TAR);
    await under.pass(DAY - HOUR);
    const { expiresAt } = await store.use(id, 'alice');
    assert.equal(expiresAt, clock.now() + DAY);
    await under.pass(HOUR);
    for (const refused of [store.find(other.id, 'alice'), store.open(other.id)]) {
      await assert.rejects(refused, { code: 'NOT_FOUND', message: /has expired/ });
    }
    await under.pass(DAY - 2 * HOUR);
    (await store.open(id)).bytes.destroy();
    await under.pass(2 * HOUR);
    assert.equal((await store.find(id, 'alice')).expiresAt, clock.now() + DAY - 2 * HOUR);
    assert.deepEqual(under.errors, []);
  });

  test('goes on after a restart, and what expired meanwhile is removed', async (t) => {
    const under = await StoreUnderTest.open(t);
    const { id } = await under.add(TAR);
    await under.pass(HOUR);
    const { expiresAt } = await under.store.use(id, 'alice');
    await under.reopen();
    assert.equal((await under.store.find(id, 'alice')).expiresAt, expiresAt);
    await under.store.close();
    await under.clock.advance(DAY);
    await under.reopen();
    assert.deepEqual(await under.files(), []);
    assert.equal(under.store.usedBytes, 0);
  });

  test('stands still while an unfinished operation names them', async (t) => {
    const under = await StoreUnderTest.open(t);
    const { id } = await under.add(TAR);
    under.needed.set(id, 'op-1');
    await under.pass(3 * DAY);
    await assert.rejects(under.store.remove(id, 'alice'), (error: any) => {
      assert.equal(error.code, 'CONFLICT');
      assert.equal(error.details.operationId, 'op-1');
      return true;
    });
    // The operation waited for its host, and the gateway was off for long.
    await under.store.close();
    await under.clock.advance(3 * DAY);
    await under.reopen();
    assert.ok((await buffer((await under.store.open(id)).bytes)).equals(TAR));
    under.needed.clear();
    await under.pass(DAY + HOUR);
    await assert.rejects(under.store.open(id), { code: 'NOT_FOUND' });
    assert.deepEqual(await under.files(), []);
  });
});

suite('what a crash leaves', () => {
  test('is removed at the start, and nothing else', async (t) => {
    const under = await StoreUnderTest.open(t);
    const whole = await under.add(TAR);
    const cut = await under.add(TAR);
    const bare = await under.add(TAR);
    const torn = await under.add(TAR);
    const file = (name: string) => join(under.folder, name);
    await under.store.close();
    await truncate(file(`${cut.id}.tar`), 600);
    await unlink(file(`${bare.id}.json`));
    await writeFile(file(`${torn.id}.json`), '{"id":');
    await writeFile(file(`${'a'.repeat(32)}.part`), TAR);
    await writeFile(file(`${'b'.repeat(32)}.json`), '{}');
    await writeFile(file('README'), 'of the operator');
    await under.reopen();
    assert.deepEqual(
      await under.files(),
      ['README', `${whole.id}.json`, `${whole.id}.tar`].toSorted(),
    );
    assert.equal(under.store.usedBytes, TAR.length);
    for (const { id } of [cut, bare, torn]) {
      await assert.rejects(under.store.find(id, 'alice'), { code: 'NOT_FOUND' });
    }
  });

  test('a store that closes waits for what is on its way', async (t) => {
    const under = await StoreUnderTest.open(t);
    const source = fed();
    const added = under.add(source).catch((error: unknown) => error);
    source.push(TAR);
    const closed = under.store.close();
    source.destroy(new CancelledError('cut off'));
    await closed;
    assert.match(String(await added), /cut off/);
    assert.deepEqual(await under.files(), []);
  });
});
