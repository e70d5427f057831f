import { DockgraphError } from '../common/errors.ts';
import type { ErrorContext } from '../common/errors.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { CopyPhase } from './copy-progress.ts';

type ErrorClass = new (
  message: string,
  context: ErrorContext & { retryable?: boolean },
) => DockgraphError;

/** The same error, saying whose it is and what was being done. */
export function inPhase(
  error: unknown,
  phase: CopyPhase,
  { source, target }: { source: HostRecord; target: HostRecord },
): unknown {
  if (!(error instanceof DockgraphError)) return error;
  const { details, retryable } = error;
  const isOfTarget = error.host === target.config.name;
  const host = isOfTarget ? target.config.name : source.config.name;
  const doing = isOfTarget ? phase.toLowerCase() : 'saving';
  return new (error.constructor as ErrorClass)(`${doing} on ${host}: ${error.message}`, {
    host,
    cause: error,
    retryable,
    ...(details && { details }),
  });
}
