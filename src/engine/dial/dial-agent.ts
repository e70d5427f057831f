import { Agent } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import { IDLE_TIMEOUT_MS, KEEPALIVE_MS } from './dialer.ts';
import type { DialOptions } from './dialer.ts';

/** Opens one connection to the engine, ready for HTTP; gives up when the signal aborts. */
export type Dial = (signal: AbortSignal) => Promise<Duplex>;

/**
 * A keep-alive agent that takes its connections from a function: TLS and SSH are then as plain to
 * `node:http` as TCP is, and a host has one pool whatever it runs over.
 */
export class DialAgent extends Agent {
  readonly #dial: Dial;
  readonly #label: string;
  readonly #connectTimeoutMs: number;
  readonly #closing = new AbortController();

  constructor(label: string, { maxSockets, connectTimeoutMs }: DialOptions, dial: Dial) {
    super({
      keepAlive: true,
      keepAliveMsecs: KEEPALIVE_MS,
      maxSockets,
      timeout: IDLE_TIMEOUT_MS,
      scheduling: 'lifo',
    });
    this.#dial = dial;
    this.#label = label;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): null {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.#connectTimeoutMs);
    const signal = AbortSignal.any([this.#closing.signal, timeout.signal]);
    void this.#connect(signal, timer).then(
      (socket) => callback?.(null, socket),
      // Node's types want a stream here; with an error there is none and none is looked at.
      (error: Error) => callback?.(error, undefined as never),
    );
    return null;
  }

  async #connect(signal: AbortSignal, timer: NodeJS.Timeout): Promise<Duplex> {
    try {
      const socket = await this.#dial(signal);
      if (this.#closing.signal.aborted) {
        socket.destroy();
        throw new Error('the connection was closed');
      }
      return socket;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Also gives up the connections that are being made. */
  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }

  /** docker-modem and debug logs inspect whole requests: neither sockets nor keys belong there. */
  [inspect.custom](): string {
    return `DialAgent(${this.#label})`;
  }
}
