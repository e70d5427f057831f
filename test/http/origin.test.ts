import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { suite, test } from 'node:test';
import { isLoopback, UnsafeListenError } from '../../src/http/listen-policy.ts';
import { readText } from './sse-client.ts';
import { refusedUpgrade } from './socket-client.ts';
import { ALICE, start, TOKENS } from './start-server.ts';

// fetch() does not let its caller choose Host and Origin.
async function get(url: string, headers: Record<string, string>, method = 'GET') {
  const sent = request(url, { headers, method, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, text: await readText(response) };
}

const STREAM = '/graphql/stream?query={hello}';

suite('where it listens', () => {
  test('refuses an address that others reach unless it asks for tokens', async (t) => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'build-1', '']) {
      await assert.rejects(start(t, { listen: { host, port: 0 } }), UnsafeListenError, host);
    }
  });

  test('listens there with tokens', async (t) => {
    const { server } = await start(t, { listen: { host: '0.0.0.0', port: 0 }, tokens: TOKENS });
    const { status, text } = await get(`http://127.0.0.1:${server.address.port}/livez`, {
      host: 'dockgraph.example.com',
    });
    assert.deepEqual([status, text], [200, 'ok\n']);
  });

  test('knows what loopback is', () => {
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', '[::1]', '0:0:0:0:0:0:0:1', 'localhost']) {
      assert.equal(isLoopback(host), true, host);
    }
    for (const host of ['128.0.0.1', '::', '127.0.0.1.example.com', 'localhost.example.com', '']) {
      assert.equal(isLoopback(host), false, host);
    }
  });

  test('says which port is taken', async (t) => {
    const { server } = await start(t);
    await assert.rejects(
      start(t, { listen: { host: '127.0.0.1', port: server.address.port } }),
      /EADDRINUSE/,
    );
  });
});

suite('without tokens, on loopback', () => {
  test('answers only to names of this machine', async (t) => {
    const { url, server } = await start(t);
    const { port } = server.address;
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      '[::1]',
      'LOCALHOST',
      '127.1.2.3',
    ]) {
      assert.equal((await get(`${url}/livez`, { host })).status, 200, host);
    }
    const foreign = [
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '192.0.2.1',
      'a b',
    ];
    for (const host of foreign) {
      for (const path of ['/livez', '/', '/metrics', STREAM, '/graphql?query={hello}']) {
        const { status, text } = await get(url + path, { host });
        assert.equal(status, 403, `${host}${path}`);
        assert.match(text, /FORBIDDEN/);
      }
      assert.equal(await refusedUpgrade(url, { host }), 403, host);
    }
  });

  test('lets foreign pages follow no events', async (t) => {
    const { url, server } = await start(t);
    const same = `http://127.0.0.1:${server.address.port}`;
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null', '', `${same}0`]) {
      assert.equal((await get(url + STREAM, { origin })).status, 403, origin);
      assert.equal(await refusedUpgrade(url, { origin }), 403, origin);
    }
    assert.equal((await get(url + STREAM, { origin: same })).status, 200);
    assert.equal(await refusedUpgrade(url, { origin: same }), 101);
    assert.equal((await get(url + STREAM, {})).status, 200);
    assert.equal(await refusedUpgrade(url, {}), 101);
  });

  test('ignores what a foreign page sends without an Origin', async (t) => {
    const { url } = await start(t);
    for (const [site, status] of Object.entries({
      'cross-site': 403,
      'same-site': 403,
      'same-origin': 200,
      none: 200,
    })) {
      assert.equal((await get(url + STREAM, { 'sec-fetch-site': site })).status, status, site);
    }
  });

  test('has its WebSocket at one address', async (t) => {
    const { url } = await start(t);
    assert.equal(await refusedUpgrade(url, {}, '/graphql/stream'), 404);
    assert.equal(await refusedUpgrade(url, {}, '/'), 404);
    assert.equal(await refusedUpgrade(url, {}, '/graphql?x=1'), 101);
  });
});

suite('pages of other origins', () => {
  test('are not served unless the operator listed them', async (t) => {
    const { url } = await start(t);
    const preflight = await get(`${url}/graphql`, { origin: 'https://ops.example' }, 'OPTIONS');
    assert.equal(preflight.headers['access-control-allow-origin'], undefined);
  });

  test('are served when listed, with a token as everybody else', async (t) => {
    const { url } = await start(t, {
      tokens: TOKENS,
      allowedOrigins: ['https://ops.example', 'http://LOCALHOST:3000/'],
    });
    const authorization = `Bearer ${ALICE}`;
    for (const origin of ['https://ops.example', 'http://localhost:3000']) {
      const preflight = await get(`${url}/graphql`, { origin }, 'OPTIONS');
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers['access-control-allow-origin'], origin);
      assert.match(preflight.headers['access-control-allow-headers'] ?? '', /authorization/);
      assert.equal(preflight.headers.vary, 'Origin');
      const stream = await get(url + STREAM, { origin, authorization });
      assert.equal(stream.status, 200);
      assert.equal(stream.headers['access-control-allow-origin'], origin);
      const unknown = await get(url + STREAM, { origin });
      assert.equal(unknown.status, 401);
      assert.equal(unknown.headers['access-control-allow-origin'], origin);
      assert.equal(await refusedUpgrade(url, { origin }), 101);
    }
    const other = await get(`${url}/graphql`, { origin: 'https://ops.example:8443' }, 'OPTIONS');
    assert.equal(other.headers['access-control-allow-origin'], undefined);
  });

  test('are told apart from what is no origin when the server starts', async (t) => {
    await assert.rejects(
      start(t, { allowedOrigins: ['ops.example'] }),
      /"ops\.example".*https:\/\//,
    );
  });
});
