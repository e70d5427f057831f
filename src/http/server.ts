import type { AddressInfo } from 'node:net';
import { startApollo } from './apollo.ts';
import { Authenticator } from './auth.ts';
import type { TokenRecord } from '../config/tokens-file.ts';
import { drain } from './drain.ts';
import { createFastify } from './fastify-app.ts';
import { assertSafeListen } from './listen-policy.ts';
import { operationObserver } from './operation-observer.ts';
import { OperationGate } from './operation-gate.ts';
import { OriginPolicy } from './origin.ts';
import { requestPlugin } from './request-plugin.ts';
import type { ServerOptions } from './server-options.ts';
import type { ServerParts } from './server-parts.ts';
import { EventStreams } from './sse.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import { SubscriptionSockets } from './websocket.ts';

/** A server that listens. */
export interface Server {
  /** Such as `http://127.0.0.1:4000`. */
  url: string;
  address: AddressInfo;
  /** Puts other tokens in force; connections that were opened with one that is gone are closed. */
  replaceTokens(tokens: readonly TokenRecord[]): void;
  /**
   * Says on `/readyz` that it goes, serves on for `announceMs` (default 0), takes nothing new then,
   * finishes what is under way, and cuts off what is not done `graceMs` later.
   */
  close(options: { graceMs: number; announceMs?: number }): Promise<void>;
}

/** Starts listening. Rejects, before anything is bound, where that would be unsafe. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { api, listen, logger, metrics } = options;
  const authenticator = new Authenticator(options.tokens);
  assertSafeListen(listen.host, authenticator.required);
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const gate = new OperationGate(api);
  const observe = operationObserver(logger, metrics, tuning.slowRequestMs);
  const apollo = await startApollo(api, logger, requestPlugin(gate, observe));
  let draining = false;
  const parts: ServerParts = {
    api,
    apollo,
    gate,
    authenticator,
    origins: new OriginPolicy(options.allowedOrigins),
    logger,
    metrics,
    tuning,
    requestTimeoutMs: options.requestTimeoutMs,
    isDraining: () => draining,
  };
  const streams = new EventStreams(parts);
  const sockets = new SubscriptionSockets(parts);
  const app = createFastify(parts, streams, options);
  app.server.on('upgrade', sockets.upgrade);
  try {
    await app.listen(listen);
  } catch (error) {
    await Promise.allSettled([sockets.close(), apollo.stop(), app.close()]);
    throw error;
  }
  const address = app.server.address() as AddressInfo;
  const url = urlOf(address);
  logger.info({ url, authentication: authenticator.required }, 'listening');
  let closed: Promise<void> | undefined;
  return {
    url,
    address,
    replaceTokens: (tokens) => authenticator.replaceTokens(tokens),
    close({ graceMs, announceMs = 0 }) {
      draining = true;
      closed ??= drain({ app, apollo, streams, sockets, logger, announceMs, graceMs });
      return closed;
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
