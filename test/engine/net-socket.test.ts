import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { suite, test } from 'node:test';
import { openSocket } from '../../src/engine/dial/net-socket.ts';
import { until } from '../support/settle.ts';

const READ_BYTES = 4_096;

/** A socket that reads at most so many bytes at once, and the other end of it. */
async function connected(
  readBytes = READ_BYTES,
): Promise<AsyncDisposable & { socket: Socket; other: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const signal = new AbortController().signal;
  const socket = await openSocket({ host: '127.0.0.1', port }, signal, readBytes);
  const [other] = await accepted;
  return {
    socket,
    other,
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      other.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Bytes that tell where they stand. */
function counted(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32BE(at, at);
  return bytes;
}

suite('a socket that reads into a buffer of its own', () => {
  test('gives every byte in order to a reader that copies', async () => {
    await using pair = await connected();
    const sent = counted(300_000);
    const got: Buffer[] = [];
    pair.socket.on('data', (chunk: Buffer) => got.push(Buffer.from(chunk)));
    pair.other.end(sent);
    await once(pair.socket, 'end');
    assert.ok(Buffer.concat(got).equals(sent));
  });

  test('does not write over what waits for its reader', async () => {
    await using pair = await connected();
    const { socket, other } = pair;
    const sent = counted(10 * READ_BYTES);
    // It is told that there is something, and leaves it there.
    socket.on('readable', () => {});
    for (let at = 0; at < sent.length; at += READ_BYTES) {
      other.write(sent.subarray(at, at + READ_BYTES));
      await until(() => socket.readableLength === at + READ_BYTES, 'it was read');
    }
    assert.ok((socket.read() as Buffer).equals(sent));
  });

  test('gives every byte in order, out of the same few buffers, to a reader that pauses all the time', async () => {
    await using pair = await connected(256 * 1024);
    const { socket, other } = pair;
    const sent = counted(4 * 1024 * 1024);
    const got: Buffer[] = [];
    const memory = new Set<ArrayBufferLike>();
    let turns = 0;
    socket.on('data', (chunk: Buffer) => {
      got.push(Buffer.from(chunk));
      memory.add(chunk.buffer);
      if (++turns % 3 === 0) return;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    for (let at = 0; at < sent.length; at += 1_500) other.write(sent.subarray(at, at + 1_500));
    other.end();
    await once(socket, 'end');
    assert.ok(Buffer.concat(got).equals(sent));
    // Two, and one more where a lot comes while both are in use.
    assert.ok(memory.size <= 3, `${memory.size} buffers`);
  });

  test('stops reading when its reader does not keep up', async () => {
    await using pair = await connected();
    const { socket, other } = pair;
    const sent = counted(32 * 1024 * 1024);
    socket.on('readable', () => {});
    other.end(sent);
    await until(() => socket.readableLength >= socket.readableHighWaterMark, 'it has enough');
    const { readableLength } = socket;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(socket.readableLength, readableLength);
    assert.ok(readableLength < socket.readableHighWaterMark + READ_BYTES);
    const got: Buffer[] = [];
    socket
      .removeAllListeners('readable')
      .on('data', (chunk: Buffer) => got.push(Buffer.from(chunk)));
    await once(socket, 'end');
    assert.ok(Buffer.concat(got).equals(sent));
  });
});
