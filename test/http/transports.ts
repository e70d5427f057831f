import { SocketClient } from './socket-client.ts';
import { readStream } from './sse-client.ts';
import { postTo } from './start-server.ts';

/** The result of an operation, whichever way it went. */
export interface Outcome {
  data?: any;
  errors?: any[];
}

/** One operation over one transport. */
export type Transport = (url: string, query: string) => Promise<Outcome>;

/** Every way to send a query or a mutation. */
export const REQUEST_TRANSPORTS: Record<string, Transport> = {
  POST: async (url, query) => (await postTo(`${url}/graphql`, { query })).json as Outcome,
  GET: async (url, query) => {
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    return (await response.json()) as Outcome;
  },
  SSE: async (url, query) => firstOfStream(await readStream(`${url}/graphql/stream`, { query })),
  'SSE by GET': async (url, query) =>
    firstOfStream(
      await readStream(`${url}/graphql/stream?query=${encodeURIComponent(query)}`, undefined),
    ),
};

/** Every way to subscribe. Answers with what comes first. */
export const SUBSCRIPTION_TRANSPORTS: Record<string, Transport> = {
  WebSocket: async (url, query) => {
    const [first] = await SocketClient.run(url, query);
    return first?.type === 'error' ? { errors: first.payload } : (first?.payload as Outcome);
  },
  SSE: REQUEST_TRANSPORTS['SSE']!,
  'SSE by GET': REQUEST_TRANSPORTS['SSE by GET']!,
};

function firstOfStream({ events, text }: Awaited<ReturnType<typeof readStream>>): Outcome {
  return JSON.parse(text ?? events[0]?.data ?? '{}') as Outcome;
}
