/*
 * A child with many WebSockets, each of which watches one operation as a frontend does. On bare
 * sockets: what a crowd of clients takes itself must not hide what the gateway takes.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { answerParent } from '../process/parent.ts';

/** How many connect where. */
export interface CrowdRequest {
  /** `http://127.0.0.1:PORT` */
  url: string;
  watchers: number;
}

/** What the crowd was told of one operation. */
export interface CrowdResult {
  /** Of each watcher, how many events. */
  events: number[];
  /** Watchers whose last event had the operation final, and whose stream was ended. */
  toldTheEnd: number;
  /** Bytes of messages in all. */
  bytes: number;
}

const FINAL = /"state":"(?:SUCCEEDED|PARTIAL|FAILED|CANCELLED|INTERRUPTED)","tasks"/;
const QUERY = `subscription ($id: ID!) { operation(id: $id) { state tasks { state
  progress { phase percent currentBytes totalBytes layers { id status currentBytes totalBytes } } } } }`;

interface Watcher {
  socket: WebSocket;
  events: number;
  last: string;
  ended: PromiseWithResolvers<void>;
}

let watchers: Watcher[] = [];
let bytes = 0;
let watches = 0;

answerParent({
  connect: async ({ url, watchers: wanted }: CrowdRequest): Promise<void> => {
    watchers = await Promise.all(Array.from({ length: wanted }, () => connect(url)));
  },
  /** Resolves when all subscriptions were sent. */
  watch: (id: string): void => {
    bytes = 0;
    watches++;
    for (const watcher of watchers) {
      Object.assign(watcher, { events: 0, last: '', ended: Promise.withResolvers<void>() });
      const payload = { query: QUERY, variables: { id } };
      watcher.socket.send(JSON.stringify({ id: String(watches), type: 'subscribe', payload }));
    }
  },
  /** Resolves when all streams have ended. */
  result: async (): Promise<CrowdResult> => {
    await Promise.all(watchers.map(({ ended }) => ended.promise));
    return {
      events: watchers.map(({ events }) => events),
      toldTheEnd: watchers.filter(({ last }) => FINAL.test(last)).length,
      bytes,
    };
  },
});

async function connect(url: string): Promise<Watcher> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  const watcher = { socket, events: 0, last: '', ended: Promise.withResolvers<void>() };
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    bytes += data.length;
    if (text.includes('"type":"next"')) {
      watcher.events++;
      watcher.last = text;
    } else if (text.includes('"type":"complete"')) watcher.ended.resolve();
    else if (text.includes('"type":"error"')) watcher.ended.reject(new Error(text));
  });
  socket.on('close', () => watcher.ended.reject(new Error('the gateway closed the connection')));
  // Told by whoever asks for the result.
  watcher.ended.promise.catch(() => undefined);
  return watcher;
}
