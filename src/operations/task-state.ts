import type { Json, OperationState, TaskError, TaskState } from './operation.ts';
import { FINAL_STATES } from './operation.ts';
import type { OperationSnapshot, TaskSnapshot } from './operation-snapshot.ts';

/**
 * A step of a task.
 *
 *     QUEUED ──► RUNNING ──► SUCCEEDED
 *       │ ▲         ├──────► FAILED ─────┐
 *       │ │         ├──────► CANCELLED ──┤ a retry
 *       │ │         └──────► INTERRUPTED ┤
 *       │ └──────────────────────────────┘
 *       └──► CANCELLED, INTERRUPTED, without ever having run
 */
export type TaskStep =
  | { to: 'QUEUED' }
  | { to: 'RUNNING' }
  | { to: 'SUCCEEDED'; result: Json }
  | { to: 'FAILED' | 'CANCELLED' | 'INTERRUPTED'; error: TaskError };

const MAY_BECOME: Record<TaskState, readonly TaskState[]> = {
  QUEUED: ['RUNNING', 'CANCELLED', 'INTERRUPTED'],
  RUNNING: ['SUCCEEDED', 'FAILED', 'CANCELLED', 'INTERRUPTED'],
  SUCCEEDED: [],
  FAILED: ['QUEUED'],
  CANCELLED: ['QUEUED'],
  INTERRUPTED: ['QUEUED'],
};

/** A step that the state machine does not know: a mistake of ours, never of a user's. */
export class IllegalStepError extends Error {
  constructor(from: TaskState, to: TaskState) {
    super(`a task that is ${from} cannot become ${to}`);
    this.name = 'IllegalStepError';
  }
}

/**
 * The task after a step. It keeps its progress, which is the caller's to set.
 * @throws IllegalStepError
 */
export function stepTask(task: TaskSnapshot, step: TaskStep, at: number): TaskSnapshot {
  if (!MAY_BECOME[task.state].includes(step.to)) throw new IllegalStepError(task.state, step.to);
  switch (step.to) {
    case 'QUEUED':
      return {
        ...task,
        state: 'QUEUED',
        startedAt: null,
        finishedAt: null,
        result: null,
        error: null,
        progress: null,
      };
    case 'RUNNING':
      return { ...task, state: 'RUNNING', startedAt: at, attempts: task.attempts + 1 };
    case 'SUCCEEDED':
      return { ...task, state: 'SUCCEEDED', finishedAt: at, result: step.result };
    case 'FAILED':
    case 'CANCELLED':
    case 'INTERRUPTED':
      return { ...task, state: step.to, finishedAt: at, error: step.error };
  }
}

/** Where an operation stands whose tasks stand so. */
export function stateOfTasks(states: readonly TaskState[]): OperationState {
  const seen = new Set(states);
  const [only] = seen;
  if (only !== undefined && seen.size === 1) return only;
  // One that has begun never seems to be queued again while its tasks take turns.
  if (seen.has('QUEUED') || seen.has('RUNNING')) return 'RUNNING';
  if (seen.has('SUCCEEDED')) return 'PARTIAL';
  if (seen.has('FAILED')) return 'FAILED';
  return 'INTERRUPTED';
}

/** A step and whose it is. */
export interface TaskChange {
  taskId: string;
  step: TaskStep;
  /** What is last known of the progress; null by default. */
  progress?: TaskSnapshot['progress'];
}

/**
 * The operation after some of its tasks made a step.
 * @throws IllegalStepError, having changed nothing
 */
export function stepOperation(
  operation: OperationSnapshot,
  changes: readonly TaskChange[],
  at: number,
): OperationSnapshot {
  if (changes.length === 0) return operation;
  const byTask = new Map(changes.map((change) => [change.taskId, change]));
  const tasks = operation.tasks.map((task) => {
    const change = byTask.get(task.id);
    if (!change) return task;
    return { ...stepTask(task, change.step, at), progress: change.progress ?? null };
  });
  const state = stateOfTasks(tasks.map(({ state }) => state));
  const hasStarted = tasks.some(({ startedAt }) => startedAt !== null);
  return {
    ...operation,
    tasks,
    state,
    startedAt: operation.startedAt ?? (hasStarted ? at : null),
    finishedAt: FINAL_STATES.has(state) ? at : null,
  };
}
