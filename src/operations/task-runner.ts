import { withDeadline } from '../common/abort.ts';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import { toJson } from './json.ts';
import type { LiveOperation, RunningTask } from './live-operation.ts';
import type { Json, OperationKind, TaskContext, Verb } from './operation.ts';
import type { TaskSnapshot } from './operation-snapshot.ts';
import {
  didNotStop,
  failFastChanges,
  failure,
  isMasked,
  lostMidway,
  stoppedBeforeStart,
  stoppedMidway,
} from './task-outcome.ts';
import { stepOperation } from './task-state.ts';
import type { TaskChange, TaskStep } from './task-state.ts';

/** A verb of any kind: what it is given was checked when it was submitted. */
export type AnyVerb = Verb<never, Json, never>;

/** Where an unexpected error came from. */
export interface ErrorPlace {
  operationId?: string;
  taskId?: string;
  host?: string;
}

/** What a runner works with. */
export interface RunnerParts {
  verbs: ReadonlyMap<OperationKind, AnyVerb>;
  clock: Clock;
  /** How long a verb may take to stop once it was told to. */
  stopMs: number;
  /** How long a verb may look at a host after a restart. */
  recoverMs: number;
  /** Told of every error whose message users do not see. */
  onMasked: (error: unknown, place: ErrorPlace) => void;
}

/** Takes a task from its turn in the queue to its end. */
export class TaskRunner {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Runs a task that is QUEUED; does nothing if it is not (any more). Never rejects. */
  async run(live: LiveOperation, task: TaskSnapshot): Promise<void> {
    await this.#while(live, task, async (running) => {
      await live.change(({ tasks }) =>
        tasks.some(({ id, state }) => id === task.id && state === 'QUEUED')
          ? [{ taskId: task.id, step: { to: 'RUNNING' } }]
          : [],
      );
      if (!live.operation.tasks.some(({ id, state }) => id === task.id && state === 'RUNNING')) {
        return;
      }
      const step = await this.#perform(live, task, running);
      await this.#finish(live, { taskId: task.id, step, progress: running.meter.readLast() });
    });
  }

  /** Finds out about a task that was RUNNING when the gateway was killed. Never rejects. */
  async recover(live: LiveOperation, task: TaskSnapshot): Promise<void> {
    await this.#while(live, task, async (running) => {
      const step = await this.#lookBack(live, task, running.controller.signal);
      // It stays RUNNING, and the next start looks again.
      if (live.stopping?.kind === 'DRAIN' && step.to !== 'SUCCEEDED') return;
      await this.#finish(live, { taskId: task.id, step });
    });
  }

  async #while(
    live: LiveOperation,
    task: TaskSnapshot,
    work: (running: RunningTask) => Promise<void>,
  ): Promise<void> {
    const running = live.begin(task.id);
    try {
      await work(running);
    } catch (error) {
      // The store gave up, which is all that can fail here. The next start recovers the task.
      this.#parts.onMasked(error, place(live, task));
    } finally {
      live.end(task.id);
    }
  }

  async #perform(live: LiveOperation, task: TaskSnapshot, running: RunningTask): Promise<TaskStep> {
    const { stopMs, clock } = this.#parts;
    const { signal } = running.controller;
    if (signal.aborted) return stoppedBeforeStart(live.stopping!);
    const settled = new AbortController();
    const givenUp = Promise.withResolvers<TaskStep>();
    const giveUpLater = () => {
      clock.sleep(stopMs, settled.signal).then(
        () => givenUp.resolve(didNotStop(live.stopping!, stopMs)),
        () => {},
      );
    };
    signal.addEventListener('abort', giveUpLater, { once: true, signal: settled.signal });
    try {
      const work = this.#callVerb(live, task, running, settled.signal);
      return await Promise.race([work, givenUp.promise]);
    } finally {
      settled.abort();
    }
  }

  async #callVerb(
    live: LiveOperation,
    task: TaskSnapshot,
    running: RunningTask,
    settled: AbortSignal,
  ): Promise<TaskStep> {
    const context: TaskContext = {
      ...place(live, task),
      attempt: live.operation.tasks.find(({ id }) => id === task.id)!.attempts,
      signal: running.controller.signal,
      // A verb that was given up on may go on talking; nobody listens any more.
      progress: (progress) => {
        if (!settled.aborted) live.progress(running, progress);
      },
      log: (line) => {
        if (!settled.aborted) live.log(task.host, line);
      },
    };
    try {
      const { kind, input } = live.operation;
      const verb = this.#parts.verbs.get(kind)!;
      const result = await verb.run(input as never, context, live.secret as never);
      return { to: 'SUCCEEDED', result: toJson(result) };
    } catch (error) {
      if (isMasked(error) && !isAbort(error, running)) {
        this.#parts.onMasked(error, place(live, task));
      }
      return live.stopping ? stoppedMidway(live.stopping, error) : failure(error, task.id);
    }
  }

  async #lookBack(live: LiveOperation, task: TaskSnapshot, signal: AbortSignal): Promise<TaskStep> {
    const { kind, input } = live.operation;
    const verb = this.#parts.verbs.get(kind);
    const what = `looking at ${task.host} after the restart`;
    try {
      const result = await withDeadline(
        { ms: this.#parts.recoverMs, what, host: task.host, signals: [signal] },
        async (signal) => verb?.recover?.(input as never, { ...place(live, task), signal }),
      );
      return result == null ? lostMidway() : { to: 'SUCCEEDED', result: toJson(result) };
    } catch (error) {
      if (!isMasked(error)) return lostMidway(messageOf(error));
      this.#parts.onMasked(error, place(live, task));
      return lostMidway();
    }
  }

  async #finish(live: LiveOperation, change: TaskChange): Promise<void> {
    await live.change((operation) => {
      const after = stepOperation(operation, [change], 0);
      return [change, ...failFastChanges(after)];
    });
  }
}

function isAbort(error: unknown, { controller }: RunningTask): boolean {
  const isAbortError = error instanceof Error && error.name === 'AbortError';
  return controller.signal.aborted && (error === controller.signal.reason || isAbortError);
}

function place(live: LiveOperation, { id, host }: TaskSnapshot) {
  return { operationId: live.id, taskId: id, host };
}
