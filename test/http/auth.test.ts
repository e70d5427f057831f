import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { hashToken } from '../../src/config/tokens-file.ts';
import { Authenticator } from '../../src/http/auth.ts';
import { SocketClient } from './socket-client.ts';
import { openStream, readStream, readText } from './sse-client.ts';
import { ALICE, BOB, start, TOKENS, until } from './start-server.ts';

const WRONG = {
  nothing: undefined,
  'another scheme': 'Basic YWxpY2U6c2VjcmV0',
  'no token': 'Bearer ',
  'an unknown token': 'Bearer dg_nobody',
  'a token in other letters': `Bearer ${ALICE.toUpperCase()}`,
  'the hash itself': `Bearer ${hashToken(ALICE).replace('sha256:', '')}`,
};

suite('a server with tokens', () => {
  for (const [what, authorization] of Object.entries(WRONG)) {
    test(`refuses ${what} everywhere`, async (t) => {
      const { post, url } = await start(t, { tokens: TOKENS });
      const headers: Record<string, string> = authorization ? { authorization } : {};
      const answers = [
        await post({ query: '{ viewer }' }, headers),
        ...(await Promise.all(
          ['/graphql?query={viewer}', '/graphql/stream?query=subscription{silent}', '/metrics'].map(
            async (path) => {
              const response = await fetch(url + path, {
                headers: { ...headers, 'apollo-require-preflight': '1' },
              });
              return {
                status: response.status,
                headers: response.headers,
                json: await response.json(),
              };
            },
          ),
        )),
      ];
      for (const { status, headers: sent, json } of answers) {
        assert.equal(status, 401);
        assert.equal(sent.get('www-authenticate'), 'Bearer realm="dockgraph"');
        assert.equal(json.errors[0].extensions.code, 'UNAUTHENTICATED');
        assert.doesNotMatch(JSON.stringify(json), /dg_|alice|sha256/);
      }
      const stream = await readStream(`${url}/graphql/stream`, { query: '{ viewer }' }, headers);
      assert.equal(stream.status, 401);

      const byHeader = new SocketClient(url, headers);
      await once(byHeader.socket, 'open');
      byHeader.send({ type: 'connection_init' });
      assert.equal((await byHeader.end()).code, 4401);
      const byParams = new SocketClient(url);
      await once(byParams.socket, 'open');
      byParams.send({ type: 'connection_init', payload: headers });
      assert.equal((await byParams.end()).code, 4401);
    });
  }

  test('lets a valid token in everywhere and knows whose it is', async (t) => {
    const { post, url } = await start(t, { tokens: TOKENS });
    const headers = { authorization: `Bearer ${ALICE}` };
    assert.equal((await post({ query: '{ viewer }' }, headers)).json.data.viewer, 'alice:true');
    const bob = await post({ query: '{ viewer }' }, { authorization: `bearer ${BOB}` });
    assert.equal(bob.json.data.viewer, 'bob:true');
    const query = 'subscription { ticks(count: 1) { viewer } }';
    const { events } = await readStream(`${url}/graphql/stream`, { query }, headers);
    assert.equal(events[0]?.data, '{"data":{"ticks":{"viewer":"alice"}}}');
    for (const params of [
      { authorization: `Bearer ${ALICE}` },
      { Authorization: `Bearer ${ALICE}` },
    ]) {
      const [message] = await SocketClient.run(url, query, params);
      assert.deepEqual(message?.payload, { data: { ticks: { viewer: 'alice' } } });
    }
    const client = await SocketClient.open(url, undefined, headers);
    client.subscribe('1', query);
    assert.deepEqual((await client.next()).payload, { data: { ticks: { viewer: 'alice' } } });
    client.socket.terminate();
    assert.equal((await fetch(`${url}/metrics`, { headers })).status, 200);
  });

  test('asks for no token where there is nothing to hide', async (t) => {
    const { url } = await start(t, { tokens: TOKENS, graphiqlFolder: '/nonexistent' });
    for (const path of ['/livez', '/readyz', '/healthz']) {
      assert.equal((await fetch(url + path)).status, 200, path);
    }
    assert.match(await (await fetch(url)).text(), /GraphiQL/);
  });

  test('refuses before it takes in a body', async (t) => {
    const { url } = await start(t, { tokens: TOKENS });
    const { response } = await openStream(`${url}/graphql`, { query: 'x'.repeat(5_000_000) });
    assert.equal(response.statusCode, 401);
    assert.equal(response.headers.connection, 'close');
    assert.match(await readText(response), /UNAUTHENTICATED/);
  });

  test('closes what a withdrawn token had opened, and nothing else', async (t) => {
    const { post, server, url, seen } = await start(t, { tokens: TOKENS });
    const [alice, bob] = [ALICE, BOB].map((token) => ({ authorization: `Bearer ${token}` }));
    const sockets = [await SocketClient.open(url, alice), await SocketClient.open(url, bob)];
    for (const client of sockets) client.subscribe('1', 'subscription { silent }');
    const query = 'subscription { silent }';
    const streams = [
      await openStream(`${url}/graphql/stream`, { query }, alice),
      await openStream(`${url}/graphql/stream`, { query }, bob),
    ];
    await until(() => seen.silent === 4, 'four subscriptions');

    server.replaceTokens(TOKENS.filter(({ name }) => name === 'bob'));
    assert.deepEqual(await sockets[0]!.end(), { code: 4401, reason: 'The token was withdrawn' });
    assert.equal((await streams[0]!.events.next()).value?.event, 'complete');
    await until(() => seen.silent === 2, 'two subscriptions');
    assert.equal(sockets[1]!.closed, undefined);
    assert.equal((await post({ query: '{ viewer }' }, alice)).status, 401);
    assert.equal((await post({ query: '{ viewer }' }, bob)).status, 200);
    sockets[1]!.socket.terminate();
    streams[1]!.close();
    await until(() => seen.silent === 0, 'no subscription');
  });
});

test('without tokens everybody is anonymous', async (t) => {
  const { post } = await start(t);
  const { json } = await post({ query: '{ viewer }' }, { authorization: 'Bearer whatever' });
  assert.equal(json.data.viewer, 'anonymous:false');
});

test('an empty list of tokens lets nobody in', () => {
  const authenticator = new Authenticator([]);
  assert.equal(authenticator.required, true);
  assert.throws(() => authenticator.open(`Bearer ${ALICE}`), { code: 'UNAUTHENTICATED' });
});

test('a hash that is none is refused when it is set, not when it is asked for', () => {
  assert.throws(() => new Authenticator([{ name: 'x', hash: 'sha256:abc' }]), /token x/);
});
