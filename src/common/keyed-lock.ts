import { CancelledError } from './errors.ts';

/** One holder at a time for each key, in the order in which they asked. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Resolves with what gives the key free again.
   * @throws CancelledError when the signal aborts first
   */
  async acquire(key: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new CancelledError('cancelled');
    const before = this.#last.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    const mine = before ? before.then(() => promise) : promise;
    this.#last.set(key, mine);
    void mine.then(() => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    });
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(new CancelledError('cancelled'));
    signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([before, left.promise]);
      return resolve;
    } catch (error) {
      resolve();
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}
