import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Follows one subscription over a WebSocket, as a frontend does. */
export class SubscriptionClient<T> implements AsyncDisposable {
  readonly #client: Client;
  readonly #listeners = new Set<(data: T, at: number) => void>();
  #failure: Error | undefined;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Resolves when the connection is there; the subscription is on its way to the server. */
  static async start<T>(url: string, query: string): Promise<SubscriptionClient<T>> {
    const connected = Promise.withResolvers<void>();
    const client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: connected.reject,
      on: { connected: () => connected.resolve() },
    });
    const subscription = new SubscriptionClient<T>(client);
    client.subscribe<T>(
      { query },
      {
        next: ({ data }) => {
          const at = performance.now();
          for (const listener of subscription.#listeners) if (data) listener(data, at);
        },
        error: (error) => {
          subscription.#failure = new Error(`the subscription failed: ${JSON.stringify(error)}`);
        },
        complete: () => undefined,
      },
    );
    await connected.promise;
    return subscription;
  }

  /** When the next event that fits arrived, on the clock of `performance.now()`. */
  async next(fits: (data: T) => boolean, timeoutMs: number): Promise<number> {
    if (this.#failure) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const listener = (data: T, at: number) => {
      if (fits(data)) resolve(at);
    };
    this.#listeners.add(listener);
    const late = () => reject(this.#failure ?? new Error(`no event within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.dispose();
  }
}
