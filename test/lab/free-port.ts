import { createServer } from 'node:net';

/**
 * Below the range from which the kernel takes the local ports of outgoing connections: a server
 * that is restarted on its port must not find a client's connection there.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A loopback TCP port that nothing listens on right now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await canListen(port)) return port;
  }
}

/** Several such ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
