import { systemClock } from '../common/clock.ts';
import type { Clock } from '../common/clock.ts';
import { CancelledError, ConflictError, NotFoundError } from '../common/errors.ts';
import { LiveOperations } from './live-operations.ts';
import type { LiveOperation } from './live-operation.ts';
import { OperationIds } from './operation-id.ts';
import type { StoredLogLine } from './operation-log.ts';
import { toNewOperation } from './operation-request.ts';
import type { OperationRequest } from './operation-request.ts';
import type { OperationFilter, OperationSnapshot } from './operation-snapshot.ts';
import type { OperationPage, OperationStore, PageQuery } from './operation-store.ts';
import { watchOperation, watchOperations } from './operation-watch.ts';
import type { OperationStream, WatchOptions } from './operation-watch.ts';
import { FINAL_STATES } from './operation.ts';
import type { OperationKind } from './operation.ts';
import { stepsAfterRestart } from './recovery.ts';
import { DEFAULT_RETENTION, keepPruned } from './retention.ts';
import type { Retention } from './retention.ts';
import { ShuttingDownError } from './shutting-down-error.ts';
import { TaskQueue } from './task-queue.ts';
import type { QueueLimits } from './task-queue.ts';
import { lostMidway, lostSecret, queuedTasks, stoppedBeforeStart } from './task-outcome.ts';
import type { StopReason } from './task-outcome.ts';
import { TaskRunner } from './task-runner.ts';
import type { AnyVerb, ErrorPlace } from './task-runner.ts';

/** What the operations work with. */
export interface OperationsOptions {
  /** Opened by the caller, and closed by the caller after `drain`. */
  store: OperationStore;
  /** One for each kind that is submitted, and for each that an earlier gateway submitted. */
  verbs: readonly AnyVerb[];
  /** Told of every error that users see masked or not at all. */
  onMasked: (error: unknown, place: ErrorPlace) => void;
  limits?: QueueLimits;
  retention?: Retention;
  clock?: Clock;
  /** How long a verb may take to stop once it was told to. Default 5 s. */
  stopMs?: number;
  /** How long a verb may look at a host after a restart. Default 30 s. */
  recoverMs?: number;
}

/**
 * All changes to the fleet: takes them in, runs their tasks, tells how they stand, and finds them
 * again after a restart. What it tells is always written already.
 */
export class Operations {
  readonly #store: OperationStore;
  readonly #verbs: ReadonlyMap<OperationKind, AnyVerb>;
  readonly #clock: Clock;
  readonly #onMasked: OperationsOptions['onMasked'];
  readonly #retention: Retention;
  readonly #stopMs: number;
  readonly #ids = new OperationIds();
  readonly #queue: TaskQueue;
  readonly #runner: TaskRunner;
  readonly #live: LiveOperations;
  readonly #closing = new AbortController();
  #phase: 'NEW' | 'SERVING' | 'DRAINING' = 'NEW';
  #drained: Promise<void> | undefined;

  constructor(options: OperationsOptions) {
    const { store, verbs, onMasked, clock = systemClock, stopMs = 5_000 } = options;
    this.#store = store;
    this.#verbs = new Map(verbs.map((verb) => [verb.kind, verb]));
    this.#clock = clock;
    this.#onMasked = onMasked;
    this.#retention = options.retention ?? DEFAULT_RETENTION;
    this.#stopMs = stopMs;
    this.#queue = new TaskQueue(options.limits);
    const recoverMs = options.recoverMs ?? 30_000;
    this.#runner = new TaskRunner({ verbs: this.#verbs, clock, stopMs, recoverMs, onMasked });
    this.#live = new LiveOperations({ store, clock, onMasked, signal: this.#closing.signal });
  }

