import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Thrown before anything is bound. */
export class UnsafeListenError extends Error {
  constructor(host: string) {
    super(
      `Refusing to listen on ${host} without authentication: whoever reaches it would see ` +
        'every image on every host. Give a tokens file, or listen on 127.0.0.1.',
    );
    this.name = 'UnsafeListenError';
  }
}

/** Whether an address or host name can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const family = isIP(bare);
  if (family === 4) return LOOPBACK.check(bare, 'ipv4');
  if (family === 6) return LOOPBACK.check(bare, 'ipv6');
  // Other names may resolve to anything, now or later.
  return /^localhost\.?$/i.test(bare);
}

/** Throws when `host` is reachable from elsewhere and nothing would ask who comes. */
export function assertSafeListen(host: string, authenticated: boolean): void {
  if (!authenticated && !isLoopback(host)) throw new UnsafeListenError(host);
}
