import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/common/clock.ts';

interface Sleeper {
  at: number;
  wake: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Sleeps that have not ended. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { at: this.#now + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener(
      'abort',
      () => {
        if (this.#sleepers.delete(sleeper)) reject(signal.reason);
      },
      { once: true },
    );
    return promise;
  }

  /** Lets time pass, step by step where somebody wakes up, and what they do then happen. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#now = Math.max(this.#now, due.at);
      this.#sleepers.delete(due);
      due.wake();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets all that is due in this process happen: also what waits for a commit or two. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await turn();
}
