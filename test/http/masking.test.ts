import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SocketClient } from './socket-client.ts';
import { readStream } from './sse-client.ts';
import { start } from './start-server.ts';
import { REQUEST_TRANSPORTS } from './transports.ts';

suite('errors that nobody foresaw are masked', () => {
  for (const [name, transport] of Object.entries(REQUEST_TRANSPORTS)) {
    test(`in a query by ${name}`, async (t) => {
      const { url, seen, log } = await start(t);
      const { data, errors } = await transport(url, '{ hello boom }');
      assert.deepEqual(data, { hello: 'Hello world', boom: null });
      assert.equal(errors?.[0].message, 'Internal server error');
      assert.deepEqual(errors[0].path, ['boom']);
      assert.equal(errors[0].extensions.code, 'INTERNAL_SERVER_ERROR');
      assert.doesNotMatch(JSON.stringify(errors), /secret|stack|hunter2/);
      assert.equal(seen.masked.length, 1);
      const { requestId } = errors[0].extensions;
      const line = log.find(({ level }) => level === 'error');
      assert.equal(line?.['requestId'], requestId, 'the log has it under the id that is shown');
      assert.match(JSON.stringify(line?.['err']), /hunter2/);
      assert.equal(line?.['path'], 'boom');
    });
  }

  for (const [field, what] of Object.entries({ boomEach: 'an event', breaks: 'the source' })) {
    test(`in ${what} of a subscription, by SSE`, async (t) => {
      const { url } = await start(t);
      const { events } = await readStream(`${url}/graphql/stream`, {
        query: `subscription { ${field} }`,
      });
      const failed = events.at(-2);
      assert.match(failed?.data ?? '', /Internal server error/);
      assert.doesNotMatch(JSON.stringify(events), /secret/);
      assert.equal(events.at(-1)?.event, 'complete');
    });

    test(`in ${what} of a subscription, by WebSocket`, async (t) => {
      const { url, log } = await start(t);
      const messages = await SocketClient.run(url, `subscription { ${field} }`);
      const failed = messages.at(-2);
      assert.equal(failed?.payload.errors[0].message, 'Internal server error');
      const line = log.find(({ level }) => level === 'error');
      assert.match(String(line?.['requestId']), /-\w+\/1$/);
      assert.equal(failed.payload.errors[0].extensions.requestId, line?.['requestId']);
      assert.doesNotMatch(JSON.stringify(messages), /secret/);
      assert.equal(messages.at(-1)?.type, 'complete');
    });
  }
});

suite('errors of ours are shown', () => {
  for (const [name, transport] of Object.entries(REQUEST_TRANSPORTS)) {
    test(`by ${name}`, async (t) => {
      const { url } = await start(t);
      const { errors } = await transport(url, '{ missing }');
      assert.equal(errors?.[0].message, 'There is no such thing');
      assert.deepEqual(errors[0].extensions, {
        code: 'NOT_FOUND',
        host: 'alpha',
        retryable: false,
      });
    });
  }

  test('when a subscription is refused', async (t) => {
    const { url } = await start(t);
    const query = 'subscription { refused }';
    const [message] = await SocketClient.run(url, query);
    assert.equal(message?.payload.errors[0].extensions.code, 'NOT_FOUND');
    const { events } = await readStream(`${url}/graphql/stream`, { query });
    assert.match(events[0]?.data ?? '', /There is no such operation.*NOT_FOUND/);
    assert.equal(events[1]?.event, 'complete');
  });
});
