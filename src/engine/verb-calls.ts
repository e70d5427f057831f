import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import {
  BadUserInputError,
  DockgraphError,
  EngineError,
  HostUnreachableError,
  TimeoutError,
} from '../common/errors.ts';
import { CallSlots } from '../common/call-slots.ts';
import type { ReturnPort, TakeConnection } from './dial/return-port.ts';
import { dockerClient } from './docker-client.ts';
import type { CallReport } from './engine.ts';
import type { EngineTransport, ErrorOf } from './engine-transport.ts';
import type { EngineRequest } from './http-exchange.ts';
import { RequestBody } from './request-body.ts';
import type { UpgradeRequest } from './http-upgrade.ts';
import { StreamLife } from './stream-life.ts';

const UPGRADE_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;

/** What the verbs need of the engine that they belong to. */
export interface VerbCallsOptions {
  /** The host's configured name. */
  host: string;
  /** One of their own: a long pull takes no connection from the calls that keep the inventory. */
  transport: EngineTransport;
  /** The version agreed on; throws before the first connect. */
  apiVersion: () => string;
  /** Runs a plain call behind its deadline, and reports it. */
  call: <T>(call: DeadlineCall<T>) => Promise<T>;
  /** Aborts when the engine is closed. */
  closing: AbortSignal;
  onCall: ((report: CallReport) => void) | undefined;
  /** Milliseconds without any byte after which a stream is given up. */
  streamIdleMs: number;
  /** Milliseconds until the first byte of an answer that outlives its call. */
  openMs: number;
}

/** A call with a deadline. */
export interface DeadlineCall<T> {
  /** Name in reports, such as `tagImage`. */
  name: string;
  /** As it reads in "WHAT did not finish within 30 s". */
  what: string;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  work: (signal: AbortSignal) => Promise<T>;
}

/** A plain call through dockerode. */
export interface PlainCall<T> extends Omit<DeadlineCall<T>, 'work'> {
  errorOf: ErrorOf;
  ask: (docker: Docker) => Promise<T>;
}

/** A call that lasts for as long as bytes flow. */
export interface StreamCall {
  name: string;
  /** As it reads in "alpha broke off in the middle of WHAT". */
  what: string;
  method: EngineRequest['method'];
  /** Without the version. */
  path: string;
  headers?: Record<string, string>;
  /** A tar that is sent as it comes. */
  body?: Readable | undefined;
  /** So many more bytes of the body have left us: their chunks are not read any more. */
  onSent?: ((bytes: number) => void) | undefined;
  /** Whether somebody else than the host is waited for; where not given, the body's source may be. */
  waitsForSource?: () => boolean;
  /** Which slot it takes; where not given, the one of its body's direction. */
  slot?: 'incoming' | 'outgoing';
  errorOf: ErrorOf;
  signal: AbortSignal | undefined;
}

/** A call whose connection then speaks another protocol. */
export interface UpgradedCall extends Omit<
  StreamCall,
  'method' | 'headers' | 'body' | 'onSent' | 'waitsForSource' | 'slot'
> {
  method: UpgradeRequest['method'];
  protocol: string;
  headers: UpgradeRequest['headers'];
}

/** An answer that is being read. */
export interface OpenStream {
  response: IncomingMessage;
  life: StreamLife;
}

/**
 * The calls of the verbs on one engine: how many at once, how long, over which connections. Streams
 * of the two directions have slots of their own, so that copies between two hosts in both directions
 * never wait for one another in a circle: each takes the slot of its source first. So does a build
 * with a session, which takes one of both on the same host.
 */
export class VerbCalls {
  readonly #options: VerbCallsOptions;
  readonly #plain: CallSlots;
  readonly #incoming: CallSlots;
  readonly #outgoing: CallSlots;

  constructor(options: VerbCallsOptions) {
    this.#options = options;
    const { maxSockets } = options.transport;
    const plain = Math.max(1, Math.floor(maxSockets / 4));
    const outgoing = Math.max(1, Math.floor((maxSockets - plain) / 2));
    this.#plain = new CallSlots(plain);
    this.#outgoing = new CallSlots(outgoing);
    this.#incoming = new CallSlots(Math.max(1, maxSockets - plain - outgoing));
  }

  get host(): string {
    return this.#options.host;
  }

  get apiVersion(): string {
    return this.#options.apiVersion();
  }

