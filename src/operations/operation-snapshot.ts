import type {
  OperationKind,
  OperationRecord,
  OperationState,
  TaskProgress,
  TaskRecord,
} from './operation.ts';

/** A task with how far it is: live while it runs, the last that was known when it has ended. */
export interface TaskSnapshot extends TaskRecord {
  /** Null until the verb told something. */
  progress: TaskProgress | null;
}

/** An operation as it stands at one moment. Never changed once it is handed out. */
export interface OperationSnapshot extends Omit<OperationRecord, 'tasks'> {
  /** In the order in which they start. */
  tasks: readonly TaskSnapshot[];
  /** Number of the latest change; grows with each, also over restarts. */
  event: number;
  /** Whether the request brought something that nothing may store: its tasks cannot outlive us. */
  needsSecret: boolean;
}

/** One step of what is watched. */
export interface OperationEvent {
  /** Give it as `afterEvent` to go on from here. Never falls; progress may repeat it. */
  event: number;
  operation: OperationSnapshot;
}

/** Which operations are wanted. What is left out does not matter; an empty list fits none. */
export interface OperationFilter {
  states?: readonly OperationState[];
  kinds?: readonly OperationKind[];
  /** Operations with a task on one of these. */
  hosts?: readonly string[];
  /** Names of those who asked. */
  requestedBy?: readonly string[];
}

/** Whether an operation is wanted. */
export function matchesFilter(filter: OperationFilter, operation: OperationSnapshot): boolean {
  const { states, kinds, hosts, requestedBy } = filter;
  return (
    (!states || states.includes(operation.state)) &&
    (!kinds || kinds.includes(operation.kind)) &&
    (!requestedBy || requestedBy.includes(operation.requestedBy)) &&
    (!hosts || operation.tasks.some(({ host }) => hosts.includes(host)))
  );
}
