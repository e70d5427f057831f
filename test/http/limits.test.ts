import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SocketClient } from './socket-client.ts';
import { MAX_DEPTH, MAX_TOKENS } from './small-api.ts';
import { postTo, start } from './start-server.ts';
import { REQUEST_TRANSPORTS, SUBSCRIPTION_TRANSPORTS } from './transports.ts';
import type { Transport } from './transports.ts';

const nested = (depth: number, leaf: string) =>
  '{ self '.repeat(depth - 1) + `{ ${leaf} }` + ' }'.repeat(depth - 1);

// Doubles with every fragment: 2^20 selections in few tokens.
const explosion = (kind: string, leaf: string) =>
  `${kind} { ...F0 } ` +
  Array.from({ length: 20 }, (_, i) => {
    const type = kind === 'query' ? 'Query' : 'Subscription';
    return `fragment F${i} on ${type} { ${i < 19 ? `...F${i + 1} ...F${i + 1}` : leaf} } `;
  }).join('');

const REFUSED: Record<
  string,
  { query: string; subscription: string; code: string; message: RegExp }
> = {
  'too many tokens': {
    query: `{ ${'hello '.repeat(MAX_TOKENS)} }`,
    subscription: `subscription { ${'silent '.repeat(MAX_TOKENS)} }`,
    code: 'LIMIT_EXCEEDED',
    message: new RegExp(`^The document has more than ${MAX_TOKENS} tokens$`),
  },
  'too deep a document': {
    query: nested(MAX_DEPTH + 1, 'hello'),
    subscription: `subscription { ticks ${'{ again '.repeat(MAX_DEPTH)} { index } ${'}'.repeat(MAX_DEPTH)} }`,
    code: 'LIMIT_EXCEEDED',
    message: /nested deeper than 6/,
  },
  'too costly an operation': {
    query: '{ expensive }',
    subscription: 'subscription { expensive }',
    code: 'LIMIT_EXCEEDED',
    message: /would cost 5000, the limit is 1000/,
  },
  'fragments that explode': {
    query: explosion('query', 'hello'),
    subscription: explosion('subscription', 'silent'),
    code: 'LIMIT_EXCEEDED',
    message: /too many selections/,
  },
  'a document that does not parse': {
    query: '{ hello',
    subscription: 'subscription { silent',
    code: 'GRAPHQL_PARSE_FAILED',
    message: /Syntax Error/,
  },
  'a field that does not exist, with advice': {
    query: '{ helo }',
    subscription: 'subscription { silnt }',
    code: 'GRAPHQL_VALIDATION_FAILED',
    message: /Did you mean "(hello|silent)"/,
  },
  'wrong variables': {
    query: 'query ($n: Int!) { wait(ms: $n) }',
    subscription: 'subscription ($n: Int!) { ticks(count: $n) { index } }',
    code: 'BAD_USER_INPUT',
    message: /Variable "\$n" of required type "Int!" was not provided/,
  },
};

for (const [what, { query, subscription, code, message }] of Object.entries(REFUSED)) {
  suite(`refuses ${what}`, () => {
    const check = (name: string, transport: Transport, operation: string) =>
      test(name, async (t) => {
        const { url, seen } = await start(t);
        const { data, errors } = await transport(url, operation);
        assert.equal(data, undefined);
        const error = errors?.find(({ extensions }) => extensions.code === code);
        assert.ok(error, JSON.stringify(errors));
        assert.match(error.message, message);
        assert.deepEqual(seen.masked, []);
      });
    for (const [name, transport] of Object.entries(REQUEST_TRANSPORTS)) {
      void check(`a query by ${name}`, transport, query);
    }
    for (const [name, transport] of Object.entries(SUBSCRIPTION_TRANSPORTS)) {
      void check(`a subscription by ${name}`, transport, subscription);
    }
  });
}

