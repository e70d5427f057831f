import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EngineError, EngineUnsupportedError } from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';
import { CallSlots } from '../common/call-slots.ts';
import { connectionError } from './dial/connection-error.ts';
import type { ConnectionTarget } from './dial/connection-error.ts';
import type { Dialer } from './dial/dialer.ts';
import { openDialer } from './dial/open-dialer.ts';
import type { ReturnPort, TakeConnection } from './dial/return-port.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { engineError, oneLine } from './engine-errors.ts';
import type { RefusedAnswer } from './engine-errors.ts';
import { exchange, readBody } from './http-exchange.ts';
import type { EngineRequest } from './http-exchange.ts';
import { upgrade } from './http-upgrade.ts';
import type { UpgradeAnswer, UpgradeRequest } from './http-upgrade.ts';

/** What bounds the traffic with one engine. */
export interface TransportLimits {
  maxConcurrentCalls: number;
  connectTimeoutMs: number;
  maxBodyBytes: number;
  /** For connections that carry archives, see {@link DialOptions}. */
  readBytes?: number;
}

/** What an answer that is no success means: `engineError`, unless the asker knows more. */
export type ErrorOf = (answer: RefusedAnswer) => DockgraphError;

/** A whole answer, whatever its status. */
export interface EngineAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Connections beside those of calls: an event stream, and a ping that must not wait. */
const EXTRA_SOCKETS = 2;

/**
 * HTTP with one engine: bounded in number and in size, every failure turned into an error of ours.
 * It knows nothing of what is asked. Deadlines are the caller's, by the signal.
 */
export class EngineTransport {
  readonly #target: ConnectionTarget;
  readonly #dialer: Dialer;
  readonly #slots: CallSlots;
  readonly #maxBodyBytes: number;

  constructor(host: string, endpoint: EngineEndpoint, limits: TransportLimits) {
    this.#target = { host, endpoint };
    this.#dialer = openDialer(endpoint, {
      host,
      maxSockets: limits.maxConcurrentCalls + EXTRA_SOCKETS,
      // Sooner than the call that waits for it, which could only say that time is up.
      connectTimeoutMs: limits.connectTimeoutMs * 0.8,
      readBytes: limits.readBytes,
    });
    this.#slots = new CallSlots(this.#dialer.maxSockets - EXTRA_SOCKETS);
    this.#maxBodyBytes = limits.maxBodyBytes;
  }

  get host(): string {
    return this.#target.host;
  }

  /** Connections that may be wanted at once. */
  get maxSockets(): number {
    return this.#dialer.maxSockets;
  }

  /** Asks and reads the whole answer; rejects only when there is none. Takes no slot. */
  async ask(request: EngineRequest, signal: AbortSignal): Promise<EngineAnswer> {
    const response = await this.#open(request, signal);
    const body = await readBody(response, {
      host: this.host,
      what: nameOf(request),
      maxBytes: this.#maxBodyBytes,
    });
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  /** Asks in a slot, and takes an answer of success for JSON. */
  async json(
    request: EngineRequest,
    signal: AbortSignal,
    errorOf: ErrorOf = engineError,
  ): Promise<unknown> {
    const answer = await this.#slots.run(signal, () => this.ask(request, signal));
    return this.parse(request, answer, errorOf);
  }

  /** The JSON of a successful answer; otherwise the error that the answer means. */
  parse(request: EngineRequest, answer: EngineAnswer, errorOf: ErrorOf = engineError): unknown {
    const contentType = answer.headers['content-type'] ?? '';
    if (answer.status < 200 || answer.status > 299) {
      const { status, body } = answer;
      throw errorOf({ host: this.host, request: nameOf(request), status, contentType, body });
    }
    if (answer.body.trim() === '') return undefined;
    try {
      return JSON.parse(answer.body) as unknown;
    } catch (cause) {
      throw new EngineError(
        `${this.host} answered ${nameOf(request)} with ${contentType || 'something'} that is not ` +
          `JSON ("${oneLine(answer.body, 60)}"); is it a Docker engine, or a proxy's page?`,
        { host: this.host, cause },
      );
    }
  }

  /** Asks and resolves at the headers of a success; the body is the caller's to read at once. */
  async stream(
    request: EngineRequest,
    signal: AbortSignal,
    errorOf: ErrorOf = engineError,
  ): Promise<IncomingMessage> {
    const response = await this.#open(request, signal);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status <= 299) return response;
    throw await this.#refused(request, response, errorOf);
  }

  /** Asks for another protocol, and resolves with the connection that speaks it from now on. */
  async upgrade(
    request: UpgradeRequest,
    signal: AbortSignal,
    errorOf: ErrorOf = engineError,
  ): Promise<Duplex> {
    let answer: UpgradeAnswer;
    try {
      answer = await upgrade(this.#dialer, request, signal);
    } catch (error) {
      throw await connectionError(error, this.#target);
    }
    if ('socket' in answer) return answer.socket;
    const { response } = answer;
    const status = response.statusCode ?? 0;
    if (status > 299) throw await this.#refused(request, response, errorOf);
    response.destroy();
    throw new EngineUnsupportedError(
      `${this.host} answered ${nameOf(request)} with ${status} and goes on in plain HTTP; a proxy ` +
        'before the engine may let no upgraded connections pass',
      { host: this.host },
    );
  }

  /** A port by which the engine's machine reaches us; see `Dialer.listen`. */
  async listen(take: TakeConnection, signal: AbortSignal): Promise<ReturnPort> {
    try {
      return await this.#dialer.listen(take, signal);
    } catch (error) {
      throw await connectionError(error, this.#target);
    }
  }

  close(): void {
    this.#dialer.close();
  }

  async #refused(
    request: Pick<EngineRequest, 'method' | 'path'>,
    response: IncomingMessage,
    errorOf: ErrorOf,
  ): Promise<DockgraphError> {
    const what = nameOf(request);
    const body = await readBody(response, { host: this.host, what, maxBytes: this.#maxBodyBytes });
    const contentType = response.headers['content-type'] ?? '';
    const status = response.statusCode ?? 0;
    return errorOf({ host: this.host, request: what, status, contentType, body });
  }

  async #open(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await exchange(this.#dialer, request, signal);
    } catch (error) {
      throw await connectionError(error, this.#target);
    }
  }
}

/** A request as messages name it: without version and query. */
function nameOf({ method, path }: Pick<EngineRequest, 'method' | 'path'>): string {
  return `${method} ${path.replace(/^\/v1\.\d+(?=\/)/, '').replace(/\?.*$/, '')}`;
}
