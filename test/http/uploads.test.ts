import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../src/common/digest.ts';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { sha256Hex } from '../support/sha256.ts';
import { tarOfBytes } from '../uploads/store-under-test.ts';
import { answerTo } from './archive-server.ts';
import { ALICE, BOB, TOKENS, until } from './start-server.ts';
import { startUploads } from './upload-server.ts';

const TAR = singleFileTar('hello', Buffer.from('hello\n'));
const LARGE = tarOfBytes(200_192);
const MEBIBYTE = 1024 * 1024;

suite('POST /uploads', () => {
  test('stores a tar, which can be looked at and removed', async (t) => {
    const { post, send, under, log, metrics } = await startUploads(t);
    const { status, headers, json } = await post(TAR);
    assert.equal(status, 201, JSON.stringify(json));
    const expiresAt = new Date(under.clock.now() + 86_400_000).toISOString();
    assert.deepEqual(json, { id: json.id, bytes: TAR.length, sha256: sha256Hex(TAR), expiresAt });
    assert.equal(headers.location, `/uploads/${json.id}`);
    await until(() => log.some(({ msg }) => msg === 'upload: done'), 'the log');
    const line = log.find(({ msg }) => msg === 'upload: done')!;
    assert.equal(line['viewer'], 'anonymous');
    assert.equal(line['bytes'], TAR.length);
    assert.equal(line['upload'], json.id);

    const location = `/uploads/${json.id}`;
    const shown = await send('GET', location);
    assert.deepEqual(shown.json, json);
    const head = await send('HEAD', location);
    assert.deepEqual([head.status, head.bytes.length], [200, 0]);
    assert.equal(head.headers['content-length'], `${shown.bytes.length}`);

    assert.equal((await send('DELETE', location)).status, 204);
    for (const method of ['GET', 'DELETE']) {
      const { status, error } = await send(method, location);
      assert.equal(status, 404);
      assert.equal(error.extensions.code, 'NOT_FOUND');
    }
    assert.equal((await send('HEAD', location)).status, 404);
    assert.deepEqual(await under.files(), []);
    const text = await metrics.registry.metrics();
    assert.match(text, /dockgraph_upload_duration_seconds_count\{outcome="ok"\} 1/);
    assert.ok(text.includes(`dockgraph_upload_bytes_total ${TAR.length}`));
    assert.match(text, /dockgraph_uploads_active 0/);
  });

  test('takes it in chunks, compressed, and under any type that a tar has', async (t) => {
    const { post, under } = await startUploads(t);
    const packed = gzipSync(TAR);
    for (const type of [
      'application/x-tar',
      'application/gzip',
      'application/octet-stream',
      'application/x-www-form-urlencoded',
    ]) {
      const headers = { 'content-type': type, 'transfer-encoding': 'chunked' };
      const { status, json } = await post(packed, headers);
      assert.equal(status, 201, type);
      assert.equal(json.sha256, sha256Hex(packed));
    }
    assert.equal((await under.files()).length, 8);
  });

  test('verifies every form of an announced digest', async (t) => {
    const { post, send, under } = await startUploads(t);
    const base64 = Buffer.from(sha256Hex(TAR), 'hex').toString('base64');
    const wrong = Buffer.alloc(32).toString('base64');
    for (const [name, right, bad] of [
      ['digest', `sha-256=${base64}`, `sha-256=${wrong}`],
      ['repr-digest', `sha-256=:${base64}:`, `sha-256=:${wrong}:`],
      ['content-digest', `sha-256=:${base64}:`, `sha-256=:${wrong}:`],
    ] as const) {
      assert.equal((await post(TAR, { [name]: right })).status, 201, name);
      const { status, error } = await post(TAR, { [name]: bad });
      assert.equal(status, 422, name);
      assert.equal(error.extensions.code, 'DIGEST_MISMATCH');
      assert.equal(error.extensions.actual, digestOf(TAR));
      assert.equal((await post(TAR, { [name]: 'sha-256=x' })).status, 400, name);
    }
    const query = await send('POST', `/uploads?sha256=${'0'.repeat(64)}`, TAR);
    assert.equal(query.status, 422);
    assert.equal((await under.files()).length, 6);
  });

  test('refuses what is no tar, by its type or its bytes, and nothing at all', async (t) => {
    const { post, under } = await startUploads(t);
    const cases = [
      [TAR, { 'content-type': 'application/json' }, 415, /not as "application\/json"/],
      [TAR, { 'content-type': 'multipart/form-data; boundary=x' }, 415, /sent as it is/],
      [Buffer.alloc(5000, 'x'), {}, 400, /this is no tar/],
      [Buffer.alloc(0), { 'content-length': 0 }, 400, /the tar is missing/],
      [Buffer.alloc(0), { 'transfer-encoding': 'chunked' }, 400, /this is no tar/],
    ] as const;
    for (const [body, headers, expected, message] of cases) {
      const { status, error } = await post(body, headers);
      assert.equal(status, expected, error?.message);
      assert.equal(error.extensions.code, 'BAD_USER_INPUT');
      assert.match(error.message, message);
    }
    assert.deepEqual(await under.files(), []);
  });

  test('says how it is done to who sends it as curl does by itself', async (t) => {
    const { open, send, under } = await startUploads(t);
    for (const [method, path] of [
      ['PUT', '/uploads'],
      ['PUT', '/uploads/context.tar'],
      ['POST', '/uploads/context.tar'],
    ] as const) {
      const small = await send(method, path, TAR);
      assert.equal(small.status, 405);
      assert.match(small.error.message, /curl -X POST -T FILE \S+\/uploads/);
      const asking = open(method, path, { expect: '100-continue' });
      asking.flushHeaders();
      asking.on('continue', () => assert.fail('nobody wants it'));
      assert.equal((await answerTo(asking)).status, 405);
      asking.destroy();
      // Sends on until it is told, and can read why.
      const large = open(method, path);
      for (let written = 0; written < 8; written++) large.write(Buffer.alloc(MEBIBYTE));
      assert.equal((await answerTo(large)).status, 405);
      large.destroy();
    }
    assert.deepEqual(await under.files(), []);
  });

  test('leaves nothing of an upload that breaks off', async (t) => {
    const { open, under, log, metrics } = await startUploads(t);
    const sent = open('POST', '/uploads');
    sent.write(LARGE.subarray(0, 100_000));
    await until(() => under.store.usedBytes === 100_000, 'it is under way');
    sent.destroy();
    await until(() => log.some(({ msg }) => msg === 'upload: broke off'), 'the log');
    const line = log.find(({ msg }) => msg === 'upload: broke off')!;
    assert.deepEqual([line['code'], line['bytes']], ['CANCELLED', 100_000]);
    assert.deepEqual(await under.files(), []);
    assert.equal(under.store.usedBytes, 0);
    assert.match(
      await metrics.registry.metrics(),
      /dockgraph_upload_duration_seconds_count\{outcome="error"\} 1/,
    );
  });

  test('holds the bounds of the operator, before and in the middle of an upload', async (t) => {
    const { post, open, under } = await startUploads(
      t,
      {},
      { maxBytes: 250_000, maxTotalBytes: 300_000 },
    );
    const large = await post(tarOfBytes(300_032), { 'content-length': 300_032 });
    assert.equal(large.status, 413);
    assert.equal(large.error.extensions.code, 'LIMIT_EXCEEDED');
    assert.match(large.error.message, /DOCKGRAPH_UPLOAD_MAX_BYTES/);
    const chunked = await post(tarOfBytes(300_032), { 'transfer-encoding': 'chunked' });
    assert.equal(chunked.status, 413);
    assert.ok(chunked.error.extensions.bytesReceived > 200_000);
    assert.equal((await post(LARGE)).status, 201);
    const full = await post(LARGE);
    assert.equal(full.status, 507);
    assert.equal(full.error.extensions.retryable, true);
    assert.match(full.error.message, /DOCKGRAPH_UPLOADS_MAX_BYTES/);
    assert.match(full.error.extensions.hint, /DELETE \/uploads\/ID/);
    // Sends on until it is told, as clients do that read the answer only at the end.
    const sent = open('POST', '/uploads');
    sent.write(LARGE);
    for (let written = 0; written < 8; written++) sent.write(Buffer.alloc(MEBIBYTE));
    assert.equal((await answerTo(sent)).status, 507);
    sent.destroy();
    assert.equal(under.store.usedBytes, LARGE.length);
    assert.equal((await under.files()).length, 2);
  });

  test('waits to be told where the client asks first, and says what is wrong instead', async (t) => {
    const { open, under } = await startUploads(t, {}, { maxBytes: 10_000 });
    const headers = { expect: '100-continue' };
    const refused = open('POST', '/uploads', { ...headers, 'content-length': 10_001 });
    refused.flushHeaders();
    refused.on('continue', () => assert.fail('it would be refused'));
    assert.equal((await answerTo(refused)).status, 413);
    const taken = open('POST', '/uploads', { ...headers, 'content-length': TAR.length });
    taken.flushHeaders();
    await once(taken, 'continue');
    taken.end(TAR);
    assert.equal((await answerTo(taken)).status, 201);
    assert.equal(under.store.usedBytes, TAR.length);
  });

  test('a client that falls silent is given up', async (t) => {
    const { open, under } = await startUploads(t, { tuning: { archiveIdleMs: 150 } });
    const sent = open('POST', '/uploads');
    sent.write(LARGE.subarray(0, 50_000));
    const { status, error } = await answerTo(sent);
    assert.equal(status, 408);
    assert.equal(error.extensions.code, 'TIMEOUT');
    assert.equal(error.extensions.bytesReceived, 50_000);
    assert.deepEqual(await under.files(), []);
    sent.destroy();
  });

  test('a slow client may take longer than other requests', async (t) => {
    const tuning = { receiveTimeoutMs: 300, headersTimeoutMs: 200 };
    const { open } = await startUploads(t, { tuning });
    const sent = open('POST', '/uploads');
    for (let at = 0; at < 10; at++) {
      sent.write(LARGE.subarray(at * 5_000, (at + 1) * 5_000));
      await delay(150);
    }
    sent.end(LARGE.subarray(50_000));
    assert.equal((await answerTo(sent)).status, 201);
  });

  test('so many at once, others are told when to come again', async (t) => {
    const { open, post } = await startUploads(t, { tuning: { maxUploads: 1 } });
    const sent = open('POST', '/uploads', { expect: '100-continue' });
    sent.flushHeaders();
    await once(sent, 'continue');
    const { status, headers, error } = await post(TAR);
    assert.equal(status, 429);
    assert.equal(headers['retry-after'], '5');
    assert.equal(error.extensions.retryable, true);
    sent.end(TAR);
    assert.equal((await answerTo(sent)).status, 201);
    assert.equal((await post(TAR)).status, 201);
  });
});