test('keeps the figures of a cost error', async (t) => {
  const { post } = await start(t);
  const { status, json } = await post({ query: '{ expensive }' });
  assert.equal(status, 400);
  assert.deepEqual(json.errors[0].extensions, { code: 'LIMIT_EXCEEDED', cost: 5000, limit: 1000 });
});

suite('bodies', () => {
  const BAD: [string, string, number, string][] = [
    ['no JSON', '{"query": ', 400, 'BAD_REQUEST'],
    ['nothing', '', 400, 'BAD_REQUEST'],
    ['null', 'null', 400, 'BAD_REQUEST'],
    ['a list', '[{"query":"{ hello }"}]', 400, 'BAD_REQUEST'],
    ['a poisoned prototype', '{"query":"{ hello }","__proto__":{"x":1}}', 400, 'BAD_REQUEST'],
    ['no query', '{"operationName":"x"}', 400, 'BAD_REQUEST'],
    ['an empty query', '{"query":""}', 400, 'BAD_REQUEST'],
    ['a query that is no text', '{"query":{}}', 400, 'BAD_REQUEST'],
    ['variables that are no object', '{"query":"{ hello }","variables":[1]}', 400, 'BAD_REQUEST'],
    ['a name that is no text', '{"query":"{ hello }","operationName":1}', 400, 'BAD_REQUEST'],
    [
      'an unknown operation',
      '{"query":"{ hello }","operationName":"B"}',
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['more than a megabyte', `{"query":"${'x'.repeat(1024 * 1024)}"}`, 413, 'LIMIT_EXCEEDED'],
  ];
  for (const [what, body, status, code] of BAD) {
    for (const path of ['/graphql', '/graphql/stream']) {
      test(`${what} at ${path}`, async (t) => {
        const { url } = await start(t);
        const answer = await postTo(url + path, body);
        assert.equal(answer.status, status);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
        const { errors, data } = answer.json;
        assert.equal(data, undefined);
        // Apollo knows only BAD_REQUEST for what our own reader calls by the taxonomy.
        const own = path === '/graphql/stream' && code === 'BAD_REQUEST' ? 'BAD_USER_INPUT' : code;
        assert.ok([code, own].includes(errors[0].extensions.code), JSON.stringify(errors));
      });
    }
  }

  test('of other types are refused', async (t) => {
    const { url } = await start(t);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/graphql']) {
      for (const path of ['/graphql', '/graphql/stream']) {
        const answer = await postTo(url + path, '{"query":"{ hello }"}', { 'content-type': type });
        assert.equal(answer.status, 415, type);
        assert.equal(answer.json.errors[0].extensions.code, 'BAD_REQUEST');
      }
    }
  });

  test('errors come in the media type that was asked for', async (t) => {
    const { post } = await start(t);
    const accept = 'application/graphql-response+json, application/json;q=0.9';
    const { headers } = await post('{', { accept });
    assert.match(headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
  });
});

suite('the WebSocket', () => {
  test('carries subscriptions only', async (t) => {
    const { url } = await start(t);
    for (const operation of ['{ hello }', 'mutation { setName(name: "x") }']) {
      const [message] = await SocketClient.run(url, operation);
      assert.equal(message?.type, 'error');
      assert.equal(message.payload[0].extensions.code, 'BAD_REQUEST');
      assert.match(message.payload[0].message, /subscriptions only.*POST to \/graphql/);
    }
  });

  test('takes messages of a megabyte at most', async (t) => {
    const { url } = await start(t);
    const client = await SocketClient.open(url);
    client.subscribe('1', `subscription { silent } # ${'x'.repeat(1024 * 1024)}`);
    assert.equal((await client.end()).code, 1009);
  });
});

test('a mutation by GET is refused on the event stream too', async (t) => {
  const { url } = await start(t);
  const { errors } = await REQUEST_TRANSPORTS['SSE by GET']!(
    url,
    'mutation { setName(name: "x") }',
  );
  assert.equal(errors?.[0].extensions.code, 'BAD_REQUEST');
  assert.match(errors[0].message, /send it by POST/);
});
