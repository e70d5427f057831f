import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { suite, test } from 'node:test';
import { GrpcClient } from '../../src/engine/buildkit/grpc-client.ts';
import { answerCall, framed, servePeer } from '../support/grpc-peer.ts';
import type { GrpcPlay } from '../support/grpc-peer.ts';
import { until } from '../support/settle.ts';

interface Connected extends AsyncDisposable {
  client: GrpcClient;
  socket: Socket;
  stop: AbortController;
}

/** A client with a connection to a real server, whose calls a test answers. */
async function connected(play: GrpcPlay, stop = new AbortController()): Promise<Connected> {
  const server = createServer((peer) => {
    peer.on('error', () => {});
    servePeer(peer, play);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  return {
    client: new GrpcClient(socket, stop.signal),
    socket,
    stop,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ASKED = Buffer.from('asked');

suite('a gRPC client', () => {
  test('sends one message with its headers, and reads the one of the answer', async () => {
    const seen: unknown[] = [];
    await using peer = await connected(({ path, headers, message, stream }) => {
      seen.push([
        path,
        headers['x-build'],
        headers['content-type'],
        headers['te'],
        message.toString(),
      ]);
      const frame = framed(Buffer.from('answered'));
      // Cut in the middle of the frame's head.
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.write(frame.subarray(0, 3));
      setImmediate(() => stream.end(frame.subarray(3)));
    });
    const answer = await peer.client.call('/a.Service/Method', ASKED, { 'x-build': '7' });
    assert.equal(Buffer.from(answer).toString(), 'answered');
    assert.deepEqual(seen, [['/a.Service/Method', '7', 'application/grpc', 'trailers', 'asked']]);
  });

  test('takes an empty message for an answer', async () => {
    await using peer = await connected(({ stream }) => answerCall(stream, framed(Buffer.of())));
    assert.equal((await peer.client.call('/a/b', ASKED, {})).length, 0);
  });

  test('makes many calls on its connection, beside one that it began and does not wait for', async () => {
    await using peer = await connected(({ path, message, stream }) => {
      if (path !== '/a/begun') answerCall(stream, framed(message));
    });
    peer.client.begin('/a/begun', ASKED);
    const calls = Array.from({ length: 20 }, (_, n) =>
      peer.client.call('/a/b', Buffer.from(`${n}`), {}),
    );
    const answers = (await Promise.all(calls)).map((answer) => Buffer.from(answer).toString());
    assert.deepEqual(
      answers,
      answers.map((_, n) => `${n}`),
    );
  });
});

suite('a gRPC call fails', () => {
  test('with the status and message of trailers', async () => {
    await using peer = await connected(({ stream }) =>
      answerCall(stream, Buffer.of(), { 'grpc-status': '5', 'grpc-message': 'no such caf%C3%A9' }),
    );
    await assert.rejects(peer.client.call('/a/b', ASKED, {}), {
      status: 5,
      message: 'no such café',
    });
  });

  test('with the status and message of headers, where there are only those', async () => {
    await using peer = await connected(({ stream }) =>
      stream.respond({ 'grpc-status': '12', 'grpc-message': 'unknown' }, { endStream: true }),
    );
    await assert.rejects(peer.client.call('/a/b', ASKED, {}), { status: 12, message: 'unknown' });
  });

  test('with a message as it came where it is not encoded as it should be', async () => {
    await using peer = await connected(({ stream }) =>
      answerCall(stream, Buffer.of(), { 'grpc-status': '2', 'grpc-message': '100% wrong' }),
    );
    await assert.rejects(peer.client.call('/a/b', ASKED, {}), {
      status: 2,
      message: '100% wrong',
    });
  });

  test('by its status, though a message came before', async () => {
    await using peer = await connected(({ stream }) =>
      answerCall(stream, framed(Buffer.from('half')), { 'grpc-status': '13' }),
    );
    await assert.rejects(peer.client.call('/a/b', ASKED, {}), { status: 13, message: '' });
  });

  test('when the answer is not one message', async () => {
    const answers = {
      nothing: Buffer.of(),
      'half a message': framed(ASKED).subarray(0, 7),
      'two messages': Buffer.concat([framed(ASKED), framed(ASKED)]),
      'a compressed message': Buffer.from([1, 0, 0, 0, 0]),
      'more than is ever asked for': framed(Buffer.alloc(5 * 1024 * 1024)),
    };
    for (const [what, body] of Object.entries(answers)) {
      await using peer = await connected(({ stream }) => answerCall(stream, body));
      await assert.rejects(peer.client.call('/a/b', ASKED, {}), { name: 'Error' }, what);
    }
  });

  test('when the server ends it without a status, or resets it', async () => {
    await using ends = await connected(({ stream }) => {
      stream.respond({}, { endStream: true });
    });
    await assert.rejects(ends.client.call('/a/b', ASKED, {}), { message: 'the call broke off' });
    await using resets = await connected(({ stream }) => stream.close(2));
    await assert.rejects(resets.client.call('/a/b', ASKED, {}), { message: 'the call broke off' });
  });

  test('when the connection breaks, with all the others', async () => {
    let calls = 0;
    await using peer = await connected(({ session }) => {
      calls++;
      if (calls === 3) session.destroy();
    });
    peer.client.begin('/a/begun', ASKED);
    const ends = [peer.client.call('/a/b', ASKED, {}), peer.client.call('/a/c', ASKED, {})];
    for (const call of ends) await assert.rejects(call, { message: 'the call broke off' });
    await assert.rejects(peer.client.call('/a/b', ASKED, {}));
  });

  test('when it is aborted, which closes the connection', async () => {
    await using peer = await connected(() => peer.stop.abort());
    await assert.rejects(peer.client.call('/a/b', ASKED, {}), { message: 'the call broke off' });
    await until(() => peer.socket.destroyed, 'the connection is closed');
    await assert.rejects(peer.client.call('/a/b', ASKED, {}));
  });

  test('when it was aborted before', async () => {
    const stop = new AbortController();
    stop.abort();
    await using peer = await connected(() => assert.fail('it was asked'), stop);
    await assert.rejects(peer.client.call('/a/b', ASKED, {}));
    await until(() => peer.socket.destroyed, 'the connection is closed');
  });
});
