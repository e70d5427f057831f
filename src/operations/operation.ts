import type { ErrorCode } from '../common/errors.ts';

/** What an operation does; one verb each. */
export type OperationKind =
  | 'PULL_IMAGE'
  | 'PUSH_IMAGE'
  | 'TAG_IMAGE'
  | 'UNTAG_IMAGE'
  | 'REMOVE_IMAGE'
  | 'PRUNE_IMAGES'
  | 'IMPORT_IMAGE'
  | 'COMMIT_CONTAINER'
  | 'BUILD_IMAGE'
  | 'CHECK_REGISTRY_CREDENTIALS'
  | 'TRANSFER_IMAGE'
  | 'REFRESH_HOSTS';

/** Where a task stands. */
export type TaskState =
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'CANCELLED'
  /** The gateway ended in the middle; what the host did then could not be found out. */
  | 'INTERRUPTED';

/** Where an operation stands, derived from its tasks. */
export type OperationState = TaskState | 'PARTIAL';

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Why a task failed, for people and scripts. */
export interface TaskError {
  code: ErrorCode | 'INTERNAL_SERVER_ERROR';
  message: string;
  /** What to do about it; null where nothing is known to help. */
  hint: string | null;
  retryable: boolean;
}

/** How far one layer (or other part) of a task is. */
export interface PartProgress {
  /** Short layer ID, or a name that is unique in the task. */
  id: string;
  /** The engine's word: `Downloading`, `Extracting`, `Pushed`, `Already exists`, … */
  status: string;
  /** Bytes; null where the engine does not tell. */
  currentBytes: number | null;
  totalBytes: number | null;
}

/** How far a task is: the latest of everything, never a history. */
export interface TaskProgress {
  /** What is being done, such as `DOWNLOADING`, `EXTRACTING`, `PUSHING`, `BUILDING`. */
  phase: string;
  currentBytes: number | null;
  totalBytes: number | null;
  /** 0 to 100; null where it cannot be told. */
  percent: number | null;
  bytesPerSecond: number | null;
  etaSeconds: number | null;
  /** At most 200. */
  parts: PartProgress[];
  /** Of a copy between hosts: bytes that went to this host, and bytes of layers that it had. */
  bytesSent?: number;
  bytesSaved?: number;
}

/** One host's share of an operation. */
export interface TaskRecord {
  /** Unique in the store. */
  id: string;
  host: string;
  state: TaskState;
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  finishedAt: number | null;
  /** What came out, in the verb's own shape; null until it succeeded. */
  result: Json;
  error: TaskError | null;
  /** Times that it was started: 1 for the first run, more after retries. */
  attempts: number;
}

/** One change to the fleet, as it is stored: no secrets, nothing that only a process can hold. */
export interface OperationRecord {
  /** Sorts by creation. */
  id: string;
  kind: OperationKind;
  state: OperationState;
  /** Who asked: the token's name. */
  requestedBy: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** What was asked for, without secrets: enough to run it again. */
  input: Json;
  idempotencyKey: string | null;
  /** Tasks under way at once; null for no bound of its own. */
  maxParallel: number | null;
  /** Whether the first failure cancels what has not started. */
  failFast: boolean;
  /** In the order in which they start. */
  tasks: TaskRecord[];
}

/** States that nothing follows, but a retry. */
export const FINAL_STATES: ReadonlySet<OperationState> = new Set([
  'SUCCEEDED',
  'PARTIAL',
  'FAILED',
  'CANCELLED',
  'INTERRUPTED',
]);

/** What a verb is given for one host. */
export interface TaskContext {
  operationId: string;
  taskId: string;
  host: string;
  /** 1 for the first run, more after retries. */
  attempt: number;
  /** Aborts when the task is cancelled or the gateway drains: the work must stop on the engine. */
  signal: AbortSignal;
  /** Replaces what is known of the progress; cheap, call it as often as the engine speaks. */
  progress: (progress: TaskProgress) => void;
  /** Adds a line to the log tail, which is bounded. */
  log: (line: string) => void;
}

/** What one kind of operation does on one host. Registered once, so that a restart finds it again. */
export interface Verb<Input extends Json = Json, Result extends Json = Json, Secret = unknown> {
  kind: OperationKind;
  /**
   * Does it. Resolves only when the inventory shows the change. `secret` is what the request brought
   * and nothing may store (credentials); undefined after a restart.
   */
  run: (input: Input, context: TaskContext, secret: Secret | undefined) => Promise<Result>;
  /**
   * After a crash in the middle: looks at the host and tells the result if the work was done, null
   * if it cannot be told. Must change nothing.
   */
  recover?: (
    input: Input,
    context: Omit<TaskContext, 'attempt' | 'progress' | 'log'>,
  ) => Promise<Result | null>;
}
