import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openStream, readStream } from './sse-client.ts';
import { ALICE, start, TOKENS, until } from './start-server.ts';

suite('event streams', () => {
  test('answer a subscription with next events and a complete', async (t) => {
    const { url } = await start(t);
    const query = 'subscription { ticks(count: 3) { index } }';
    for (const body of [{ query }, undefined]) {
      const at = `${url}/graphql/stream${body ? '' : `?query=${encodeURIComponent(query)}`}`;
      const { status, contentType, events } = await readStream(at, body);
      assert.equal(status, 200);
      assert.equal(contentType, 'text/event-stream; charset=utf-8');
      assert.deepEqual(events, [
        { id: '1', event: 'next', data: '{"data":{"ticks":{"index":0}}}' },
        { id: '2', event: 'next', data: '{"data":{"ticks":{"index":1}}}' },
        { id: '3', event: 'next', data: '{"data":{"ticks":{"index":2}}}' },
        { id: '4', event: 'complete', data: '' },
      ]);
    }
  });

  test('answer a query or a mutation with one next and a complete', async (t) => {
    const { url } = await start(t);
    for (const [query, data] of [
      ['{ hello }', '{"data":{"hello":"Hello world"}}'],
      ['mutation { setName(name: "x") }', '{"data":{"setName":"x"}}'],
    ]) {
      const { events } = await readStream(`${url}/graphql/stream`, { query });
      assert.deepEqual(
        events.map(({ event }) => event),
        ['next', 'complete'],
      );
      assert.equal(events[0]?.data, data);
    }
  });

  test('take variables and an operation name, in the body and in the address', async (t) => {
    const { url } = await start(t);
    const query =
      'subscription A { silent } subscription B($n: Int) { ticks(count: $n) { index } }';
    const fields = { query, operationName: 'B', variables: { n: 1 } };
    const posted = await readStream(`${url}/graphql/stream`, fields);
    const params = new URLSearchParams({ query, operationName: 'B', variables: '{"n":1}' });
    const got = await readStream(`${url}/graphql/stream?${params.toString()}`, undefined);
    assert.equal(posted.events.length, 2);
    assert.deepEqual(got.events, posted.events);
    const wrong = new URLSearchParams({ query, variables: 'n=1' });
    const refused = await readStream(`${url}/graphql/stream?${wrong.toString()}`, undefined);
    assert.equal(refused.status, 400);
    assert.match(refused.text ?? '', /`variables` must be a JSON object/);
  });

  test('keep proxies from holding them back or cutting them', async (t) => {
    const { url } = await start(t, { tuning: { streamPingMs: 10 } });
    const stream = await openStream(
      `${url}/graphql/stream`,
      { query: 'subscription { silent }' },
      { 'x-request-id': 'abc' },
    );
    assert.equal(stream.response.headers['x-accel-buffering'], 'no');
    assert.equal(stream.response.headers['cache-control'], 'no-store, no-transform');
    assert.equal(stream.response.headers['x-request-id'], 'abc');
    const reading = stream.events.next();
    await until(() => stream.comments.length >= 2, 'two pings');
    assert.deepEqual(stream.comments.slice(0, 2), ['ping', 'ping']);
    stream.close();
    await assert.rejects(reading);
  });

  test('give each event a context of its own', async (t) => {
    const { url } = await start(t);
    const query = 'subscription { ticks(count: 2) { contexts } }';
    const { events } = await readStream(`${url}/graphql/stream`, { query });
    const contexts = events.slice(0, 2).map(({ data }) => JSON.parse(data).data.ticks.contexts);
    assert.equal(contexts[1], contexts[0] + 1);
  });

  test('end their source when the client goes, even while it waits', async (t) => {
    const { url, seen, metrics } = await start(t);
    const streams = await Promise.all(
      Array.from({ length: 5 }, () =>
        openStream(`${url}/graphql/stream`, { query: 'subscription { silent }' }),
      ),
    );
    await until(() => seen.silent === 5, 'five subscriptions');
    assert.match(await metrics.registry.metrics(), /subscriptions_active\{transport="sse"\} 5/);
    for (const stream of streams) stream.close();
    await until(() => seen.silent === 0, 'no subscription');
    assert.match(await metrics.registry.metrics(), /subscriptions_active\{transport="sse"\} 0/);
  });

  test('ask their source for no more than the client reads', async (t) => {
    const { url, seen } = await start(t);
    const bytes = 1_000_000;
    const stream = await openStream(`${url}/graphql/stream`, {
      query: `subscription { flood(bytes: ${bytes}) }`,
    });
    await until(() => seen.flooded > 0, 'the first event');
    let before = -1;
    while (before !== seen.flooded) {
      before = seen.flooded;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // What the kernel's and the client's buffers took, and one event more.
    assert.ok(seen.flooded < 40, `${seen.flooded} events of 1 MB for a client that reads none`);
    await stream.events.next();
    await until(() => seen.flooded > before, 'more events once the client reads');
    stream.close();
  });

  test('cut off a client that stopped reading', async (t) => {
    const { url, seen, metrics } = await start(t, { tuning: { streamStallMs: 50 } });
    const stream = await openStream(`${url}/graphql/stream`, {
      query: 'subscription { flood(bytes: 1000000) }',
    });
    await until(() => seen.flooded > 0, 'the first event');
    let active = '';
    await until(() => {
      void metrics.registry.metrics().then((text) => (active = text));
      return active.includes('subscriptions_active{transport="sse"} 0');
    }, 'the stream to be cut');
    stream.close();
  });

  test('are bounded in number', async (t) => {
    const { url } = await start(t, { tuning: { maxStreams: 2 } });
    const query = 'subscription { silent }';
    const open = [
      await openStream(`${url}/graphql/stream`, { query }),
      await openStream(`${url}/graphql/stream`, { query }),
    ];
    const refused = await readStream(`${url}/graphql/stream`, { query });
    assert.equal(refused.status, 503);
    assert.match(refused.text ?? '', /2 event streams are open already.*LIMIT_EXCEEDED/);
    open[0]?.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stream = await openStream(`${url}/graphql/stream`, { query });
    assert.equal(stream.response.statusCode, 200);
    open[1]?.close();
    stream.close();
  });

  test('carry the headers of a token and of an allowed origin', async (t) => {
    const { url } = await start(t, { tokens: TOKENS, allowedOrigins: ['https://ops.example'] });
    const stream = await openStream(
      `${url}/graphql/stream`,
      { query: 'subscription { silent }' },
      { authorization: `Bearer ${ALICE}`, origin: 'https://ops.example' },
    );
    assert.equal(stream.response.headers['access-control-allow-origin'], 'https://ops.example');
    stream.close();
  });
});
