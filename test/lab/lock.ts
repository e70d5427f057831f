import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { waitUntil } from './wait-until.ts';

/** Longer than the slowest `up` (packages from a slow mirror) that another one may wait for. */
const DEADLINE_MS = 15 * 60_000;

/**
 * Runs `work` while no other process does the same for this path.
 *
 * The lock is a listening socket with an abstract name: only one process can have it, and the
 * kernel takes it away from a process that ends, however it ends. No file can be left behind.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const name = `\0dockgraph-lab-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  const server = await waitUntil(() => tryListen(name), {
    what: `the turn of this command (another "npm run lab" works on ${path})`,
    deadlineMs: DEADLINE_MS,
    intervalMs: 100,
  });
  try {
    return await work();
  } finally {
    server.close();
  }
}

function tryListen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}
