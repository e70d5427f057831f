import type { SshEndpoint } from '../endpoint.ts';
import { DialAgent } from './dial-agent.ts';
import type { Dialer, DialOptions } from './dialer.ts';
import { SshRoute } from './ssh/ssh-route.ts';

/** Under OpenSSH's default MaxSessions (10), with room for a look at what is wrong. */
const MAX_CHANNELS = 8;

/** Reaches an engine's socket on another machine through one SSH connection. */
export function dialSsh(endpoint: SshEndpoint, options: DialOptions): Dialer {
  const route = new SshRoute(endpoint, options);
  const maxSockets = Math.min(options.maxSockets, MAX_CHANNELS);
  const label = `ssh ${endpoint.host}:${endpoint.port}`;
  const agent = new DialAgent(label, { ...options, maxSockets }, (signal) =>
    route.openSocket(signal),
  );
  return {
    agent,
    host: 'localhost',
    port: 80,
    maxSockets,
    listen: (take, signal) => route.listen(take, signal),
    close: () => {
      agent.destroy();
      route.close();
    },
  };
}
