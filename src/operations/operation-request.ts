import { BadUserInputError } from '../common/errors.ts';
import { toJson } from './json.ts';
import type { Json, OperationKind } from './operation.ts';
import type { OperationSnapshot } from './operation-snapshot.ts';

/** A change that somebody asks for. */
export interface OperationRequest {
  kind: OperationKind;
  /** For the verb, and to be stored: no secrets. */
  input: Json;
  /** One task each, in this order; a host that is named twice gets one. At least one. */
  hosts: readonly string[];
  /** Name of the one who asks. */
  requestedBy: string;
  /** The same key by the same asker for the same finds the operation that is already there. */
  idempotencyKey?: string | null | undefined;
  /** Tasks under way at once. */
  maxParallel?: number | null | undefined;
  /** Whether the first task that does not succeed cancels those that have not started. */
  failFast?: boolean | undefined;
  /** For the verb, and never stored. A restart interrupts what waits for it. */
  secret?: unknown;
}

/** What is new in each operation. */
export interface NewIdentity {
  id: string;
  createdAt: number;
  event: number;
}

/**
 * The operation that a request becomes.
 * @throws BadUserInputError
 */
export function toNewOperation(
  request: OperationRequest,
  { id, createdAt, event }: NewIdentity,
): OperationSnapshot {
  const { kind, input, requestedBy, idempotencyKey, maxParallel, failFast, secret } = request;
  const hosts = [...new Set(request.hosts)];
  if (hosts.length === 0) throw new BadUserInputError('no host was chosen; expected at least one');
  if (maxParallel != null && !(Number.isInteger(maxParallel) && maxParallel > 0)) {
    throw new BadUserInputError(`maxParallel is ${maxParallel}; expected 1 or more`);
  }
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > 255)) {
    throw new BadUserInputError('idempotencyKey is empty or longer than 255 characters');
  }
  return {
    id,
    kind,
    state: 'QUEUED',
    requestedBy,
    createdAt,
    startedAt: null,
    finishedAt: null,
    input: toJson(input),
    idempotencyKey: idempotencyKey ?? null,
    maxParallel: maxParallel ?? null,
    failFast: failFast ?? false,
    needsSecret: secret != null,
    event,
    tasks: hosts.map((host, at) => ({
      id: `${id}-${at}`,
      host,
      state: 'QUEUED',
      startedAt: null,
      finishedAt: null,
      result: null,
      error: null,
      attempts: 0,
      progress: null,
    })),
  };
}
