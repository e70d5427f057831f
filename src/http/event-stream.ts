import type { ServerResponse } from 'node:http';

/** How an event stream behaves towards its client. */
export interface EventStreamOptions {
  /** Between two comments that keep proxies from cutting a quiet stream. */
  pingMs: number;
  /** A client that reads nothing for so long is cut. */
  stallMs: number;
}

/** Writes server-sent events to a response, never faster than its client reads. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #stallMs: number;
  readonly #pinger: NodeJS.Timeout;
  #lastId = 0;

  /** Sends the headers: from here on nothing else may write to the response. */
  constructor(
    response: ServerResponse,
    headers: Record<string, number | string | string[] | undefined>,
    { pingMs, stallMs }: EventStreamOptions,
  ) {
    this.#response = response;
    this.#stallMs = stallMs;
    const present = Object.entries(headers).filter(
      (entry): entry is [string, number | string | string[]] => entry[1] !== undefined,
    );
    response.writeHead(200, {
      ...Object.fromEntries(present),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would otherwise hold events back until its buffer is full.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    this.#pinger = setInterval(() => {
      // To a client that does not read, pings would only pile up.
      if (!response.writableNeedDrain) response.write(': ping\n\n');
    }, pingMs);
    response.once('close', () => clearInterval(this.#pinger));
  }

  /** Resolves when the client took the event in; false when it has gone or stalled. */
  async send(event: 'next' | 'complete', data: string): Promise<boolean> {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return false;
    // EventSource drops events without a data line, so `complete` has an empty one.
    const block = `id: ${++this.#lastId}\nevent: ${event}\ndata: ${data}\n\n`;
    return response.write(block) || this.#drained();
  }

  /** Ends the response after what was sent. */
  end(): void {
    clearInterval(this.#pinger);
    this.#response.end();
  }

  // Waiting for drain alone would wait for ever on a client that went away.
  #drained(): Promise<boolean> {
    const response = this.#response;
    return new Promise((resolve) => {
      const settle = (reached: boolean) => {
        clearTimeout(stalled);
        response.off('drain', onDrain);
        response.off('close', onClose);
        resolve(reached);
      };
      const onDrain = () => settle(true);
      const onClose = () => settle(false);
      const stalled = setTimeout(() => response.destroy(), this.#stallMs);
      response.once('drain', onDrain);
      response.once('close', onClose);
    });
  }
}
