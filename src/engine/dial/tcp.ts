import type { TcpEndpoint } from '../endpoint.ts';
import { DialAgent } from './dial-agent.ts';
import type { Dialer, DialOptions } from './dialer.ts';
import { openSocket } from './net-socket.ts';

/** Reaches an engine over plain TCP. */
export function dialTcp({ host, port }: TcpEndpoint, options: DialOptions): Dialer {
  const agent = new DialAgent(`tcp ${host}:${port}`, options, (signal) =>
    openSocket({ host, port }, signal, options.readBytes),
  );
  return { agent, host, port, maxSockets: options.maxSockets, close: () => agent.destroy() };
}
