/*
 * A child that stands for a network: TCP proxies on loopback that hold back every chunk for a
 * while, in order. Each starts as `open {port, delayMs}` and answers its own port.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { answerParent } from '../process/parent.ts';

/** What the bench asks for. */
export interface ProxyRequest {
  /** Loopback port that it leads to. */
  port: number;
  /** Milliseconds on the way there; the way back adds none, so this is the added round trip. */
  delayMs: number;
}

const MAX_HELD_BYTES = 4 * 1024 * 1024;

answerParent({
  open: async ({ port, delayMs }: ProxyRequest): Promise<number> => {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
      const upstream = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      forward(client, upstream, delayMs);
      forward(upstream, client, 0);
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    return (server.address() as AddressInfo).port;
  },
});

function forward(from: Socket, to: Socket, delayMs: number): void {
  let held = 0;
  const later = (work: () => void) => {
    // Timers of one length fire in the order in which they were set.
    if (delayMs > 0) setTimeout(work, delayMs);
    else work();
  };
  from.on('data', (chunk: Buffer) => {
    held += chunk.length;
    if (held > MAX_HELD_BYTES) from.pause();
    later(() => {
      const release = () => {
        held -= chunk.length;
        if (held <= MAX_HELD_BYTES) from.resume();
      };
      if (to.writable) to.write(chunk, release);
      else release();
    });
  });
  from.on('end', () => later(() => to.end()));
  from.on('close', () => later(() => to.destroy()));
  from.on('error', () => to.destroy());
}
