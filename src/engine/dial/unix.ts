import type { UnixEndpoint } from '../endpoint.ts';
import { DialAgent } from './dial-agent.ts';
import type { Dialer, DialOptions } from './dialer.ts';
import { openSocket } from './net-socket.ts';
import { openLocalPort } from './return-port.ts';

/** Reaches an engine on a unix socket of this machine. */
export function dialUnix({ socketPath }: UnixEndpoint, options: DialOptions): Dialer {
  const agent = new DialAgent(`unix ${socketPath}`, options, (signal) =>
    openSocket({ path: socketPath }, signal, options.readBytes),
  );
  return {
    agent,
    host: 'localhost',
    port: 80,
    maxSockets: options.maxSockets,
    listen: (take) => openLocalPort(take),
    close: () => agent.destroy(),
  };
}
