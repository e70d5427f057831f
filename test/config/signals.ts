/** Things that were told, to be waited for one by one. */
export interface Signals<T> {
  tell(thing: T): void;
  /** The next thing that was not taken yet. @throws when none comes within 10 s */
  next(): Promise<T>;
  /** Things told and not taken yet. */
  readonly waiting: readonly T[];
}

export function signals<T>(): Signals<T> {
  const waiting: T[] = [];
  let wake: (() => void) | undefined;
  return {
    waiting,
    tell(thing) {
      waiting.push(thing);
      wake?.();
    },
    async next() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // It also keeps the process alive, which a watch does not.
      const deadline = setTimeout(() => reject(new Error('nothing was told within 10 s')), 10_000);
      wake = resolve;
      try {
        if (waiting.length === 0) await promise;
        return waiting.shift() as T;
      } finally {
        clearTimeout(deadline);
        wake = undefined;
      }
    },
  };
}
