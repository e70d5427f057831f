import { Broadcast } from '../common/broadcast.ts';
import type { Clock } from '../common/clock.ts';
import { EventNumbers } from './event-numbers.ts';
import { LiveOperation } from './live-operation.ts';
import type { OperationSnapshot } from './operation-snapshot.ts';
import type { OperationStore } from './operation-store.ts';
import type { OperationNews, WatchSource } from './operation-watch.ts';
import type { ErrorPlace } from './task-runner.ts';

/** Final operations that are remembered, so that all watchers of one read its end once. */
const MOST_RECENT = 64;

/** What the live operations work with. */
export interface LiveOperationsParts {
  store: OperationStore;
  clock: Clock;
  onMasked: (error: unknown, place: ErrorPlace) => void;
  /** Ends all that they do. */
  signal: AbortSignal;
}

/** All operations that are not final, and the news of them. */
export class LiveOperations implements WatchSource {
  readonly news = new Broadcast<OperationNews>();
  readonly #parts: LiveOperationsParts;
  readonly #events: EventNumbers;
  readonly #live = new Map<string, LiveOperation>();
  readonly #recent = new Map<string, OperationSnapshot>();
  #lastStep = 0;

  constructor(parts: LiveOperationsParts) {
    this.#parts = parts;
    this.#events = new EventNumbers(() => parts.clock.now());
  }

  get size(): number {
    return this.#live.size;
  }

  [Symbol.iterator](): Iterator<LiveOperation> {
    return this.#live.values();
  }

  get(id: string): LiveOperation | undefined {
    return this.#live.get(id);
  }

  /** Makes event numbers follow those of earlier gateways. */
  async startAfterStored(): Promise<void> {
    this.#lastStep = await this.#parts.store.lastEvent();
    this.#events.startAfter(this.#lastStep);
  }

  nextEvent(): number {
    return this.#events.next();
  }

  /** An operation that is stored begins to live, until it is final. */
  add(operation: OperationSnapshot, secret: unknown): LiveOperation {
    const { store, clock, onMasked, signal } = this.#parts;
    const live = new LiveOperation(operation, secret, {
      store,
      clock,
      signal,
      events: this.#events,
      announce: this.#announce,
      onWriteError: (error) => onMasked(error, { operationId: operation.id }),
    });
    this.#recent.delete(operation.id);
    this.#live.set(operation.id, live);
    return live;
  }

  /** Forgets one that turned out not to be stored any more. */
  drop({ id }: LiveOperation): void {
    this.#live.delete(id);
  }

  tellCreated({ id, operation: { event } }: LiveOperation): void {
    this.#tellStep(id, event);
  }

  /** What was stored, with the progress that only we know. */
  withProgress(stored: OperationSnapshot): OperationSnapshot {
    return this.#live.get(stored.id)?.snapshot() ?? stored;
  }

  readonly look = async (id: string): Promise<OperationSnapshot | null> =>
    this.#live.get(id)?.announced() ?? this.#recent.get(id) ?? this.#parts.store.get(id);

  readonly changedSince = (event: number, limit: number): Promise<OperationSnapshot[]> =>
    this.#parts.store.changedSince(event, limit);

  readonly lastStep = (): number => this.#lastStep;

  readonly #announce = (live: LiveOperation, isProgress: boolean): void => {
    const { id, operation, isFinal } = live;
    if (isProgress) {
      this.news.publish({ id, event: live.event, isProgress });
      return;
    }
    if (isFinal) this.#end(operation);
    this.#tellStep(id, operation.event);
  };

  #tellStep(id: string, event: number): void {
    this.#lastStep = Math.max(this.#lastStep, event);
    this.news.publish({ id, event, isProgress: false });
  }

  #end(operation: OperationSnapshot): void {
    this.#live.delete(operation.id);
    this.#recent.set(operation.id, operation);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MOST_RECENT) this.#recent.delete(oldest!);
  }
}
