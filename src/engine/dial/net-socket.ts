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
 * the read. An HTTP client copies what it keeps of a chunk while the chunk is given to it, so the
 * buffer is free again right after that. Where the socket keeps the chunk, the buffer goes with it.
 */
function readInto(bytes: number, socket: () => Socket): OnReadOpts {
  let buffer = Buffer.allocUnsafeSlow(bytes);
  return {
    buffer: () => buffer,
    callback: (size) => {
      const wantsMore = socket().push(buffer.subarray(0, size));
      if (socket().readableLength > 0) buffer = Buffer.allocUnsafeSlow(bytes);
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
