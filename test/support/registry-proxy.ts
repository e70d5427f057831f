import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * A TCP proxy before a registry that holds connections up: a slow registry, for engines that take
 * 127.0.0.0/8 without TLS.
 */
export interface RegistryProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as image references begin. */
  readonly address: string;
  /** Connections that are held up and still open on the engine's side. */
  readonly held: number;
  /** Connections that were ever held up. */
  readonly everHeld: number;
  /** Connections that are open on the engine's side. */
  readonly open: number;
  /** Bytes that went through, both ways. */
  readonly bytes: number;
  /** Holds up every connection after this many bytes in one direction; null lets all go on. */
  holdAfter(bytes: number | null): void;
  /** Connections that are held up are let go on a little at a time. */
  trickle(): void;
  /** Breaks every connection, and refuses new ones until `revive`. */
  die(): void;
  revive(): Promise<void>;
}

/** Starts a proxy before `target`, which is `127.0.0.1:PORT`. */
export async function startRegistryProxy(target: string): Promise<RegistryProxy> {
  const [host, port] = target.split(':');
  const held = new Map<Socket, () => void>();
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let limit: number | null = null;
  let bytes = 0;
  let everHeld = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: host!, port: Number(port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    clients.add(client);
    client.on('close', () => {
      clients.delete(client);
      held.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroySoon());
    const pass = (from: Socket, to: Socket) => {
      let passed = 0;
      from.on('data', (chunk: Buffer) => {
        passed += chunk.length;
        bytes += chunk.length;
        const goesOn = to.write(chunk);
        if (limit !== null && passed > limit) {
          from.pause();
          if (!held.has(client)) everHeld++;
          held.set(client, () => from.resume());
        } else if (!goesOn) {
          from.pause();
          to.once('drain', () => {
            if (!held.has(client)) from.resume();
          });
        }
      });
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port: own } = server.address() as AddressInfo;
  let trickling: NodeJS.Timeout | undefined;
  return {
    address: `127.0.0.1:${own}`,
    get held() {
      return held.size;
    },
    get open() {
      return clients.size;
    },
    get everHeld() {
      return everHeld;
    },
    get bytes() {
      return bytes;
    },
    holdAfter(next) {
      limit = next;
      if (next !== null) return;
      for (const release of held.values()) release();
      held.clear();
    },
    trickle() {
      // Each goes on until its next chunk, after which it is held up again.
      trickling = setInterval(() => {
        for (const release of held.values()) release();
      }, 100);
    },
    die() {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
    revive: () => listen(own),
    async [Symbol.asyncDispose]() {
      clearInterval(trickling);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
