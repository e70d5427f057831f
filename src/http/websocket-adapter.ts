import type { WebSocket as GraphqlSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { messageOf } from '../common/errors.ts';
import type { Logger } from './logger.ts';

/** Bounds of one connection. */
export interface AdapterOptions {
  logger: Logger;
  /** More than this unread by the client ends the connection. */
  maxBacklogBytes: number;
  /** Called when something is to be sent to a client that has gone. */
  onGone: () => void;
}

const INTERNAL_ERROR = 4500;

/**
 * A `ws` socket as the transport-free core of graphql-ws wants it. Not the package's own adapter:
 * that one writes to the console and knows no bound for what a client leaves unread.
 */
export function adaptSocket(
  socket: WebSocket,
  { logger, maxBacklogBytes, onGone }: AdapterOptions,
): GraphqlSocket {
  const cutOffWhenBehind = () => {
    if (socket.bufferedAmount <= maxBacklogBytes) return;
    logger.info({ backlogBytes: socket.bufferedAmount }, 'WebSocket client reads too slowly');
    socket.terminate();
  };
  return {
    protocol: socket.protocol,
    // Resolves when the kernel took the message: until then the next event is not asked for.
    send: (data) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) {
          // At once, not at the close event: a source that never waits would let no event come.
          onGone();
          return resolve();
        }
        // An error here means a closing connection, whose end is handled as such.
        socket.send(data, () => resolve());
        cutOffWhenBehind();
      }),
    close: (code, reason) => socket.close(code, truncateReason(reason)),
    onMessage(handle) {
      socket.on('message', (data) => {
        // Also bounds the answers to pings of a client that never reads them.
        cutOffWhenBehind();
        handle((data as Buffer).toString('utf8')).catch((error: unknown) => {
          logger.error({ err: error }, `WebSocket message failed: ${messageOf(error)}`);
          socket.close(INTERNAL_ERROR, 'Internal server error');
        });
      });
    },
  };
}

/** A close reason may have 123 bytes. */
export function truncateReason(reason = ''): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= 123 ? reason : `${bytes.subarray(0, 119).toString().replace(/�$/, '')}…`;
}
