import type { OperationSnapshot } from '../../src/operations/operation-snapshot.ts';
import type { OperationChange, OperationStore } from '../../src/operations/operation-store.ts';

/** A store to try, empty when it is opened first. */
export interface StoreUnderTest extends AsyncDisposable {
  store: OperationStore;
  /** The same store as a restarted gateway finds it. */
  reopen: () => Promise<OperationStore>;
}

/** Opens one for a test. */
export type OpenStore = () => Promise<StoreUnderTest>;

/** ID of the operation of that number; they sort like the numbers. */
export function idOf(at: number): string {
  return `operation-${String(at).padStart(6, '0')}`;
}

/** What a final operation has. */
export function ended(at: number): Partial<OperationSnapshot> {
  return { state: 'SUCCEEDED', startedAt: at, finishedAt: at };
}

/** An operation that was created `at`, its number. */
export function anOperation(
  at: number,
  changes: Partial<OperationSnapshot> = {},
  hosts: string[] = ['alpha'],
): OperationSnapshot {
  const id = idOf(at);
  return {
    id,
    kind: 'PULL_IMAGE',
    state: 'QUEUED',
    requestedBy: 'ops',
    createdAt: at,
    startedAt: null,
    finishedAt: null,
    input: { reference: 'app:1' },
    idempotencyKey: null,
    maxParallel: null,
    failFast: false,
    needsSecret: false,
    event: at,
    tasks: hosts.map((host, position) => ({
      id: `${id}-${position}`,
      host,
      state: 'QUEUED',
      startedAt: null,
      finishedAt: null,
      result: null,
      error: null,
      attempts: 0,
      progress: null,
    })),
    ...changes,
  };
}

/** The step to an operation as it is now, with the tasks at the positions. */
export function changeTo(operation: OperationSnapshot, positions: number[] = []): OperationChange {
  const { id, event, state, startedAt, finishedAt, needsSecret, tasks } = operation;
  const changed = positions.map((position) => tasks[position]!);
  return { id, event, state, startedAt, finishedAt, needsSecret, tasks: changed };
}
