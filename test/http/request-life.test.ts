import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CancelledError, TimeoutError } from '../../src/common/errors.ts';
import { openStream } from './sse-client.ts';
import { start, until } from './start-server.ts';

suite('the signal of a request', () => {
  for (const path of ['/graphql', '/graphql/stream']) {
    test(`aborts when the client of ${path} goes away`, async (t) => {
      const { url, seen } = await start(t);
      const controller = new AbortController();
      const response = fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ untilAborted }"}',
        signal: controller.signal,
      });
      await until(() => seen.contexts === 1, 'the request to begin');
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(seen.aborts.length, 0);
      controller.abort();
      await assert.rejects(response);
      await until(() => seen.aborts.length === 1, 'the abort');
      assert.ok(seen.aborts[0] instanceof CancelledError);
    });

    test(`aborts when the time of a request to ${path} is up, and what is there is answered`, async (t) => {
      const { url, seen } = await start(t, { requestTimeoutMs: 50 });
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ hello untilAborted }"}',
      });
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.match(text, /"hello":"Hello world","untilAborted":null/);
      assert.match(text, /did not finish within 50 ms.*"TIMEOUT"/);
      assert.ok(seen.aborts[0] instanceof TimeoutError);
    });

    test(`gives up on resolvers of ${path} that do not listen`, async (t) => {
      const { url, log } = await start(t, {
        requestTimeoutMs: 20,
        tuning: { deadlineGraceMs: 20 },
      });
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ never }"}',
      });
      assert.equal(response.status, 504);
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      assert.equal(errors[0]?.extensions.code, 'TIMEOUT');
      assert.ok(log.some(({ level }) => level === 'warn' || level === 'info'));
    });
  }

  test('does not abort when all went well', async (t) => {
    const { post, seen, url } = await start(t, { requestTimeoutMs: 30 });
    const { json } = await post({ query: '{ a: wait(ms: 5) b: hello }' });
    assert.equal(json.data.a, 'waited');
    const stream = await openStream(`${url}/graphql/stream`, { query: 'subscription { silent }' });
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.equal(seen.silent, 1, 'a subscription has no deadline');
    assert.deepEqual(seen.aborts, []);
    stream.close();
    await until(() => seen.silent === 0, 'the subscription to end');
  });
});
