import { Agent, request } from 'node:http';

/** What a GraphQL server answered, as text and unparsed. */
export interface GraphqlReply {
  status: number;
  body: string;
}

/** Posts queries over one kept connection, as a backend's client would. */
export class GraphqlClient {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.url = url;
  }

  /** Asks a query that must not fail and returns its data. */
  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { status, body } = await this.post(JSON.stringify({ query, variables }));
    const { data, errors } = JSON.parse(body) as { data: T; errors?: unknown[] };
    if (status !== 200 || errors) throw new Error(`${status}: ${body.slice(0, 500)}`);
    return data;
  }

  /** Sends a request body that is ready and returns the whole answer. */
  post(payload: string): Promise<GraphqlReply> {
    const { promise, resolve, reject } = Promise.withResolvers<GraphqlReply>();
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(payload),
    };
    const post = request(
      this.url,
      { method: 'POST', agent: this.#agent, headers, timeout: 60_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    post.on('timeout', () => post.destroy(new Error('no answer for 60 s')));
    post.on('error', reject);
    post.end(payload);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
