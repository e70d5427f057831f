import type { OperationState } from './operation.ts';
import type { OperationFilter, OperationSnapshot, TaskSnapshot } from './operation-snapshot.ts';
import type { LogLine, StoredLogLine } from './operation-log.ts';

/**
 * Where operations outlive the gateway. A promise that resolved means that what it did survives a
 * kill of the process and a loss of power. Calls take effect in the order in which they are made.
 */
export interface OperationStore {
  /**
   * Adds an operation with its tasks. One that the same asker made with the same idempotency key
   * before is answered instead, if it asked for the same.
   * @throws ConflictError where the key was used for something else
   */
  create(operation: OperationSnapshot): Promise<Created>;

  /**
   * Writes a step of an operation, all of it or nothing.
   * @throws NotFoundError where retention has removed the operation
   */
  record(change: OperationChange): Promise<void>;

  /** One operation; null where there is none (any more). */
  get(id: string): Promise<OperationSnapshot | null>;

  /** A page, newest first. */
  list(query: PageQuery): Promise<OperationPage>;

  /** How many operations fit. */
  count(filter: OperationFilter): Promise<number>;

  /** Operations whose latest change is after `event`, by that change, at most `limit`. */
  changedSince(event: number, limit: number): Promise<OperationSnapshot[]>;

  /** The highest event number that was ever stored; 0 when nothing was. */
  lastEvent(): Promise<number>;

  /** All operations that are not final, oldest first. */
  unfinished(): Promise<OperationSnapshot[]>;

  /** Removes final operations that are too old or too many, the oldest first; tells how many. */
  prune(bounds: RetentionBounds): Promise<number>;

  /** Adds to an operation's log and drops what passes LOG_BOUNDS. Nothing if it has gone. */
  appendLog(id: string, lines: readonly LogLine[]): Promise<void>;

  /** What is kept of an operation's log, oldest first. */
  logTail(id: string): Promise<StoredLogLine[]>;

  /** Finishes what was asked for, then lets go of everything. */
  close(): Promise<void>;
}

/** What came of a create. */
export interface Created {
  operation: OperationSnapshot;
  /** False where the idempotency key found an earlier one. */
  isNew: boolean;
}

/** A step of an operation: what may change of it, and the tasks that do. */
export interface OperationChange {
  id: string;
  event: number;
  state: OperationState;
  startedAt: number | null;
  finishedAt: number | null;
  needsSecret: boolean;
  tasks: readonly TaskSnapshot[];
}

/** Which page is wanted. `limit` counts from the newest, or from the oldest if `fromEnd`. */
export interface PageQuery {
  filter?: OperationFilter;
  /** Only operations older than this ID, which need not exist any more. */
  after?: string | undefined;
  /** Only operations newer than this ID. */
  before?: string | undefined;
  limit: number;
  fromEnd?: boolean;
}

/** A page, newest first. */
export interface OperationPage {
  operations: OperationSnapshot[];
  /** Whether there are newer ones. */
  hasPrevious: boolean;
  /** Whether there are older ones. */
  hasNext: boolean;
}

/** What retention keeps. */
export interface RetentionBounds {
  /** Final operations that ended before this go. */
  finishedBefore: number;
  /** Of all operations so many stay, if there are not more that are unfinished. */
  keep: number;
  /** Removes at most so many in one go, for others wait meanwhile. */
  limit: number;
}

/**
 * The store cannot be opened. Its message is for the operator, who can mend it; it is told at
 * start and never in an answer, hence no `DockgraphError`.
 */
export class StoreUnusableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreUnusableError';
  }
}
