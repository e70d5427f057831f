import { CancelledError, DockgraphError } from '../common/errors.ts';
import type { Clock } from '../common/clock.ts';
import { backoffMs } from '../common/retry.ts';
import type { EventNumbers } from './event-numbers.ts';
import { LogBuffer, toLogLines } from './operation-log.ts';
import type { OperationSnapshot, TaskSnapshot } from './operation-snapshot.ts';
import type { OperationChange, OperationStore } from './operation-store.ts';
import { FINAL_STATES } from './operation.ts';
import type { TaskProgress } from './operation.ts';
import { ProgressMeter } from './progress-meter.ts';
import { describeStop } from './task-outcome.ts';
import type { StopReason } from './task-outcome.ts';
import { stepOperation } from './task-state.ts';
import type { TaskChange } from './task-state.ts';

/** Progress and log are told so often at most: 5 Hz. */
const NEWS_MS = 200;
const WRITE_RETRY = { baseMs: 100, maxMs: 10_000 };

/** What a live operation works with. */
export interface LiveParts {
  store: OperationStore;
  events: EventNumbers;
  clock: Clock;
  /** Tells the world what is already written; `isProgress` where only progress or log moved on. */
  announce: (operation: LiveOperation, isProgress: boolean) => void;
  /** Told of a write that failed; it is tried again until it is done. */
  onWriteError: (error: unknown) => void;
  /** Ends all tries. */
  signal: AbortSignal;
}

/** A task that is under way in this process. */
export interface RunningTask {
  controller: AbortController;
  meter: ProgressMeter;
}

/** Decides on steps by looking at the operation as it is when their turn comes. */
export type Decide = (operation: OperationSnapshot) => TaskChange[];

interface Pending extends PromiseWithResolvers<void> {
  decide: Decide;
}

/**
 * An operation that is not final: the one place where it changes. Steps are taken one after the
 * other, those that come while the store writes together in the next write, and each is announced
 * only when it is written.
 */
export class LiveOperation {
  /** What the request brought and nothing may store. */
  readonly secret: unknown;
  readonly #parts: LiveParts;
  /** The first of a row of writes that fail is told, not each of them. */
  #isInTrouble = false;
  readonly #waiters = new Set<() => void>();
  readonly #running = new Map<string, RunningTask>();
  readonly #log = new LogBuffer();
  #logFlush = Promise.resolve();
  #operation: OperationSnapshot;
  #event: number;
  #pending: Pending[] = [];
  #isFlushing = false;
  #isWriting = false;
  #stopping: StopReason | null = null;
  #newsAt = -Infinity;
  #newsIsDue = false;
  #announced: OperationSnapshot | null = null;

  constructor(operation: OperationSnapshot, secret: unknown, parts: LiveParts) {
    this.#operation = operation;
    this.#event = operation.event;
    this.secret = secret;
    this.#parts = parts;
  }

  get id(): string {
    return this.#operation.id;
  }

  /** As it is written, without what moves between two steps. */
  get operation(): OperationSnapshot {
    return this.#operation;
  }

  /** Number of the latest announcement. */
  get event(): number {
    return this.#event;
  }

  get isFinal(): boolean {
    return FINAL_STATES.has(this.#operation.state);
  }

  /** Why its work is being stopped, if it is. */
  get stopping(): StopReason | null {
    return this.#stopping;
  }

  /**
   * Calls back once when the operation is final and announced, and not if the function that is
   * answered was called before: nothing is left of a wait that was given up.
   */
  onFinal(callback: () => void): () => void {
    this.#waiters.add(callback);
    return () => this.#waiters.delete(callback);
  }

  /** As it is now, progress included. */
  snapshot(): OperationSnapshot {
    const now = this.#parts.clock.now();
    const tasks = this.#operation.tasks.map((task) => {
      const running = task.state === 'RUNNING' ? this.#running.get(task.id) : undefined;
      return running ? { ...task, progress: running.meter.read(now) } : task;
    });
    return { ...this.#operation, tasks, event: this.#event };
  }

  /** As it was at the latest announcement or soon after: made once for all who watch. */
  announced(): OperationSnapshot {
    this.#announced ??= this.snapshot();
    return this.#announced;
  }

