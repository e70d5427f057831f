/**
 * What stands between a reader that must never wait and a consumer that takes its time. When it is
 * full the oldest item goes: events only say "look again", and newer ones say it as well.
 */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  readonly #capacity: number;
  readonly #onReturn: () => void;
  #end: { error: Error | null } | null = null;
  #dropped = 0;

  constructor(capacity: number, onReturn: () => void) {
    this.#capacity = capacity;
    this.#onReturn = onReturn;
  }

  /** How many items were lost to the bound. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: T): void {
    if (this.#end !== null) return;
    const taker = this.#waiting.shift();
    if (taker !== undefined) {
      taker.resolve({ value: item, done: false });
      return;
    }
    if (this.#items.length === this.#capacity) {
      this.#items.shift();
      this.#dropped++;
    }
    this.#items.push(item);
  }

  /** Ends the iteration after what is queued: with an error, or well. Only the first end counts. */
  end(error: Error | null): void {
    if (this.#end !== null) return;
    this.#end = { error };
    for (const taker of this.#waiting.splice(0)) {
      if (error === null) taker.resolve({ value: undefined, done: true });
      else taker.reject(error);
    }
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return { value: item, done: false };
    if (this.#end?.error) throw this.#end.error;
    if (this.#end !== null) return { value: undefined, done: true };
    const taker = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiting.push(taker);
    return taker.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.end(null);
    this.#items.length = 0;
    this.#onReturn();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
