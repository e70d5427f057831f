import type { OperationSnapshot } from './operation-snapshot.ts';
import { failFastChanges, lostMidway, lostSecret, lostVerb } from './task-outcome.ts';
import type { AnyVerb } from './task-runner.ts';
import { stepOperation } from './task-state.ts';
import type { TaskChange } from './task-state.ts';

/**
 * What is clear without a look at the hosts about an operation that an earlier gateway left
 * unfinished: what ran and cannot be looked up is lost, and so is what waited and needs what died
 * with that gateway. Whatever else waited simply waits again.
 */
export function stepsAfterRestart(
  operation: OperationSnapshot,
  verb: AnyVerb | undefined,
): TaskChange[] {
  const changes: TaskChange[] = [];
  for (const { id, state } of operation.tasks) {
    if (state === 'RUNNING' && !verb?.recover) changes.push({ taskId: id, step: lostMidway() });
    if (state !== 'QUEUED') continue;
    if (!verb) changes.push({ taskId: id, step: lostVerb(operation.kind) });
    else if (operation.needsSecret) changes.push({ taskId: id, step: lostSecret() });
  }
  return [...changes, ...failFastChanges(stepOperation(operation, changes, 0))];
}
