import type {
  Json,
  OperationKind,
  OperationState,
  TaskError,
  TaskProgress,
  TaskState,
} from './operation.ts';
import type { OperationSnapshot, TaskSnapshot } from './operation-snapshot.ts';
import { requestFingerprint } from './request-fingerprint.ts';

/** What SQLite takes and gives for a column. */
type Value = string | number | null;
/** A row as the driver gives it. */
export type Row = Record<string, unknown>;

/** Columns of an operation's row. */
export function operationColumns(operation: OperationSnapshot): Record<string, Value> {
  return {
    id: operation.id,
    kind: operation.kind,
    state: operation.state,
    requested_by: operation.requestedBy,
    created_at: operation.createdAt,
    started_at: operation.startedAt,
    finished_at: operation.finishedAt,
    input: JSON.stringify(operation.input),
    idempotency_key: operation.idempotencyKey,
    fingerprint: requestFingerprint(operation),
    max_parallel: operation.maxParallel,
    fail_fast: Number(operation.failFast),
    needs_secret: Number(operation.needsSecret),
    event: operation.event,
  };
}

/** Columns of a task that a step changes, and its ID. */
export function taskColumns(task: TaskSnapshot): Record<string, Value> {
  return {
    id: task.id,
    state: task.state,
    started_at: task.startedAt,
    finished_at: task.finishedAt,
    result: toText(task.result),
    error: toText(task.error),
    attempts: task.attempts,
    progress: toText(task.progress),
  };
}

/** The operation that its row and those of its tasks, in order, describe. */
export function toOperation(row: Row, tasks: readonly Row[]): OperationSnapshot {
  return {
    id: row.id as string,
    kind: row.kind as OperationKind,
    state: row.state as OperationState,
    requestedBy: row.requested_by as string,
    createdAt: row.created_at as number,
    startedAt: row.started_at as number | null,
    finishedAt: row.finished_at as number | null,
    input: JSON.parse(row.input as string) as Json,
    idempotencyKey: row.idempotency_key as string | null,
    maxParallel: row.max_parallel as number | null,
    failFast: row.fail_fast === 1,
    needsSecret: row.needs_secret === 1,
    event: row.event as number,
    tasks: tasks.map(toTask),
  };
}

function toTask(row: Row): TaskSnapshot {
  return {
    id: row.id as string,
    host: row.host as string,
    state: row.state as TaskState,
    startedAt: row.started_at as number | null,
    finishedAt: row.finished_at as number | null,
    result: fromText(row.result),
    error: fromText(row.error) as TaskError | null,
    attempts: row.attempts as number,
    progress: fromText(row.progress) as TaskProgress | null,
  };
}

function toText(value: object | Json): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromText(text: unknown): Json {
  return text === null ? null : (JSON.parse(text as string) as Json);
}