  /** Takes steps. Resolves when they are written and announced. */
  change(decide: Decide): Promise<void> {
    const pending: Pending = { decide, ...Promise.withResolvers<void>() };
    this.#pending.push(pending);
    if (!this.#isFlushing) void this.#flush();
    return pending.promise;
  }

  /** A task's run begins: its signal is there before it is RUNNING, so that no stop misses it. */
  begin(taskId: string): RunningTask {
    const running = { controller: new AbortController(), meter: new ProgressMeter() };
    if (this.#stopping) abort(running, this.#stopping);
    this.#running.set(taskId, running);
    return running;
  }

  /** Tasks that are RUNNING by what is written, but not in this process. */
  abandoned(): TaskSnapshot[] {
    return this.#operation.tasks.filter(
      ({ id, state }) => state === 'RUNNING' && !this.#running.has(id),
    );
  }

  /** A task's run ended. */
  end(taskId: string): void {
    this.#running.delete(taskId);
  }

  /** Tells all that runs to stop. The first reason stays. */
  stop(reason: StopReason): void {
    if (this.#stopping) return;
    this.#stopping = reason;
    for (const running of this.#running.values()) abort(running, reason);
  }

  progress(task: RunningTask, progress: TaskProgress): void {
    task.meter.update(progress, this.#parts.clock.now());
    this.#haveNews();
  }

  log(host: string | null, text: string): void {
    this.#log.add(toLogLines(text, this.#parts.clock.now(), host));
    this.#haveNews();
  }

  /** Stores the log so far. It is no part of the state: what cannot be stored is reported, and lost. */
  flushLog(): Promise<void> {
    // After an earlier flush: when this one resolves, all lines so far are there.
    this.#logFlush = this.#logFlush.then(this.#storeLog);
    return this.#logFlush;
  }

  readonly #storeLog = async (): Promise<void> => {
    if (this.#log.isEmpty) return;
    try {
      await this.#parts.store.appendLog(this.id, this.#log.take());
      this.#isInTrouble = false;
    } catch (error) {
      this.#report(error);
    }
  };

  async #flush(): Promise<void> {
    this.#isFlushing = true;
    while (this.#pending.length > 0) {
      const steps = this.#pending.splice(0);
      let next = this.#operation;
      const answers = steps.map(({ decide, resolve, reject }) => {
        try {
          next = stepOperation(next, decide(next), this.#parts.clock.now());
          return resolve;
        } catch (error) {
          return () => reject(error);
        }
      });
      try {
        if (next !== this.#operation) await this.#write(next);
        for (const answer of answers) answer();
      } catch (error) {
        for (const { reject } of steps) reject(error);
      }
    }
    this.#isFlushing = false;
  }

  /** Writes what comes next, however long that takes: work that was done must not be forgotten. */
  async #write(next: OperationSnapshot): Promise<void> {
    const { store, events, clock, signal } = this.#parts;
    if (FINAL_STATES.has(next.state)) await this.flushLog();
    for (let attempt = 0; ; attempt++) {
      // A number of its own for each try: numbers must grow in the order of the writes.
      const operation = { ...next, event: events.next() };
      try {
        this.#isWriting = true;
        await store.record(changeBetween(this.#operation, operation));
        this.#isWriting = false;
        this.#isInTrouble = false;
        this.#operation = operation;
        this.#announce(operation.event, false);
        return;
      } catch (error) {
        this.#isWriting = false;
        if (error instanceof DockgraphError || signal.aborted) throw error;
        this.#report(error);
        await clock.sleep(backoffMs(attempt, WRITE_RETRY), signal);
      }
    }
  }

  #report(error: unknown): void {
    if (!this.#isInTrouble) this.#parts.onWriteError(error);
    this.#isInTrouble = true;
  }

  #announce(event: number, isProgress: boolean): void {
    this.#event = event;
    this.#newsAt = this.#parts.clock.now();
    this.#announced = null;
    this.#parts.announce(this, isProgress);
    if (!this.isFinal) return;
    for (const callback of this.#waiters) callback();
    this.#waiters.clear();
  }

  #haveNews(): void {
    if (this.#newsIsDue || this.isFinal) return;
    this.#newsIsDue = true;
    const wait = this.#newsAt + NEWS_MS - this.#parts.clock.now();
    if (wait <= 0) {
      this.#tellNews();
      return;
    }
    const { clock, signal } = this.#parts;
    clock.sleep(wait, signal).then(this.#tellNews, () => {});
  }

  readonly #tellNews = (): void => {
    this.#newsIsDue = false;
    if (this.isFinal) return;
    void this.flushLog();
    // A step that is being written has its number already: what is told now must not overtake it.
    if (!this.#isWriting) this.#announce(this.#parts.events.next(), true);
  };
}

function abort({ controller }: RunningTask, reason: StopReason): void {
  controller.abort(new CancelledError(describeStop(reason)));
}

function changeBetween(before: OperationSnapshot, after: OperationSnapshot): OperationChange {
  const { id, event, state, startedAt, finishedAt, needsSecret } = after;
  const tasks = after.tasks.filter((task, at) => task !== before.tasks[at]);
  return { id, event, state, startedAt, finishedAt, needsSecret, tasks };
}
