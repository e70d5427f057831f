import type { Clock } from '../common/clock.ts';

/** Intervals in milliseconds. */
export interface LookTimings {
  /** Quiet time after an event before the host is looked at again. */
  debounceMs: number;
  /** Longest that events without a pause can put a look off. */
  debounceMaxMs: number;
  /** Looks at the host without any event: engines lose events and do not report everything. */
  resyncMs: number;
}

/** What a look lists. */
export interface LookScope {
  images: boolean;
  containers: boolean;
}

/** Ends a sleep early. One for all: an error that is made for each event costs more than the event. */
const WOKEN = new Error('woken');

/** When a host is looked at again, and for what. One waits at a time. */
export class LookSchedule {
  readonly #clock: Clock;
  readonly #timings: LookTimings;
  #dirty: LookScope = { images: false, containers: false };
  /** Somebody waits for the next look: it does not wait for quiet. */
  #isUrgent = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, timings: LookTimings) {
    this.#clock = clock;
    this.#timings = timings;
  }

  /** Something of that may have changed: the next look lists it. */
  mark({ images, containers }: LookScope): void {
    this.#dirty.images ||= images;
    this.#dirty.containers ||= containers;
    this.#wake?.();
  }

  /** The next look lists all, and is due at once. */
  hurry(): void {
    this.#isUrgent = true;
    this.mark({ images: true, containers: true });
  }

  /** A look begins: what it is to list. What is marked from now on is for the next one. */
  begin(): LookScope {
    const scope = this.#dirty;
    this.#isUrgent = false;
    this.#dirty = { images: false, containers: false };
    return scope;
  }

  /** Resolves when a look is due; `lastMs` is how long the last one took. Rejects when aborted. */
  async due(lastMs: number, signal: AbortSignal): Promise<void> {
    const { debounceMs, debounceMaxMs, resyncMs } = this.#timings;
    if (!this.#dirty.images && !this.#dirty.containers) {
      const woken = await this.sleep(resyncMs, signal);
      if (!woken) this.#dirty = { images: true, containers: true };
    }
    // Every further event starts the quiet time again, up to the longest delay. A host that takes
    // long to list is left alone for as long, so that busy hosts are not listed without a pause.
    const quietMs = Math.min(Math.max(debounceMs, lastMs), debounceMaxMs);
    const since = this.#clock.now();
    while (!this.#isUrgent && (await this.sleep(quietMs, signal))) {
      if (signal.aborted || this.#clock.now() - since >= debounceMaxMs) break;
    }
    signal.throwIfAborted();
  }

  /**
   * Waits; true when woken by a mark, or ended by the signal, before the time was up. What a
   * connection that has ended waits for must not stay: it would take the wake-ups of the next one.
   */
  async sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return true;
    const early = new AbortController();
    const wake = () => early.abort(WOKEN);
    signal.addEventListener('abort', wake, { once: true });
    this.#wake = wake;
    try {
      await this.#clock.sleep(ms, early.signal);
      return false;
    } catch {
      return true;
    } finally {
      signal.removeEventListener('abort', wake);
      if (this.#wake === wake) this.#wake = undefined;
    }
  }
}
