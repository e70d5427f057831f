import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import type { ClientChannel } from 'ssh2';
import { ChannelSocket } from '../../src/engine/dial/ssh/channel-socket.ts';

/** As much of ssh2's channel as the socket uses; `receive` plays the far side. */
class Channel extends Duplex {
  stderr = new PassThrough();
  written: string[] = [];
  closeCalls = 0;

  constructor() {
    super({ emitClose: false, autoDestroy: false });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    done();
  }

  close(): void {
    this.closeCalls++;
  }

  receive(text: string): void {
    this.push(text);
  }

  /** The far side ends and closes, as ssh2 tells it. */
  finish(): void {
    this.push(null);
    this.once('end', () => this.emit('close'));
  }
}

function joined(): { channel: Channel; socket: ChannelSocket } {
  const channel = new Channel();
  return { channel, socket: new ChannelSocket(channel as unknown as ClientChannel) };
}

suite('a channel as a socket', () => {
  test('passes bytes both ways and ends with the far side', async () => {
    const { channel, socket } = joined();
    socket.write('ping');
    channel.receive('pong');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    assert.equal(chunk.toString(), 'pong');
    assert.deepEqual(channel.written, ['ping']);
    channel.finish();
    await once(socket, 'close');
    assert.equal(socket.readableEnded, true);
    assert.equal(socket.errored, null);
  });

  test('keeps what its listeners throw away from the connection', async () => {
    const { channel, socket } = joined();
    socket.on('data', () => {
      throw new Error('a listener failed');
    });
    const failed = once(socket, 'error');
    // From here on bytes go straight through, inside of the connection's own parser.
    await new Promise((resolve) => setImmediate(resolve));
    channel.receive('x');
    const [error] = (await failed) as [Error];
    assert.equal(error.message, 'a listener failed');
    assert.ok(channel.closeCalls > 0);
  });

  test('is gone at once when it is destroyed, whatever the far side does', async () => {
    const { channel, socket } = joined();
    socket.destroy();
    await once(socket, 'close');
    assert.ok(channel.closeCalls > 0);
    channel.receive('too late');
    channel.finish();
  });

  test('holds the far side back while nobody reads', async () => {
    const { channel, socket } = joined();
    const chunk = 'x'.repeat(64 * 1024);
    channel.receive(chunk);
    channel.receive(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(channel.isPaused(), true);
    let received = 0;
    socket.on('data', (data: Buffer) => (received += data.length));
    channel.finish();
    await once(socket, 'close');
    assert.equal(received, 2 * chunk.length);
  });

  test('tells when it has been idle, again and again put off by traffic', async () => {
    const { channel, socket } = joined();
    const ear = once(socket, 'timeout');
    socket.setTimeout(20);
    assert.equal(socket.timeout, 20);
    channel.receive('x');
    await ear;
    socket.setTimeout(0, () => assert.fail('it was switched off'));
    socket.destroy();
  });

  test('that ends without a byte gives its reason instead of an end', async () => {
    const channel = new Channel();
    const socket = new ChannelSocket(
      channel as unknown as ClientChannel,
      async () => new Error('there is no docker'),
    );
    let ended = false;
    socket.on('end', () => (ended = true)).resume();
    const failed = once(socket, 'error');
    channel.finish();
    const [error] = (await failed) as [Error];
    assert.equal(error.message, 'there is no docker');
    assert.equal(ended, false);
  });
});
