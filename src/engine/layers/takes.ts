import { CallSlots } from '../../common/call-slots.ts';
import { CancelledError, DockgraphError } from '../../common/errors.ts';

/**
 * Takes from one engine, one after another: engines push few layers at once, whatever image they are
 * of, so that two takes would wait for each other.
 */
export class Takes {
  readonly #host: string;
  readonly #slots = new CallSlots(1);
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(host: string) {
    this.#host = host;
  }

  async run<T>(signal: AbortSignal, take: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const running = this.#slots.run(either, () => take(either));
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      if (error instanceof DockgraphError || !either.aborted) throw error;
      const host = this.#host;
      throw new CancelledError(`taking parts of an image from ${host} was cancelled`, { host });
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends all of them; resolves when they have taken away what they left on the engine. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }
}
