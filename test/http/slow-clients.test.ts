import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { start } from './start-server.ts';

/** What a server answers to some bytes of a client that sends no more, until it hangs up. */
async function send(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // At once: a client that is slow to begin is cut off before it said anything.
  socket.write(text);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
  return answer;
}

suite('clients that take too long', () => {
  const tuning = { headersTimeoutMs: 300, receiveTimeoutMs: 500 };

  test('with their headers are cut off', async (t) => {
    const { url } = await start(t, { tuning });
    assert.match(
      await send(url, 'POST /graphql HTTP/1.1\r\nhost: localhost\r\n'),
      /^HTTP\/1.1 408/,
    );
  });

  test('with their body are cut off', async (t) => {
    const { url, seen } = await start(t, { tuning });
    const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    assert.match(await send(url, `${head}content-length: 100\r\n\r\n{"query":`), /408/);
    assert.equal(seen.contexts, 0);
  });
});

test('an offer to upgrade to something else than a WebSocket is not taken up', async (t) => {
  const { url } = await start(t);
  const answer = await send(
    url,
    'GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close, upgrade\r\nupgrade: h2c\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1.1 200 OK/);
});
