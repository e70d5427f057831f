/*
 * A child that stands for a network path: TCP proxies on loopback that count what passes, hold it
 * back for a while in both directions and let no more than so many bytes a second through.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, NetConnectOpts, Socket } from 'node:net';
import { answerParent } from '../process/parent.ts';

/** What the bench asks for. */
export interface PathRequest {
  /** Where it leads to. */
  to: { port: number } | { path: string };
  /** Milliseconds that each direction takes: half of the added round trip. */
  delayMs?: number;
  /** For each direction of each connection; no limit where it is not given. */
  bytesPerSecond?: number;
}

/** Bytes that passed the path of a port, all its connections together. */
export interface PathCount {
  toServer: number;
  toClient: number;
}

/** What a path without a limit holds at most: far more than any delay times a loopback's speed. */
const HELD_BYTES = 32 * 1024 * 1024;

const counts = new Map<number, PathCount>();

answerParent({
  open: async ({ to, delayMs = 0, bytesPerSecond = Infinity }: PathRequest): Promise<number> => {
    const count: PathCount = { toServer: 0, toClient: 0 };
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
      const where: NetConnectOpts = 'path' in to ? to : { ...to, host: '127.0.0.1', noDelay: true };
      const upstream = connect({ ...where, allowHalfOpen: true });
      forward(client, upstream, { delayMs, bytesPerSecond }, (bytes) => (count.toServer += bytes));
      forward(upstream, client, { delayMs, bytesPerSecond }, (bytes) => (count.toClient += bytes));
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    const { port } = server.address() as AddressInfo;
    counts.set(port, count);
    return port;
  },
  count: (port: number): PathCount | undefined => counts.get(port),
});

interface Pace {
  delayMs: number;
  bytesPerSecond: number;
}

function forward(
  from: Socket,
  to: Socket,
  { delayMs, bytesPerSecond }: Pace,
  onBytes: (bytes: number) => void,
): void {
  // A real path holds what its delay takes, and queues a little more.
  const inFlight = (bytesPerSecond * delayMs) / 1000 + 256 * 1024;
  const most = Math.min(HELD_BYTES, inFlight);
  const queue: { work: () => void; dueAt: number }[] = [];
  let timer: NodeJS.Timeout | null = null;
  let held = 0;
  let freeAt = 0;
  const release = () => {
    timer = null;
    const now = performance.now();
    while (queue.length > 0 && queue[0]!.dueAt <= now) queue.shift()!.work();
    if (queue.length > 0) timer = setTimeout(release, queue[0]!.dueAt - now);
  };
  const later = (bytes: number, work: () => void) => {
    freeAt = Math.max(freeAt, performance.now()) + (bytes * 1000) / bytesPerSecond;
    queue.push({ work, dueAt: freeAt + delayMs });
    if (timer === null) release();
  };
  from.on('data', (chunk: Buffer) => {
    onBytes(chunk.length);
    held += chunk.length;
    if (held > most) from.pause();
    later(chunk.length, () => {
      const written = () => {
        held -= chunk.length;
        if (held <= most) from.resume();
      };
      if (to.writable) to.write(chunk, written);
      else written();
    });
  });
  from.on('end', () => later(0, () => to.end()));
  from.on('close', () => later(0, () => to.destroy()));
  from.on('error', () => to.destroy());
}
