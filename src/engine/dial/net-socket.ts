import { Socket } from 'node:net';
import type { OnReadOpts } from 'node:net';
import { KEEPALIVE_MS } from './dialer.ts';

/** Where a plain socket goes. */
export type SocketTarget = { path: string } | { host: string; port: number };

/**
 * A connected socket, quick for small messages and probed while it is silent. With `readBytes` it
 * reads up to that much at once, into one buffer again and again.
 */
export async function openSocket(
  target: SocketTarget,
  signal: AbortSignal,
  readBytes?: number,
): Promise<Socket> {
  signal.throwIfAborted();
  const options = {
    ...target,
    ...(readBytes !== undefined && { onread: readInto(readBytes, () => socket) }),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_MS,
  };
  const socket: Socket = new AttentiveSocket(options).connect(options);
  await settled(socket, 'connect', signal);
  return socket;
}

/**
 * A socket that hears the other end out. An engine that wants no more of an archive answers and closes;
 * the next write then fails, and Node would drop the socket with the answer in it unread.
 */
class AttentiveSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: WriteDone): void {
    super._write(chunk, encoding, afterReading(done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: WriteDone): void {
    super._writev!(chunks, afterReading(done));
  }
}

type WriteDone = (error?: Error | null) => void;

/** Tells of a failure when what has come by then has been read. */
function afterReading(done: WriteDone): WriteDone {
  return (error) => {
    if (!error) done(error);
    // The first may come in this turn of the event loop; the second is behind the next one's reads.
    else setImmediate(() => setImmediate(done, error));
  };
}

/**
 * What Node allocates for each read is collected by marking the whole heap, which costs more than
 * the read. An HTTP client copies what it keeps of a chunk while the chunk is given to it, so its
 * place is free again right after that. A socket that is paused keeps chunks until then: the next
 * reads go behind them, and into a second buffer where there is little room.
 */
function readInto(bytes: number, socket: () => Socket): OnReadOpts {
  let buffer = Buffer.allocUnsafeSlow(bytes);
  let other: typeof buffer | null = null;
  /** Of the buffer, from its start: where chunks are that the socket keeps. */
  let used = 0;
  return {
    buffer: () => buffer.subarray(used),
    callback: (size) => {
      const wantsMore = socket().push(buffer.subarray(used, used + size));
      const kept = socket().readableLength;
      used = kept === 0 ? 0 : used + size;
      if (bytes - used < bytes / 4) {
        const isOtherFree = kept <= used;
        [buffer, other] = [isOtherFree && other ? other : Buffer.allocUnsafeSlow(bytes), buffer];
        used = 0;
      }
      return wantsMore;
    },
  };
}

/** Waits for a socket's event; a socket that fails or is given up before it is destroyed. */
export async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(new Error('the connection was closed while it was being made'));
  const onAbort = () => reject(signal.reason as Error);
  socket.once(event, resolve).once('error', reject).once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } catch (error) {
    // It may still fail in its own way after we have turned away from it.
    socket.on('error', () => {}).destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.off(event, resolve).off('error', reject).off('close', onClose);
  }
}
