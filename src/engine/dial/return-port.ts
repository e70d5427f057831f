import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { EngineUnsupportedError } from '../../common/errors.ts';
import type { DialOptions } from './dialer.ts';

/** A port on the loopback of the engine's machine, whose connections come to us. */
export interface ReturnPort {
  readonly port: number;
  /** Takes no more connections; those that are open stay. */
  close(): void;
}

/** Who gets the connections of a return port. Their errors are his. */
export type TakeConnection = (connection: Duplex) => void;

/** What a return port listens on, as the engine reaches it. */
export const LOOPBACK = '127.0.0.1';

/** A port of this machine, for engines on it. */
export async function openLocalPort(take: TakeConnection): Promise<ReturnPort> {
  const server = createServer({ noDelay: true }, take);
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('listening', resolve).on('error', reject).listen(0, LOOPBACK);
  await listening;
  const address = server.address() as { port: number };
  return { port: address.port, close: () => server.close() };
}

/** As `openLocalPort`, for an engine at this address: one on another machine has no way to us. */
export async function openPortFor(
  address: string,
  { host }: DialOptions,
  take: TakeConnection,
): Promise<ReturnPort> {
  if (isLoopback(address)) return openLocalPort(take);
  const message = `${host} is on another machine and not reached over SSH: it cannot connect to us`;
  throw new EngineUnsupportedError(message, { host });
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}