suite('who may send tars ahead', () => {
  test('asks for the same token as GraphQL, and keeps the owners apart', async (t) => {
    const { post, send, logText } = await startUploads(t, { tokens: TOKENS });
    assert.equal((await post(TAR)).status, 401);
    const alice = { authorization: `Bearer ${ALICE}` };
    const { json } = await post(TAR, alice);
    const path = `/uploads/${json.id}`;
    assert.equal((await send('GET', path)).status, 401);
    assert.equal((await send('DELETE', path)).status, 401);
    const bob = { authorization: `Bearer ${BOB}` };
    assert.equal((await send('GET', path, undefined, bob)).status, 404);
    assert.equal((await send('DELETE', path, undefined, bob)).status, 404);
    assert.equal((await send('GET', path, undefined, alice)).status, 200);
    assert.equal((await send('DELETE', path, undefined, alice)).status, 204);
    assert.doesNotMatch(logText(), new RegExp(ALICE));
  });

  test('a token that is taken away ends what it began', async (t) => {
    const { open, under, server } = await startUploads(t, { tokens: TOKENS });
    const sent = open('POST', '/uploads', { authorization: `Bearer ${ALICE}` });
    sent.write(LARGE.subarray(0, 50_000));
    await until(() => under.store.usedBytes === 50_000, 'it is under way');
    server.replaceTokens(TOKENS.slice(1));
    assert.equal((await answerTo(sent)).status, 401);
    assert.deepEqual(await under.files(), []);
    sent.destroy();
  });

  test('pages of other origins are refused, and so are foreign names of this machine', async (t) => {
    const { post, under } = await startUploads(t);
    for (const headers of [
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      assert.equal((await post(TAR, headers)).status, 403, JSON.stringify(headers));
    }
    assert.deepEqual(await under.files(), []);
  });

  test('what is under way at shutdown gets its time', async (t) => {
    const { open, under, server } = await startUploads(t);
    const sent = open('POST', '/uploads');
    sent.write(LARGE.subarray(0, 50_000));
    await until(() => under.store.usedBytes === 50_000, 'it is under way');
    const closed = server.close({ graceMs: 5_000 });
    setTimeout(() => sent.end(LARGE.subarray(50_000)), 200);
    assert.equal((await answerTo(sent)).status, 201);
    await closed;
  });

  test('and is cut off after that, with nothing left', async (t) => {
    const { open, under, server } = await startUploads(t);
    const sent = open('POST', '/uploads');
    sent.write(LARGE.subarray(0, 50_000));
    await until(() => under.store.usedBytes === 50_000, 'it is under way');
    await server.close({ graceMs: 100 });
    await under.store.close();
    assert.deepEqual(await under.files(), []);
  });
});
