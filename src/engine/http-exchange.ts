import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { HostUnreachableError, LimitExceededError } from '../common/errors.ts';
import { codeOf } from './dial/connection-error.ts';
import type { Dialer } from './dial/dialer.ts';
import { RequestBody } from './request-body.ts';

/** One HTTP request to an engine. */
export interface EngineRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  path: string;
  headers?: Record<string, string>;
  /** JSON, or a stream that is sent as it comes. */
  body?: string | RequestBody;
  /**
   * Takes no kept connection: that may be dead, and what changes something is not sent twice. A
   * header `Connection: close` would not do, for Node's agents hand out a kept one all the same.
   */
  ownConnection?: boolean;
}

/** How often a request is sent again because a kept connection turned out to be dead. */
const MAX_STALE_SOCKETS = 8;

/**
 * Sends a request and resolves with the response as soon as its headers are there, whatever its
 * status; redirects are not followed. The signal ends the response's body too.
 */
export async function exchange(
  dialer: Dialer,
  request: EngineRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  for (let stale = 0; ; stale++) {
    const sent = send(dialer, request, signal);
    try {
      return await sent.response;
    } catch (error) {
      // The engine may close a kept connection just as we use it again, after a restart for one.
      const wasKept = sent.reusedSocket() && /^(ECONNRESET|EPIPE)$/.test(codeOf(error));
      const repeatable = request.method === 'GET' || request.method === 'HEAD';
      if (!wasKept || !repeatable || signal.aborted || stale === MAX_STALE_SOCKETS) throw error;
    }
  }
}

function send(
  { agent, host, port }: Dialer,
  { method, path, headers, body, ownConnection = false }: EngineRequest,
  signal: AbortSignal,
): { response: Promise<IncomingMessage>; reusedSocket: () => boolean } {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest({
    ...(ownConnection ? { createConnection: agent.createConnection.bind(agent) } : { agent }),
    host,
    port,
    method,
    path,
    signal,
    headers: {
      ...headers,
      ...(typeof body === 'string' && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      }),
    },
  });
  // It stays: a request may fail again after its response has begun.
  request.on('error', reject);
  request.once('response', (response) => {
    // Readers add their own; without one, a break before the first read would be uncaught.
    response.on('error', () => {});
    resolve(response);
  });
  if (body instanceof RequestBody) body.sendTo(request);
  else request.end(body);
  return { response: promise, reusedSocket: () => request.reusedSocket };
}

/** Reads a response's body to its end, up to `maxBytes`. */
export async function readBody(
  response: IncomingMessage,
  { host, what, maxBytes }: { host: string; what: string; maxBytes: number },
): Promise<string> {
  const tooLarge = () => {
    response.destroy();
    const limit = `${Math.floor(maxBytes / 1024 / 1024)} MiB`;
    return new LimitExceededError(`${host} answered ${what} with more than ${limit}`, { host });
  };
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const brokeOff = (error?: Error) =>
    reject(
      new HostUnreachableError(`${host} broke off in the middle of its answer to ${what}`, {
        host,
        cause: error,
      }),
    );
  response
    .on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(tooLarge());
      else chunks.push(chunk);
    })
    .once('end', () => resolve(Buffer.concat(chunks, size).toString('utf8')))
    .once('error', brokeOff)
    .once('close', () => {
      if (!response.complete) brokeOff();
    });
  return promise;
}
