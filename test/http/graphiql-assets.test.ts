import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { start } from './start-server.ts';

async function build(folder: string): Promise<void> {
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>dockgraph</title>');
  await writeFile(join(folder, 'assets', 'main-abc.js'), 'console.log(1)');
  await writeFile(join(folder, 'assets', 'main-abc.js.gz'), gzipSync('console.log(1)'));
  await writeFile(join(folder, 'assets', 'notes.txt'), 'not of the page');
  await writeFile(join(folder, '..', 'secret.js'), 'outside');
}

async function startWith(t: TestContext, built: boolean) {
  const parent = await mkdtemp(join(tmpdir(), 'dockgraph-assets-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, 'graphiql');
  if (built) await build(folder);
  return { folder, ...(await start(t, { graphiqlFolder: folder })) };
}

// fetch() would tidy the path up before it sends it, and unpack the answer.
async function get(url: string, path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks),
  };
}

suite('the GraphiQL page', () => {
  test('is served with a policy that lets nothing in from outside', async (t) => {
    const { url } = await startWith(t, true);
    const { status, headers, body } = await get(url, '/');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(body.toString(), /dockgraph/);
    const policy = headers['content-security-policy'] ?? '';
    assert.match(
      String(policy),
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
    );
    assert.doesNotMatch(String(policy), /https?:|unsafe-eval|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  });

  test('is asked for again only when it changed', async (t) => {
    const { url } = await startWith(t, true);
    const first = await get(url, '/');
    assert.equal(first.headers['cache-control'], 'no-cache');
    const again = await get(url, '/', { 'if-none-match': first.headers.etag ?? '' });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
  });

  test('has assets that never change and come compressed', async (t) => {
    const { url } = await startWith(t, true);
    const plain = await get(url, '/assets/main-abc.js');
    assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.body.toString(), 'console.log(1)');
    const packed = await get(url, '/assets/main-abc.js', { 'accept-encoding': 'gzip, br' });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.equal(packed.headers.vary, 'accept-encoding');
    assert.equal(gunzipSync(packed.body).toString(), 'console.log(1)');
  });

  test('is all there is in its folder', async (t) => {
    const { url } = await startWith(t, true);
    for (const path of [
      '/assets/../../secret.js',
      '/assets/..%2f..%2fsecret.js',
      '/assets/%2e%2e/%2e%2e/secret.js',
      '/assets/..\\..\\secret.js',
      '//assets/main-abc.js',
      '/assets/notes.txt',
      '/assets/main-abc.js.gz',
      '/assets/',
      '/assets/main-abc.js%00',
      '/assets/__proto__',
      '/index.html',
    ]) {
      assert.equal((await get(url, path)).status, 404, path);
    }
  });

  test('says how it is built when it is not, and needs no restart then', async (t) => {
    const { url, folder } = await startWith(t, false);
    const missing = await get(url, '/');
    assert.equal(missing.status, 503);
    assert.match(missing.body.toString(), /npm run build/);
    await build(folder);
    assert.equal((await get(url, '/')).status, 200);
  });
});
