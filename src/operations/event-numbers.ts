/** Event numbers that fit into a millisecond before they run ahead of the clock. */
const PER_MILLISECOND = 1000;

/**
 * Numbers the changes of operations. They follow the clock, so that a number that was given to a
 * client and never stored (progress is not) is still lower than all numbers after a restart.
 */
export class EventNumbers {
  readonly #now: () => number;
  #last = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The highest number so far. */
  get last(): number {
    return this.#last;
  }

  /** Takes a stored number into account: the clock may have stepped back since. */
  startAfter(stored: number): void {
    this.#last = Math.max(this.#last, stored);
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#now() * PER_MILLISECOND);
    return this.#last;
  }
}
