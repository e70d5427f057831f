import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditServer } from 'graphql-http';
import { start } from './start-server.ts';

// Apollo Server answers 400 to a request that is wrong also where the client accepts plain JSON,
// and refuses what a page of another site could send: both on purpose.
const ACCEPTED = [
  'MAY accept application/x-www-form-urlencoded formatted GET requests',
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
  'SHOULD use 200 status code on document parsing failure when accepting application/json',
  'SHOULD use 200 status code on document validation failure when accepting application/json',
  'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
];

test('passes the audits of GraphQL over HTTP', async (t) => {
  const { url } = await start(t);
  const results = await auditServer({ url: `${url}/graphql` });
  assert.ok(results.length > 50, 'the audits ran');
  const failed = results.filter(({ status }) => status === 'error');
  assert.deepEqual(failed, [], 'no MUST fails');
  const others = results.filter(({ status }) => status !== 'ok').map(({ name }) => name);
  assert.deepEqual(others.sort(), ACCEPTED);
});

test('answers GET when the request cannot come from a foreign page', async (t) => {
  const { url } = await start(t);
  const query = encodeURIComponent('query ($n: String) { hello(name: $n) }');
  const variables = encodeURIComponent('{"n":"you"}');
  const response = await fetch(`${url}/graphql?query=${query}&variables=${variables}`, {
    headers: { 'apollo-require-preflight': '1' },
  });
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.deepEqual(await response.json(), { data: { hello: 'Hello you' } });

  const mutation = await fetch(`${url}/graphql?query=mutation{setName(name:"x")}`, {
    headers: { 'apollo-require-preflight': '1' },
  });
  assert.equal(mutation.status, 405);
});

test('sends browsers that open the endpoint to GraphiQL', async (t) => {
  const { url } = await start(t);
  const response = await fetch(`${url}/graphql`, {
    headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    redirect: 'manual',
  });
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/');
});

test('takes over the request id of the caller when it is fit to be logged', async (t) => {
  const { post } = await start(t);
  const given = await post({ query: '{ requestId }' }, { 'x-request-id': 'trace-42' });
  assert.equal(given.headers.get('x-request-id'), 'trace-42');
  assert.equal(given.json.data.requestId, 'trace-42');

  const unfit = await post({ query: '{ requestId }' }, { 'x-request-id': 'a b\t"' });
  const made = unfit.headers.get('x-request-id');
  assert.match(made ?? '', /^[\w-]+-[\da-z]+$/);
  assert.equal(unfit.json.data.requestId, made);
  const next = await post({ query: '{ requestId }' });
  assert.notEqual(next.json.data.requestId, made);
});

test('says where subscriptions are served when one is posted', async (t) => {
  const { post } = await start(t);
  const { status, json } = await post({ query: 'subscription { ticks { index } }' });
  assert.equal(status, 400);
  assert.equal(json.errors[0].extensions.code, 'BAD_REQUEST');
  assert.match(json.errors[0].message, /WebSocket at \/graphql.*\/graphql\/stream/);
});

test('answers what is not there in the shape of GraphQL', async (t) => {
  const { url } = await start(t);
  const response = await fetch(`${url}/nowhere`);
  assert.equal(response.status, 404);
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  assert.equal(errors[0]?.extensions.code, 'NOT_FOUND');
});
