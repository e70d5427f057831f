import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A bounded load on one server. */
export interface Load {
  /** `http://127.0.0.1:PORT` */
  url: string;
  path: string;
  /** Body of the POST that is sent over and over. */
  body: string;
  /** What every answer's body must be. */
  expected: string;
  /** Kept connections, each with one request under way at a time. */
  connections: number;
  seconds: number;
  maxRequests: number;
}

/** What a load came to. */
export interface LoadResult {
  requests: number;
  seconds: number;
}

/**
 * Sends requests as fast as answers come. On bare sockets: `node:http`'s client takes more
 * processor time than the servers that are measured, which share the machine with it.
 */
export async function runLoad(load: Load, signal: AbortSignal): Promise<LoadResult> {
  const { url, path, body, connections, seconds, maxRequests } = load;
  const { hostname, port, host } = new URL(url);
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let requests = 0;
  const runs = Array.from({ length: connections }, () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    return exchange(socket, request, load.expected, () => {
      requests++;
      return requests < maxRequests && performance.now() < until && !signal.aborted;
    });
  });
  await Promise.all(runs);
  signal.throwIfAborted();
  return { requests, seconds: (performance.now() - startedAt) / 1000 };
}

/** Asks again and again on one connection while `goOn` says so, which is told of every answer. */
async function exchange(
  socket: Socket,
  request: Buffer,
  expected: string,
  goOn: () => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let pending: Buffer = Buffer.alloc(0);
  let compared = false;
  socket.on('connect', () => socket.write(request));
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the server closed the connection')));
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const answer = wholeAnswer(pending);
    if (answer === null) return;
    pending = pending.subarray(answer.length);
    // The first one whole; of the others that they are as long.
    if (answer.status !== '200' || (!compared && answer.body.toString() !== expected)) {
      reject(new Error(`answered ${answer.status} ${answer.body.toString().slice(0, 300)}`));
    } else if (answer.body.length !== Buffer.byteLength(expected)) {
      reject(new Error(`answered something else: ${answer.body.toString().slice(0, 300)}`));
    }
    compared = true;
    if (goOn()) socket.write(request);
    else resolve();
  });
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}

function wholeAnswer(bytes: Buffer) {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const size = /content-length: (\d+)/i.exec(head)?.[1];
  if (size === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  const length = headEnd + 4 + Number(size);
  if (bytes.length < length) return null;
  return { status: head.slice(9, 12), body: bytes.subarray(headEnd + 4, length), length };
}
