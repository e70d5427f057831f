import { setTimeout as delay } from 'node:timers/promises';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { GraphqlContext } from '../graphql/context.ts';
import type { Logger } from './logger.ts';
import type { EventStreams } from './sse.ts';
import type { SubscriptionSockets } from './websocket.ts';

/** What is to be brought to an end. */
export interface DrainParts {
  app: FastifyInstance;
  apollo: ApolloServer<GraphqlContext>;
  streams: EventStreams;
  sockets: SubscriptionSockets;
  logger: Logger;
  /** Serve on for so long while `/readyz` already says no, so that balancers look elsewhere. */
  announceMs: number;
  /** Then cut off what did not finish within this. */
  graceMs: number;
}

/**
 * Shuts down in the order that loses least: take no new connections, tell followers of events that
 * this is the end, let requests under way finish, and only then stop what answers them.
 */
export async function drain(parts: DrainParts): Promise<void> {
  const { app, apollo, streams, sockets, logger, announceMs, graceMs } = parts;
  const startedAt = performance.now();
  logger.info({ announceMs, graceMs }, 'draining');
  if (announceMs > 0) await delay(announceMs);
  // Stops listening at once; ends when the last connection has gone.
  const quiet = app.close();
  // A kept-alive connection that falls idle from now on would otherwise hold us up.
  const sweeper = setInterval(() => app.server.closeIdleConnections(), 20);
  streams.finishAll();
  const finished = Promise.all([quiet, sockets.close()]).then(() => true);
  const grace = new AbortController();
  const inTime = await Promise.race([
    finished,
    delay(graceMs, false, { signal: grace.signal }).catch(() => false),
  ]);
  grace.abort();
  if (!inTime) {
    logger.warn({ graceMs }, 'cutting off what did not finish in time');
    sockets.terminate();
    app.server.closeAllConnections();
    await finished;
  }
  clearInterval(sweeper);
  await apollo.stop();
  logger.info({ durationMs: Math.round(performance.now() - startedAt) }, 'drained');
}
