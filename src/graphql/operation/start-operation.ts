import { BadUserInputError } from '../../common/errors.ts';
import type { Json, OperationKind } from '../../operations/operation.ts';
import { canonicalReference, parseReference, withDefaultTag } from '../../registry/reference.ts';
import type { GraphqlContext } from '../context.ts';
import { fromGlobalId } from '../global-id.ts';
import type { HostSelector } from '../resolver-types.ts';
import { selectedHosts } from './host-selection.ts';

const MAX_WAIT_SECONDS = 600;

/** What every input has that starts an operation. */
export interface StartInput {
  hosts: HostSelector;
  waitSeconds: number;
  maxParallel?: number | null;
  failFast: boolean;
  idempotencyKey?: string | null;
}

/**
 * Stores an operation, starts it, and answers it as it stands when it is final or the time is over.
 * `work` is the verb's input; `secret` is never stored.
 */
export async function startOperation(
  { fleet, operations, viewer, signal }: GraphqlContext,
  kind: OperationKind,
  work: Json,
  { hosts, waitSeconds, maxParallel, failFast, idempotencyKey }: StartInput,
  secret?: unknown,
) {
  const ms = waitMs(waitSeconds);
  const { id } = await operations.submit({
    kind,
    input: work,
    hosts: selectedHosts(fleet, hosts),
    requestedBy: viewer.name,
    maxParallel,
    failFast,
    idempotencyKey,
    ...(secret !== undefined && { secret }),
  });
  return { operation: await operations.wait(id, ms, signal) };
}

/** The store's ID in a global ID; BadUserInputError where it names something else. */
export function operationId(id: string): string {
  const { type, key } = fromGlobalId(id);
  if (type === 'Operation') return key;
  throw new BadUserInputError(`this is the ID of a ${type}; expected that of an Operation`);
}

/** Seconds of a request as milliseconds. */
export function waitMs(seconds: number): number {
  if (seconds >= 0 && seconds <= MAX_WAIT_SECONDS) return seconds * 1000;
  throw new BadUserInputError(`\`waitSeconds\` is ${seconds}; expected 0 to ${MAX_WAIT_SECONDS}`);
}

/** The distinct values; BadUserInputError where there are none or too many. */
export function atMost(most: number, name: string, values: readonly string[]): string[] {
  if (values.length > 0 && values.length <= most) return [...new Set(values)];
  throw new BadUserInputError(`\`${name}\` has ${values.length} entries; expected 1 to ${most}`);
}

/** A reference to an image spelt out, with tag or digest. */
export function canonicalImage(text: string): string {
  return canonicalReference(withDefaultTag(parseReference(text)));
}

/** A reference with a tag, spelt out; BadUserInputError where it has a digest. */
export function canonicalTag(text: string): string {
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest === null) return canonicalReference(reference);
  throw new BadUserInputError(`"${text.slice(0, 100)}" has a digest; expected a name with a tag`);
}
