import type { TcpEndpoint } from '../endpoint.ts';
import { DialAgent } from './dial-agent.ts';
import type { Dialer, DialOptions } from './dialer.ts';
import { openSocket } from './net-socket.ts';
import { openPortFor } from './return-port.ts';

/** Reaches an engine over plain TCP. */
export function dialTcp({ host, port }: TcpEndpoint, options: DialOptions): Dialer {
  const agent = new DialAgent(`tcp ${host}:${port}`, options, (signal) =>
    openSocket({ host, port }, signal, options.readBytes),
  );
  return dialerAt({ host, port }, agent, options);
}

/** What every dialer to an address on the network has besides its agent. */
export function dialerAt(
  { host, port }: { host: string; port: number },
  agent: DialAgent,
  options: DialOptions,
): Dialer {
  return {
    agent,
    host,
    port,
    maxSockets: options.maxSockets,
    listen: (take) => openPortFor(host, options, take),
    close: () => agent.destroy(),
  };
}
