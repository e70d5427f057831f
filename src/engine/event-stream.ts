import type { IncomingMessage } from 'node:http';
import { HostUnreachableError } from '../common/errors.ts';
import { engineEvent } from './engine-event.ts';
import type { EngineEvent } from './engine.ts';
import { EventQueue } from './event-queue.ts';
import { NdjsonDecoder } from './ndjson.ts';

const CAPACITY = 1024;

/** The path of a subscription to what happens to images and containers. */
export function eventsPath(apiVersion: string): string {
  const filters = JSON.stringify({ type: ['image', 'container'] });
  return `/v${apiVersion}/events?${new URLSearchParams({ filters }).toString()}`;
}

/**
 * The events of an open subscription. The socket is read as it comes, whatever the consumer does:
 * an engine drops the events of a reader that is 100 ms late without saying so.
 */
export function readEvents(
  response: IncomingMessage,
  { host, signal }: { host: string; signal: AbortSignal },
): AsyncIterable<EngineEvent> {
  const decoder = new NdjsonDecoder(host);
  const queue = new EventQueue<EngineEvent>(CAPACITY, () => response.destroy());
  const take = (messages: unknown[]) => {
    for (const message of messages) {
      const event = engineEvent(message);
      if (event !== null) queue.push(event);
    }
  };
  const guarded = (read: () => void) => {
    try {
      read();
    } catch (error) {
      queue.end(error as Error);
      response.destroy();
    }
  };
  const cut = (cause?: Error) => {
    if (signal.aborted) queue.end(null);
    else {
      const message = `the event stream of ${host} was cut`;
      queue.end(new HostUnreachableError(message, { host, cause }));
    }
  };
  response
    .on('data', (chunk: Buffer) => guarded(() => take(decoder.push(chunk))))
    .once('end', () => {
      guarded(() => take(decoder.end()));
      cut();
    })
    .once('error', cut)
    .once('close', () => cut());
  return queue;
}
