import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { SocketClient } from './socket-client.ts';
import { start, until } from './start-server.ts';

suite('subscriptions over WebSocket', () => {
  test('work with the client library that frontends use', async (t) => {
    const { url } = await start(t);
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    });
    const results = client.iterate({ query: 'subscription { ticks(count: 2) { index } }' });
    const indexes: unknown[] = [];
    for await (const { data } of results) indexes.push(data);
    assert.deepEqual(indexes, [{ ticks: { index: 0 } }, { ticks: { index: 1 } }]);
    await client.dispose();
  });

  test('run side by side on one connection and end one by one', async (t) => {
    const { url, seen, news, metrics } = await start(t);
    const client = await SocketClient.open(url);
    client.subscribe('a', 'subscription { news }');
    client.subscribe('b', 'subscription { silent }');
    await until(() => news.listenerCount('news') === 1 && seen.silent === 1, 'both');
    news.emit('news', 'one');
    assert.deepEqual(await client.next(), {
      id: 'a',
      type: 'next',
      payload: { data: { news: 'one' } },
    });
    client.send({ type: 'complete', id: 'b' });
    await until(() => seen.silent === 0, 'b to end while it waits for an event');
    news.emit('news', 'two');
    assert.deepEqual((await client.next()).payload, { data: { news: 'two' } });
    assert.match(
      await metrics.registry.metrics(),
      /subscriptions_active\{transport="websocket"\} 1/,
    );
    client.socket.terminate();
    await until(() => news.listenerCount('news') === 0, 'a to end with the connection');
    assert.match(
      await metrics.registry.metrics(),
      /subscriptions_active\{transport="websocket"\} 0/,
    );
  });

  test('are bounded in number on one connection', async (t) => {
    const { url } = await start(t, { tuning: { maxSubscriptionsPerSocket: 3 } });
    const client = await SocketClient.open(url);
    for (const id of ['1', '2', '3', '4']) client.subscribe(id, 'subscription { silent }');
    const message = await client.next();
    assert.equal(message.id, '4');
    assert.equal(message.type, 'error');
    assert.equal(message.payload[0].extensions.code, 'LIMIT_EXCEEDED');
    client.send({ type: 'complete', id: '1' });
    client.subscribe('5', 'subscription { ticks(count: 1) { index } }');
    assert.equal((await client.next()).type, 'next');
    client.socket.terminate();
  });

  test('and connections are bounded too', async (t) => {
    const { url } = await start(t, { tuning: { maxSockets: 1 } });
    const first = await SocketClient.open(url);
    const second = new SocketClient(url);
    const [, response] = (await once(second.socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    assert.equal(response.statusCode, 503);
    first.socket.terminate();
    second.socket.terminate();
  });

  test('stall their source while the client does not read', async (t) => {
    const { url, seen } = await start(t);
    const client = await SocketClient.open(url);
    client.socket.pause();
    client.subscribe('1', 'subscription { flood(bytes: 1000000) }');
    await until(() => seen.flooded > 0, 'the first event');
    let before = -1;
    while (before !== seen.flooded) {
      before = seen.flooded;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(seen.flooded < 40, `${seen.flooded} events of 1 MB for a client that reads none`);
    client.socket.resume();
    await until(() => seen.flooded > before, 'more events once the client reads');
    client.socket.terminate();
  });

  test('cut off a client that answers no ping', async (t) => {
    const { url } = await start(t, { tuning: { socketPingMs: 40 } });
    const deaf = await SocketClient.open(url);
    deaf.socket.pause();
    const well = await SocketClient.open(url);
    await until(() => deaf.socket.readyState === WebSocket.OPEN, 'the deaf client');
    await new Promise((resolve) => setTimeout(resolve, 150));
    deaf.socket.resume();
    assert.equal((await deaf.end()).code, 1006);
    assert.equal(well.closed, undefined);
    well.socket.terminate();
  });

  test('cut off a client for whom too much waits', async (t) => {
    const { url, log } = await start(t, { tuning: { maxSocketBacklogBytes: 3_000_000 } });
    const client = await SocketClient.open(url);
    client.socket.pause();
    for (let id = 0; id < 20; id++) {
      client.subscribe(String(id), 'subscription { flood(bytes: 1000000) }');
    }
    await until(
      () => log.some(({ msg }) => msg === 'WebSocket client reads too slowly'),
      'the cut',
    );
    client.socket.terminate();
  });

  test('cut off a client that does not introduce itself', async (t) => {
    const { url } = await start(t, { tuning: { socketInitMs: 30 } });
    const client = new SocketClient(url);
    assert.equal((await client.end()).code, 4408);
  });

  test('cut off a client that does not speak the protocol', async (t) => {
    const { url } = await start(t);
    assert.equal((await new SocketClient(url, {}, []).end()).code, 4406);
  });

  for (const [what, code, talk] of [
    ['sends no JSON', 4400, 'hello'],
    [
      'subscribes before it introduced itself',
      4401,
      '{"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}',
    ],
    ['sends a message of an unknown type', 4400, '{"type":"start"}'],
  ] as const) {
    test(`cut off a client that ${what}`, async (t) => {
      const { url, log } = await start(t);
      const client = new SocketClient(url);
      await once(client.socket, 'open');
      client.socket.send(talk);
      assert.equal((await client.end()).code, code);
      assert.deepEqual(
        log.filter(({ level }) => level === 'error'),
        [],
      );
    });
  }

  test('end when the client goes while its events come without a pause', async (t) => {
    const { url, seen, metrics } = await start(t);
    const client = await SocketClient.open(url);
    client.subscribe('1', 'subscription { flood(bytes: 10) }');
    await until(() => seen.flooded > 10, 'events');
    client.socket.terminate();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { flooded } = seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(seen.flooded, flooded);
    assert.match(await metrics.registry.metrics(), /active\{transport="websocket"\} 0/);
  });
});
