import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dialer } from './dial/dialer.ts';

/** A request that asks the engine to speak another protocol on its connection. */
export interface UpgradeRequest {
  method: 'POST';
  /** Path and query. */
  path: string;
  /** `h2c` */
  protocol: string;
  /** Several values of one name are several lines. */
  headers: Record<string, string | string[]>;
}

/** What came of it: the connection, with its first bytes still in it, or an answer of plain HTTP. */
export type UpgradeAnswer = { socket: Duplex } | { response: IncomingMessage };

/** Sends it. The signal counts until there is an answer; a connection is the caller's to destroy. */
export async function upgrade(
  { agent, host, port }: Dialer,
  { method, path, protocol, headers }: UpgradeRequest,
  signal: AbortSignal,
): Promise<UpgradeAnswer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>();
  const request = httpRequest({
    agent,
    host,
    port,
    method,
    path,
    headers: { ...headers, Connection: 'Upgrade', Upgrade: protocol },
  });
  const giveUp = () => request.destroy(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  request
    // It stays: a request may fail again after its response has begun.
    .on('error', reject)
    .once('upgrade', (_response, socket: Duplex, head) => {
      // Whoever takes it adds a listener of its own; a break before that would be uncaught.
      socket.on('error', () => {});
      if (head.length > 0) socket.unshift(head);
      resolve({ socket });
    })
    .once('response', (response) => {
      response.on('error', () => {});
      resolve({ response });
    })
    .end();
  try {
    const answer = await promise;
    // Given up in the very moment in which it came.
    if (signal.aborted && 'socket' in answer) answer.socket.destroy();
    return answer;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
