import { DockgraphError } from '../common/errors.ts';
import type { ErrorContext } from '../common/errors.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { CopyPhase } from './copy-progress.ts';

type ErrorClass = new (
  message: string,
  context: ErrorContext & { retryable?: boolean },
) => DockgraphError;

/** The same error, saying whose it is, what was being done, and what may be left of it. */
export function inPhase(
  error: unknown,
  phase: CopyPhase,
  { source, target }: { source: HostRecord; target: HostRecord },
  left: string | null = null,
): unknown {
  if (!(error instanceof DockgraphError)) return error;
  const { details, retryable } = error;
  const isOfTarget = error.host === target.config.name;
  const host = isOfTarget ? target.config.name : source.config.name;
  const doing = isOfTarget ? phase.toLowerCase() : 'saving';
  const more = left === null ? '' : `; ${left}`;
  return new (error.constructor as ErrorClass)(`${doing} on ${host}: ${error.message}${more}`, {
    host,
    cause: error,
    retryable,
    ...(details && { details }),
  });
}
