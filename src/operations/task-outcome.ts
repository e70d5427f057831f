import { DockgraphError } from '../common/errors.ts';
import type { OperationKind, TaskError } from './operation.ts';
import type { OperationSnapshot } from './operation-snapshot.ts';
import type { TaskChange, TaskStep } from './task-state.ts';

/** Why work is to stop before it is done. */
export type StopReason = { kind: 'CANCEL'; by: string } | { kind: 'DRAIN' };

const RETRY_HINT = 'retryOperation does again what did not succeed';

/** Whether an error's message was not written for users: it is to be logged, and told as a riddle. */
export function isMasked(error: unknown): boolean {
  return !(error instanceof DockgraphError);
}

/** The step of a task whose verb threw. */
export function failure(error: unknown, taskId: string): TaskStep {
  return { to: 'FAILED', error: toTaskError(error, taskId) };
}

/** A stop in words. */
export function describeStop(reason: StopReason): string {
  return reason.kind === 'CANCEL' ? `cancelled by ${reason.by}` : 'the gateway is shutting down';
}

/** The step of a task that was stopped before its verb was called. */
export function stoppedBeforeStart(reason: StopReason): TaskStep {
  return stopped(reason, `${describeStop(reason)} before it began`);
}

/** The step of a task that was stopped and whose verb then threw: a verb says what is half done. */
export function stoppedMidway(reason: StopReason, error: unknown): TaskStep {
  const told = error instanceof DockgraphError ? error : null;
  const what = describeStop(reason);
  if (told === null) return stopped(reason, what);
  if (told.code !== 'CANCELLED') return stopped(reason, `${what}; just then: ${told.message}`);
  // Verbs that only pass the reason on have nothing to add to it.
  const message = told.message === what ? what : `${what}: ${told.message}`;
  return stopped(reason, message, hintOf(told));
}

/** The step of a task whose verb went on after it was told to stop. */
export function didNotStop(reason: StopReason, waitedMs: number): TaskStep {
  const waited = `it did not stop within ${waitedMs / 1000} s`;
  return stopped(
    reason,
    `${describeStop(reason)}; ${waited}, so it is not known what the host did after that`,
  );
}

/** The step of a task that was under way when the gateway was killed. */
export function lostMidway(why?: string): TaskStep {
  const message =
    'the gateway ended in the middle of it, and whether the host finished it could not be found out';
  return interrupted(why === undefined ? message : `${message}: ${why}`, RETRY_HINT);
}

/** The step of a task that waited when the gateway ended and cannot be done without its secret. */
export function lostSecret(): TaskStep {
  return interrupted(
    'the gateway ended before it began, and the credentials of the request are stored nowhere',
    'retryOperation with the credentials',
  );
}

/** The step of a task that waited when the gateway ended, of a kind that this one cannot do. */
export function lostVerb(kind: OperationKind): TaskStep {
  return interrupted(`the gateway was restarted and knows no ${kind} any more`, RETRY_HINT);
}

/** With fail-fast: cancels what has not started once a task ended otherwise than well. */
export function failFastChanges({ failFast, tasks }: OperationSnapshot): TaskChange[] {
  const first = tasks.find(({ state }) => state === 'FAILED' || state === 'INTERRUPTED');
  if (!failFast || !first) return [];
  const message = `not started, since ${first.host} did not succeed`;
  const error: TaskError = { code: 'CANCELLED', message, hint: RETRY_HINT, retryable: true };
  return queuedTasks(tasks, { to: 'CANCELLED', error });
}

/** The same step for each task that has not started. */
export function queuedTasks(tasks: OperationSnapshot['tasks'], step: TaskStep): TaskChange[] {
  return tasks.filter(({ state }) => state === 'QUEUED').map(({ id }) => ({ taskId: id, step }));
}

function toTaskError(error: unknown, taskId: string): TaskError {
  if (error instanceof DockgraphError) {
    const { code, message, retryable } = error;
    return { code, message, hint: hintOf(error), retryable };
  }
  return {
    code: 'INTERNAL_SERVER_ERROR',
    message: `something unexpected went wrong; the gateway's log tells more about task ${taskId}`,
    hint: null,
    retryable: false,
  };
}

function hintOf({ details }: DockgraphError): string | null {
  return typeof details?.hint === 'string' ? details.hint : null;
}

function stopped(reason: StopReason, message: string, hint: string | null = null): TaskStep {
  if (reason.kind === 'DRAIN') return interrupted(message, hint ?? RETRY_HINT);
  return { to: 'CANCELLED', error: { code: 'CANCELLED', message, hint, retryable: true } };
}

function interrupted(message: string, hint: string): TaskStep {
  return { to: 'INTERRUPTED', error: { code: 'CANCELLED', message, hint, retryable: true } };
}
