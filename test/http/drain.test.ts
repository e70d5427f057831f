import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SocketClient } from './socket-client.ts';
import { openStream } from './sse-client.ts';
import { start, until } from './start-server.ts';

test('finishes what is under way, then closes', async (t) => {
  const { url, server, seen, post, log } = await start(t);
  const stream = await openStream(`${url}/graphql/stream`, { query: 'subscription { silent }' });
  const socket = await SocketClient.open(url);
  socket.subscribe('1', 'subscription { silent }');
  const slow = post({ query: '{ wait(ms: 300) }' });
  await until(() => seen.silent === 2 && seen.contexts === 5, 'all three');
  const startedAt = performance.now();
  const closed = server.close({ graceMs: 5_000 });

  assert.equal((await stream.events.next()).value?.event, 'complete');
  assert.equal((await stream.events.next()).done, true);
  assert.equal((await socket.end()).code, 1001);
  assert.ok(performance.now() - startedAt < 250, 'followers of events do not wait for the rest');
  await assert.rejects(fetch(`${url}/livez`), 'no new connection is taken');
  assert.deepEqual((await slow).json, { data: { wait: 'waited' } });
  await closed;
  assert.equal(seen.silent, 0);
  assert.deepEqual(
    log.filter(({ level }) => level === 'warn' || level === 'error'),
    [],
  );
  await server.close({ graceMs: 0 });
});

test('cuts off what takes longer than it is given', async (t) => {
  const { url, server, seen, post } = await start(t);
  const never = assert.rejects(post({ query: '{ never }' }));
  const stalled = await openStream(`${url}/graphql/stream`, {
    query: 'subscription { flood(bytes: 1000000) }',
  });
  const deaf = await SocketClient.open(url);
  deaf.socket.pause();
  await until(() => seen.flooded > 1, 'the flood');
  const startedAt = performance.now();
  await server.close({ graceMs: 100 });
  const took = performance.now() - startedAt;
  assert.ok(took >= 90 && took < 2_000, `${took} ms`);
  await never;
  stalled.close();
  deaf.socket.terminate();
});

test('says that it goes before it goes', async (t) => {
  const { url, server, post } = await start(t);
  const readyz = async () => (await fetch(`${url}/readyz`)).status;
  assert.equal(await readyz(), 200);
  const closed = server.close({ graceMs: 1_000, announceMs: 2_000 });
  assert.equal(await readyz(), 503);
  assert.equal(
    ((await (await fetch(`${url}/healthz`)).json()) as { status: string }).status,
    'draining',
  );
  const { json, headers } = await post({ query: '{ hello }' });
  assert.equal(json.data.hello, 'Hello world');
  assert.equal(headers.get('connection'), 'close');
  await closed;
  await assert.rejects(readyz());
});
