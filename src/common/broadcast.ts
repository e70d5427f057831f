/** How one subscriber wants to be served. */
export interface SubscribeOptions<T> {
  /** Ends the iteration. */
  signal: AbortSignal;
  /** Which values this subscriber wants; all by default. */
  accept?: (value: T) => boolean;
  /**
   * Values with the same key replace one another while they wait, so that a slow subscriber gets
   * the latest of each and its queue is bounded by the number of keys.
   */
  coalesceBy?: (value: T) => string;
  /** Values that may wait; beyond it the oldest go. Default 1000. */
  capacity?: number;
}

/** A value with the number of values that were dropped before it because the subscriber was slow. */
export interface Delivery<T> {
  value: T;
  missed: number;
}

/**
 * Hands each published value to every subscriber. Publishing never waits: a subscriber that does
 * not keep up loses its oldest values and is told how many.
 */
export class Broadcast<T> {
  readonly #subscribers = new Set<Subscriber<T>>();

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  publish(value: T): void {
    for (const subscriber of this.#subscribers) subscriber.offer(value);
  }

  /** Values from this call on, not from the first `next()`: subscribe, then look, misses nothing. */
  subscribe(options: SubscribeOptions<T>): AsyncGenerator<Delivery<T>, void, undefined> {
    const subscriber = new Subscriber<T>(options, () => this.#subscribers.delete(subscriber));
    if (!options.signal.aborted) this.#subscribers.add(subscriber);
    return subscriber;
  }
}

/**
 * Written as an iterator by hand because `return()` on an async generator that is blocked in an
 * await never takes effect: an unsubscribing client would leak.
 */
class Subscriber<T> implements AsyncGenerator<Delivery<T>, void, undefined> {
  readonly #queue = new Map<string | number, T>();
  readonly #options: SubscribeOptions<T>;
  readonly #onEnd: () => void;
  readonly #waiting: ((result: IteratorResult<Delivery<T>, void>) => void)[] = [];
  #sequence = 0;
  #missed = 0;
  #ended: boolean;

  constructor(options: SubscribeOptions<T>, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.#ended = options.signal.aborted;
    options.signal.addEventListener('abort', this.#end, { once: true });
  }

  offer(value: T): void {
    const { accept, coalesceBy, capacity = 1000 } = this.#options;
    if (this.#ended || (accept && !accept(value))) return;
    const waiter = this.#waiting.shift();
    if (waiter) {
      waiter({ done: false, value: this.#deliver(value) });
      return;
    }
    const key = coalesceBy ? coalesceBy(value) : this.#sequence++;
    // Deleted first so that the replaced value queues at the end: order stays that of the news.
    this.#queue.delete(key);
    this.#queue.set(key, value);
    if (this.#queue.size > capacity) {
      const [oldest] = this.#queue.keys();
      this.#queue.delete(oldest!);
      this.#missed++;
    }
  }

  next(): Promise<IteratorResult<Delivery<T>, void>> {
    for (const [key, value] of this.#queue) {
      this.#queue.delete(key);
      return Promise.resolve({ done: false, value: this.#deliver(value) });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Delivery<T>, void>> {
    this.#queue.clear();
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<Delivery<T>, void>> {
    this.#queue.clear();
    this.#end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #deliver(value: T): Delivery<T> {
    const missed = this.#missed;
    this.#missed = 0;
    return { value, missed };
  }

  readonly #end = (): void => {
    if (this.#ended && this.#waiting.length === 0) return;
    this.#ended = true;
    this.#options.signal.removeEventListener('abort', this.#end);
    this.#onEnd();
    for (const waiter of this.#waiting.splice(0)) waiter({ done: true, value: undefined });
  };
}
