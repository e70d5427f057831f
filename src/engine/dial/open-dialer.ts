import type { EngineEndpoint } from '../endpoint.ts';
import type { Dialer, DialOptions } from './dialer.ts';
import { dialSsh } from './ssh.ts';
import { dialTcp } from './tcp.ts';
import { dialTls } from './tls.ts';
import { dialUnix } from './unix.ts';

/** The dialer for an endpoint. It connects when the first request comes. */
export function openDialer(endpoint: EngineEndpoint, options: DialOptions): Dialer {
  switch (endpoint.transport) {
    case 'UNIX':
      return dialUnix(endpoint, options);
    case 'TCP':
      return dialTcp(endpoint, options);
    case 'TLS':
      return dialTls(endpoint, options);
    case 'SSH':
      return dialSsh(endpoint, options);
  }
}
