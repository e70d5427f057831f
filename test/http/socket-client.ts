import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message of the graphql-transport-ws protocol. */
export interface Message {
  type: string;
  id?: string;
  payload?: any;
}

/** A WebSocket client that speaks the protocol by hand, so that tests see every message. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly #messages: Message[] = [];
  #wake: () => void = () => {};
  /** Set when the connection is closed. */
  closed: { code: number; reason: string } | undefined;

  constructor(
    url: string,
    headers: Record<string, string> = {},
    protocol: string | string[] = 'graphql-transport-ws',
  ) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, protocol, { headers });
    this.socket.on('message', (data) => {
      this.#messages.push(JSON.parse((data as Buffer).toString()) as Message);
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** Connects and initializes. */
  static async open(
    url: string,
    params?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<SocketClient> {
    const client = new SocketClient(url, headers);
    await once(client.socket, 'open');
    client.send({ type: 'connection_init', ...(params && { payload: params }) });
    const answer = await client.next();
    if (answer.type !== 'connection_ack') throw new Error(`Not acknowledged: ${answer.type}`);
    return client;
  }

  send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables?: Record<string, unknown>): void {
    this.send({ type: 'subscribe', id, payload: { query, ...(variables && { variables }) } });
  }

  /** The next message; rejects when the connection closes first. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      if (this.closed) throw new Error(`Closed: ${this.closed.code} ${this.closed.reason}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** How the connection ended. */
  async end(): Promise<{ code: number; reason: string }> {
    if (!this.closed) await once(this.socket, 'close');
    return this.closed!;
  }

  /** The answer to an operation sent on a connection of its own. */
  static async run(url: string, query: string, params?: Record<string, unknown>) {
    const client = await SocketClient.open(url, params);
    client.subscribe('1', query);
    const messages: Message[] = [];
    for (;;) {
      const message = await client.next();
      messages.push(message);
      if (message.type === 'complete' || message.type === 'error') break;
    }
    client.socket.terminate();
    return messages;
  }
}

/** The HTTP status that an upgrade is refused with. */
export async function refusedUpgrade(
  url: string,
  headers: Record<string, string>,
  path = '/graphql',
): Promise<number> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, 'graphql-transport-ws', {
    headers,
  });
  socket.on('error', () => {});
  const opened = once(socket, 'open').then(() => 101);
  const refused = once(socket, 'unexpected-response').then(
    ([, response]) => (response as { statusCode: number }).statusCode,
  );
  const status = await Promise.race([opened, refused]);
  socket.terminate();
  return status;
}
