import { CancelledError } from './errors.ts';

interface Underway<Message, Result> {
  result: Promise<Result>;
  listeners: Set<(message: Message) => void>;
  stop: AbortController;
}

/**
 * Does equal work once for all who want it at the same time. Each hears of its progress from when
 * he joined; it stops when the last of them has left.
 */
export class SharedWork<Message, Result> {
  readonly #underway = new Map<string, Underway<Message, Result>>();

  /** How many pieces of work are under way. */
  get size(): number {
    return this.#underway.size;
  }

  /**
   * Joins the work of that key or starts it. Rejects with CancelledError when the signal aborts,
   * whether or not the work goes on for others.
   */
  async run(
    key: string,
    signal: AbortSignal,
    listener: (message: Message) => void,
    work: (signal: AbortSignal, tell: (message: Message) => void) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    const underway = this.#underway.get(key) ?? this.#start(key, work);
    underway.listeners.add(listener);
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(new CancelledError('cancelled'));
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([underway.result, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      underway.listeners.delete(listener);
      if (underway.listeners.size === 0) {
        // Whoever comes now starts anew: this work is done, or about to be stopped.
        if (this.#underway.get(key) === underway) this.#underway.delete(key);
        underway.stop.abort();
        // The one who cancels may rely on it that the engine has stopped.
        await underway.result.catch(() => {});
      }
    }
  }

  #start(
    key: string,
    work: (signal: AbortSignal, tell: (message: Message) => void) => Promise<Result>,
  ): Underway<Message, Result> {
    const stop = new AbortController();
    const listeners = new Set<(message: Message) => void>();
    const result = work(stop.signal, (message) => {
      for (const listener of listeners) listener(message);
    });
    const underway = { result, listeners, stop };
    this.#underway.set(key, underway);
    return underway;
  }
}
