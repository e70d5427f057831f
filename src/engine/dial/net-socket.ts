import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { KEEPALIVE_MS } from './dialer.ts';

/** Where a plain socket goes. */
export type SocketTarget = { path: string } | { host: string; port: number };

/** A connected socket, quick for small messages and probed while it is silent. */
export async function openSocket(target: SocketTarget, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect({
    ...target,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_MS,
  });
  await settled(socket, 'connect', signal);
  return socket;
}

/** Waits for a socket's event; a socket that fails or is given up before it is destroyed. */
export async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(new Error('the connection was closed while it was being made'));
  const onAbort = () => reject(signal.reason as Error);
  socket.once(event, resolve).once('error', reject).once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } catch (error) {
    // It may still fail in its own way after we have turned away from it.
    socket.on('error', () => {}).destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.off(event, resolve).off('error', reject).off('close', onClose);
  }
}
