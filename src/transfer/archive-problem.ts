import {
  ArchiveError,
  DamagedArchiveError,
  UnknownArchiveError,
} from '../archive/archive-errors.ts';
import { DigestMismatchError, EngineError } from '../common/errors.ts';

/**
 * What is wrong with the archive that a host saved, as users are told. An unknown layout stays what
 * it is: such an archive may be forwarded as it comes.
 */
export function archiveProblem(error: unknown, host: string): unknown {
  if (!(error instanceof ArchiveError) || error instanceof UnknownArchiveError) return error;
  const { message, details } = error;
  const context = { host, cause: error, details: { ...details } };
  if (error instanceof DamagedArchiveError) {
    const Problem = 'actual' in details ? DigestMismatchError : EngineError;
    return new Problem(`what ${host} sent is damaged: ${message}`, context);
  }
  const hint = `Look at the image on ${host}; pulling or loading it there anew may mend it.`;
  return new EngineError(`${host} cannot save the image whole: ${message}`, {
    ...context,
    details: { ...details, hint },
    retryable: false,
  });
}
