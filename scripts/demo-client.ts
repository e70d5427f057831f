import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** Asks the gateway over HTTP, as any client does. */
export async function ask(url: string, query: string, variables: object = {}): Promise<any> {
  const response = await post(`${url}/graphql`, { query, variables });
  const { data, errors } = (await response.json()) as Answer;
  if (errors) throw new Error(`the gateway refused a demo query: ${errors[0]?.message}`);
  return data;
}

/** Follows a subscription as server-sent events, to its end or until the signal aborts. */
export async function* follow(
  url: string,
  query: string,
  variables: object,
  signal: AbortSignal,
): AsyncGenerator<any, void, void> {
  const response = await post(`${url}/graphql/stream`, { query, variables }, signal);
  if (!response.ok) throw new Error(`the gateway refused a demo query: ${await response.text()}`);
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  for await (const line of createInterface({ input: body })) {
    if (!line.startsWith('data: {')) continue;
    const { data, errors } = JSON.parse(line.slice('data: '.length)) as Answer;
    if (errors) throw new Error(`the gateway refused a demo query: ${errors[0]?.message}`);
    yield data;
  }
}

/** Throws what an operation of the demo failed with. */
export function assertSucceeded({ state, tasks }: any): void {
  if (state === 'SUCCEEDED') return;
  throw new Error(
    `an operation of the demo is ${state}: ${tasks[0].error?.message ?? 'it goes on'}`,
  );
}

interface Answer {
  data?: any;
  errors?: { message: string }[];
}

function post(url: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}