  /** What is under way and what waits for its turn, in tasks; operations that are not final. */
  get load(): { running: number; waiting: number; operations: number } {
    const { running, waiting } = this.#queue;
    return { running, waiting, operations: this.#live.size };
  }

  /**
   * Takes up what an earlier gateway left unfinished. Resolves before the hosts were looked at:
   * until then such tasks are RUNNING.
   */
  async start(): Promise<void> {
    if (this.#phase !== 'NEW') throw new Error('operations are started once');
    await this.#live.startAfterStored();
    const left = await this.#store.unfinished();
    await Promise.all(left.map((operation) => this.#takeUp(operation)));
    this.#phase = 'SERVING';
    void keepPruned(this.#store, this.#retention, this.#clock, {
      signal: this.#closing.signal,
      onError: (error) => this.#onMasked(error, {}),
    });
  }

  /**
   * Takes in a change. When it resolves the operation is stored, and will be there after a crash.
   * @throws BadUserInputError, ConflictError (the idempotency key is used), ShuttingDownError
   */
  async submit(request: OperationRequest): Promise<OperationSnapshot> {
    this.#refuseUnlessServing();
    if (!this.#verbs.has(request.kind)) throw new Error(`there is no verb for ${request.kind}`);
    const createdAt = this.#clock.now();
    const identity = { id: this.#ids.next(createdAt), createdAt, event: this.#live.nextEvent() };
    const { operation, isNew } = await this.#store.create(toNewOperation(request, identity));
    if (!isNew) return this.#live.get(operation.id)?.snapshot() ?? operation;
    const live = this.#live.add(operation, request.secret);
    this.#live.tellCreated(live);
    this.#enqueue(live);
    return live.snapshot();
  }

  /** One operation as it stands; null where there is none (any more). */
  async get(id: string): Promise<OperationSnapshot | null> {
    return this.#live.get(id)?.snapshot() ?? (await this.#store.get(id));
  }

  /** A page, newest first. */
  async list(query: PageQuery): Promise<OperationPage> {
    const page = await this.#store.list(query);
    const operations = page.operations.map((operation) => this.#live.withProgress(operation));
    return { ...page, operations };
  }

  /** How many operations fit. */
  count(filter: OperationFilter = {}): Promise<number> {
    return this.#store.count(filter);
  }

  /**
   * The operation when it is final, or as it is after `ms`, or when the gateway shuts down.
   * @throws NotFoundError; CancelledError when the signal aborts
   */
  async wait(id: string, ms: number, signal?: AbortSignal): Promise<OperationSnapshot> {
    const live = this.#live.get(id);
    if (live && ms > 0) {
      const ended = new AbortController();
      const ends = [ended.signal, this.#closing.signal, ...(signal ? [signal] : [])];
      const { promise, resolve } = Promise.withResolvers<void>();
      const forget = live.onFinal(resolve);
      this.#clock.sleep(ms, AbortSignal.any(ends)).then(resolve, resolve);
      await promise;
      forget();
      ended.abort();
      if (signal?.aborted) throw new CancelledError(`waiting for operation ${id} was cancelled`);
    }
    return live?.snapshot() ?? (await this.#stored(id));
  }

  /**
   * Stops what runs and cancels what waits. Resolves when the operation is final: running verbs get
   * `stopMs` to say what is half done. Final ones are answered as they are.
   * @throws NotFoundError
   */
  async cancel(id: string, by: string): Promise<OperationSnapshot> {
    const live = this.#live.get(id);
    if (!live) return this.#stored(id);
    const reason: StopReason = { kind: 'CANCEL', by };
    if (!live.stopping) live.log(null, `cancelled by ${by}`);
    this.#queue.remove(id);
    const idle = live.change(({ tasks }) => [
      ...queuedTasks(tasks, stoppedBeforeStart(reason)),
      // Nobody will look any more at what an earlier gateway left running.
      ...live.abandoned().map(({ id }) => ({ taskId: id, step: lostMidway() })),
    ]);
    live.stop(reason);
    await idle;
    // Twice what verbs get: the store may be slow. Then it is not final, and the answer says so.
    return this.wait(id, 2 * this.#stopMs);
  }

  /**
   * Runs the tasks that did not succeed again, in the same operation. One whose tasks all
   * succeeded is answered as it is.
   * @throws NotFoundError; ConflictError while it runs; ShuttingDownError
   */
  async retry(
    id: string,
    { by, secret }: { by: string; secret?: unknown },
  ): Promise<OperationSnapshot> {
    this.#refuseUnlessServing();
    const stored = await this.#stored(id);
    // Looked for after the wait: another retry may have come first.
    if (this.#live.get(id) || !FINAL_STATES.has(stored.state)) {
      throw new ConflictError(`operation ${id} is not finished; cancel it or wait for its end`, {
        details: { operationId: id },
      });
    }
    if (stored.state === 'SUCCEEDED') return stored;
    if (!this.#verbs.has(stored.kind)) throw new Error(`there is no verb for ${stored.kind}`);
    const live = this.#live.add({ ...stored, needsSecret: secret != null }, secret);
    try {
      await live.change(({ tasks }) =>
        tasks
          .filter(({ state }) => state !== 'SUCCEEDED')
          .map((task) => ({ taskId: task.id, step: { to: 'QUEUED' } })),
      );
    } catch (error) {
      this.#live.drop(live);
      throw error;
    }
    live.log(null, `retried by ${by}`);
    this.#enqueue(live);
    return live.snapshot();
  }

  /** Follows one operation to its end, or all that fit for as long as the signal lets. */
  watch(target: string | OperationFilter, options: WatchOptions): OperationStream {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    return typeof target === 'string'
      ? watchOperation(this.#live, target, { ...options, signal })
      : watchOperations(this.#live, target, { ...options, signal });
  }

  /** The end of an operation's log, oldest line first; nothing where there is no operation. */
  async logTail(id: string): Promise<StoredLogLine[]> {
    await this.#live.get(id)?.flushLog();
    return this.#store.logTail(id);
  }

  /**
   * Takes no new work and starts none, gives what runs `graceMs`, then stops it and writes it down
   * as INTERRUPTED. What waits stays QUEUED for the next gateway, if it needs no secret. Watchers
   * and waiters are let go at the end.
   */
  drain(graceMs: number): Promise<void> {
    this.#drained ??= this.#drain(graceMs);
    return this.#drained;
  }

  async #drain(graceMs: number): Promise<void> {
    this.#phase = 'DRAINING';
    this.#queue.close();
    const idle = this.#queue.whenIdle();
    await this.#within(graceMs, idle);
    for (const live of this.#live) live.stop({ kind: 'DRAIN' });
    // Twice what verbs get: then it is the store that does not answer, and the kill will come.
    await this.#within(2 * this.#stopMs, idle);
    const lost = Array.from(this.#live)
      .filter(({ operation }) => operation.needsSecret)
      .map((live) => live.change(({ tasks }) => queuedTasks(tasks, lostSecret())));
    await this.#within(this.#stopMs, Promise.allSettled(lost));
    await Promise.all(Array.from(this.#live, (live) => live.flushLog()));
    this.#closing.abort();
  }

  async #within(ms: number, work: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const timeUp = this.#clock.sleep(ms, done.signal).catch(() => {});
    await Promise.race([work, timeUp]);
    done.abort();
  }

  async #takeUp(operation: OperationSnapshot): Promise<void> {
    const verb = this.#verbs.get(operation.kind);
    const live = this.#live.add(operation, undefined);
    await live.change((now) => stepsAfterRestart(now, verb));
    this.#enqueue(live);
  }

  #enqueue(live: LiveOperation): void {
    const { id: operationId, maxParallel, tasks } = live.operation;
    const waiting = tasks.filter(({ state }) => state === 'QUEUED' || state === 'RUNNING');
    this.#queue.add(
      waiting.map((task) => ({
        operationId,
        host: task.host,
        maxParallel,
        run: () =>
          task.state === 'QUEUED' ? this.#runner.run(live, task) : this.#runner.recover(live, task),
      })),
    );
  }

  async #stored(id: string): Promise<OperationSnapshot> {
    const operation = await this.#store.get(id);
    if (!operation) throw new NotFoundError(`there is no operation ${id}`);
    return operation;
  }

  #refuseUnlessServing(): void {
    if (this.#phase === 'NEW') throw new Error('operations are not started');
    if (this.#phase === 'DRAINING') throw new ShuttingDownError();
  }
}
