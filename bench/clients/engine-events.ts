import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { waitUntil } from '../../test/lab/index.ts';

/** Follows an engine's events and knows when each came. */
export class EngineEvents implements AsyncDisposable {
  readonly #stream: Readable;
  readonly #seen: { action: string; at: number }[] = [];
  #rest = '';

  private constructor(stream: Readable) {
    this.#stream = stream;
    stream.setEncoding('utf8').on('data', (text: string) => this.#take(text, performance.now()));
    // Destroyed at the end.
    stream.on('error', () => undefined);
  }

  static async follow(socketPath: string): Promise<EngineEvents> {
    const docker = new Docker({ socketPath });
    return new EngineEvents((await docker.getEvents()) as Readable);
  }

  /** When the last event of that kind came, which must have been after `since`. */
  async lastAt(action: string, since: number): Promise<number> {
    const find = () => this.#seen.findLast((event) => event.action === action && event.at > since);
    const event = await waitUntil(() => find(), { what: `a ${action} event`, deadlineMs: 5_000 });
    return event.at;
  }

  #take(text: string, at: number): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line === '') continue;
      this.#seen.push({ action: (JSON.parse(line) as { Action: string }).Action, at });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
  }
}