  /** A plain call: answered whole, behind a deadline. */
  async plain<T>({ ask, errorOf, ...call }: PlainCall<T>): Promise<T> {
    const { transport } = this.#options;
    return this.#options.call({
      ...call,
      work: (signal) =>
        this.#plain.run(signal, () => {
          const { apiVersion } = this;
          return ask(dockerClient(transport, { apiVersion, signal, errorOf }));
        }),
    });
  }

  /** A streaming call: `read` gets the answer of success, and the call ends when it has. */
  async stream<T>(call: StreamCall, read: (open: OpenStream) => Promise<T>): Promise<T> {
    const life = this.#begin(call);
    const slot = call.slot ?? (call.body === undefined ? 'incoming' : 'outgoing');
    const slots = slot === 'incoming' ? this.#incoming : this.#outgoing;
    const start = performance.now();
    let outcome: CallReport['outcome'] = 'error';
    try {
      const work = slots.run(life.signal, () => this.#exchange(call, life, read));
      const result = await Promise.race([work, life.ended]);
      outcome = 'ok';
      return result;
    } finally {
      life.close();
      this.#report(call.name, start, outcome);
    }
  }

  /**
   * A streaming call whose answer outlives it: resolves with what `open` makes of it. Slot and life
   * end when that is closed. Whatever waits for its first byte has an hour: classic engines write the whole archive first.
   */
  async open<T extends Readable>(call: StreamCall, open: (stream: OpenStream) => T): Promise<T> {
    const life = this.#begin(call);
    const start = performance.now();
    const opened = Promise.withResolvers<T>();
    const { openMs } = this.#options;
    const timer = setTimeout(() => {
      const message = `${call.what} was given up: ${this.host} did not begin within ${openMs / 1000} s`;
      life.end(new TimeoutError(message, { host: this.host }));
    }, openMs);
    const hold = this.#incoming.run(life.signal, async () => {
      const response = await this.#send(call, life);
      clearTimeout(timer);
      const stream = open({ response, life });
      const closed = Promise.withResolvers<void>();
      stream.once('close', closed.resolve);
      opened.resolve(stream);
      await closed.promise;
      this.#report(call.name, start, stream.readableEnded && !stream.errored ? 'ok' : 'error');
    });
    hold
      .catch((error: Error) => {
        opened.reject(error);
        this.#report(call.name, start, 'error');
      })
      .finally(() => {
        clearTimeout(timer);
        life.close();
      });
    return Promise.race([opened.promise, life.ended]);
  }

  /**
   * A call that gets a connection of another protocol: `use` has it until it is done, and destroys
   * it when the signal aborts. It takes an incoming slot; what `use` asks beside it must take an
   * outgoing one.
   */
  async upgraded<T>(
    { name, errorOf, ...call }: UpgradedCall,
    use: (socket: Duplex, ended: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const life = this.#begin(call);
    const { transport } = this.#options;
    const { method, protocol, headers } = call;
    const path = `/v${this.apiVersion}${call.path}`;
    try {
      const work = this.#incoming.run(life.signal, async () => {
        const socket = await this.#options.call({
          name,
          what: `the session of ${call.what}`,
          timeoutMs: UPGRADE_TIMEOUT_MS,
          signal: life.signal,
          work: (signal) => transport.upgrade({ method, path, protocol, headers }, signal, errorOf),
        });
        try {
          return await use(socket, life.signal);
        } finally {
          socket.destroy();
        }
      });
      return await Promise.race([work, life.ended]);
    } finally {
      life.close();
    }
  }

  /** A port by which the engine's machine reaches us; see `Dialer.listen`. */
  async listen(take: TakeConnection, signal: AbortSignal): Promise<ReturnPort> {
    return this.#options.transport.listen(take, signal);
  }

  /** The headers of a ping, which say what the engine is, also through proxies. */
  async pingHeaders(signal: AbortSignal | undefined): Promise<IncomingHttpHeaders> {
    const { transport, call } = this.#options;
    return call({
      name: 'ping',
      what: `a ping of ${this.host}`,
      timeoutMs: PING_TIMEOUT_MS,
      signal,
      work: (deadline) =>
        this.#plain.run(deadline, async () => {
          const request = { method: 'GET', path: '/_ping' } as const;
          const answer = await transport.ask(request, deadline);
          if (answer.status !== 200) transport.parse(request, answer);
          return answer.headers;
        }),
    });
  }

  #begin({ what, signal }: Pick<StreamCall, 'what' | 'signal'>): StreamLife {
    const { host, closing, streamIdleMs } = this.#options;
    if (closing.aborted) {
      throw new HostUnreachableError(`the connection to ${host} was closed`, { host });
    }
    return new StreamLife({ host, what, idleMs: streamIdleMs, signals: [signal, closing] });
  }

  async #exchange<T>(
    call: StreamCall,
    life: StreamLife,
    read: (open: OpenStream) => Promise<T>,
  ): Promise<T> {
    // A source that falls silent is given up by whoever reads it, who knows what it is: so it has
    // twice the time here.
    let isSourceSpared = true;
    const onBytes = () => {
      isSourceSpared = true;
      life.moved();
    };
    const options = { contentType: 'application/x-tar', onBytes, onSent: call.onSent };
    const body = call.body && new RequestBody(call.body, options);
    const { waitsForSource = () => body?.waitsForSource === true } = call;
    life.watch(() => {
      if (!waitsForSource()) return this.host;
      if (body === undefined || !isSourceSpared) return 'the source of the data';
      isSourceSpared = false;
      return null;
    });
    try {
      const response = await this.#send(call, life, body);
      return await read({ response, life });
    } catch (error) {
      if (body?.failure) throw sourceError(body.failure, call.what, this.host);
      if (error instanceof DockgraphError) throw error;
      const message = `${call.what} ended in what no Docker engine answers`;
      throw new EngineError(message, { host: this.host, cause: error, retryable: false });
    }
  }

  async #send(call: StreamCall, life: StreamLife, body?: RequestBody): Promise<IncomingMessage> {
    const { method, path, headers } = call;
    const request = {
      method,
      path: `/v${this.apiVersion}${path}`,
      ...(headers && { headers }),
      ...(body && { body }),
      ownConnection: true,
    };
    return this.#options.transport.stream(request, life.signal, call.errorOf);
  }

  #report(call: string, start: number, outcome: CallReport['outcome']): void {
    const { host, onCall } = this.#options;
    onCall?.({ host, call, durationMs: performance.now() - start, outcome });
  }
}

/** What broke off is the tar that we were given, and the engine only saw the end of it. */
export function sourceError(cause: Error, what: string, host: string): DockgraphError {
  if (cause instanceof DockgraphError) return cause;
  const message = `the data for ${what} broke off before its end; ${host} was told to drop it`;
  return new BadUserInputError(message, { host, cause });
}
