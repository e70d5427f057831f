import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** One server-sent event. */
export interface SseEvent {
  id: string;
  event: string;
  data: string;
}

/** An open event stream. */
export interface SseStream {
  response: IncomingMessage;
  events: AsyncGenerator<SseEvent, undefined>;
  /** Comments seen so far, without the colon. */
  comments: string[];
  close(): void;
}

/** Opens an event stream with node:http, so that not reading it is really not reading it. */
export async function openStream(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<SseStream> {
  const post = body !== undefined;
  const sent = request(url, {
    method: post ? 'POST' : 'GET',
    headers: { ...(post && { 'content-type': 'application/json' }), ...headers },
    agent: false,
  });
  sent.end(post ? JSON.stringify(body) : undefined);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.on('error', () => {});
  const comments: string[] = [];
  return {
    response,
    comments,
    events: readEvents(response, comments),
    close: () => sent.destroy(),
  };
}

/** All of a response's body. */
export async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** Opens a stream and reads it to its end. */
export async function readStream(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; contentType: string; events: SseEvent[]; text?: string }> {
  const { response, events } = await openStream(url, body, headers);
  const status = response.statusCode ?? 0;
  const contentType = response.headers['content-type'] ?? '';
  if (!contentType.startsWith('text/event-stream')) {
    return { status, contentType, events: [], text: await readText(response) };
  }
  const all: SseEvent[] = [];
  for await (const event of events) all.push(event);
  return { status, contentType, events: all };
}

async function* readEvents(
  response: IncomingMessage,
  comments: string[],
): AsyncGenerator<SseEvent, undefined> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = (rest + (chunk as string)).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event: SseEvent = { id: '', event: 'message', data: '' };
      let isEvent = false;
      for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        const [field, value] = [line.slice(0, colon), line.slice(colon + 1).trimStart()];
        if (field === '') comments.push(value);
        else {
          isEvent = true;
          event[field as keyof SseEvent] += value;
          if (field === 'event') event.event = value;
        }
      }
      if (isEvent) yield event;
    }
  }
}
