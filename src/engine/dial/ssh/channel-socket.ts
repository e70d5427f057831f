import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/** Why a channel ended, where that is an error; asked once it has ended and sent nothing. */
export type EndOfSilentChannel = () => Promise<Error | null>;

/**
 * An SSH channel in a socket's clothes, for `node:http` and for a next SSH connection. It is a
 * stream of its own rather than the channel with added methods, because a channel closes only when
 * the other end answers, and because what throws while it is read would end the whole connection.
 */
export class ChannelSocket extends Duplex {
  readonly #channel: ClientChannel;
  readonly #endOfSilent: EndOfSilentChannel | undefined;
  #sawData = false;
  #idleMs = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(channel: ClientChannel, endOfSilent?: EndOfSilentChannel) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    this.#endOfSilent = endOfSilent;
    channel
      .on('data', (chunk: Buffer) => this.#receive(chunk))
      .once('end', () => {
        if (this.#sawData || endOfSilent === undefined) this.#receiveEnd();
      })
      .once('close', () => void this.#closed())
      // Only writes fail, and they have a callback.
      .on('error', () => {});
    channel.stderr?.on('error', () => {});
  }

  /** How long it has been without traffic before `timeout` is emitted; 0 for never. */
  setTimeout(ms: number, callback?: () => void): this {
    clearTimeout(this.#idleTimer);
    this.#idleMs = ms;
    this.#idleTimer = undefined;
    if (ms > 0 && !this.destroyed) {
      this.#idleTimer = setTimeout(() => this.emit('timeout'), ms).unref();
    }
    if (callback) {
      if (ms > 0) this.once('timeout', callback);
      else this.off('timeout', callback);
    }
    return this;
  }

  get timeout(): number {
    return this.#idleMs;
  }

  // The connection below has these set once and for all.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#sawData = true;
    this.#idleTimer?.refresh();
    this.#guard(() => {
      if (!this.push(chunk)) this.#channel.pause();
    });
  }

  #receiveEnd(): void {
    if (!this.destroyed) this.#guard(() => this.push(null));
  }

  /** Listeners run inside of ssh2's packet parser: what they throw must not reach it. */
  #guard(deliver: () => void): void {
    try {
      deliver();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  async #closed(): Promise<void> {
    if (this.destroyed) return;
    if (!this.#sawData && this.#endOfSilent !== undefined) {
      const error = await this.#endOfSilent();
      if (error !== null) {
        this.destroy(error);
        return;
      }
    }
    if (!this.readableEnded) this.#receiveEnd();
    // After the end has been read; what is not read by then will not be.
    setImmediate(() => {
      if (this.readableLength === 0) this.destroy();
      else this.once('end', () => this.destroy());
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#idleTimer?.refresh();
    this.#channel.write(chunk, (error) => {
      // A channel that ended before it said anything is about to tell why: that is the better error.
      const reasonComes = !this.#sawData && this.#endOfSilent !== undefined;
      done(reasonComes ? null : error);
    });
  }

  /** What waits goes as one: a chunk of HTTP is three writes, and each would be a packet of its own. */
  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    // What still comes is read and dropped, so that the channel can end.
    this.#channel.resume();
    this.#channel.stderr?.resume();
    this.#channel.close();
    done(error);
  }
}
