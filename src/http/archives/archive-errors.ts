import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  BadUserInputError,
  DockgraphError,
  LimitExceededError,
  TimeoutError,
} from '../../common/errors.ts';
import type { ErrorContext } from '../../common/errors.ts';
import { sendProblem, toHttpProblem } from '../error-reply.ts';
import type { Tuning } from '../tuning.ts';

const RETRY_AFTER_SECONDS = 5;

/** Enough is under way; for an archive, on its host. */
export class BusyError extends LimitExceededError {
  override readonly retryable = true;
  readonly status = 429;

  constructor(what: string, context?: ErrorContext) {
    super(`${what}; try again later`, context);
  }
}

/** The archive is larger than the operator allows. */
export class ArchiveTooLargeError extends LimitExceededError {
  readonly status = 413;

  constructor(maxBytes: number) {
    super(`The archive is larger than ${maxBytes} bytes`);
  }
}

/** The body is in a format that is not taken. */
export class UnknownArchiveTypeError extends BadUserInputError {
  readonly status = 415;
}

/** The client neither sent nor read for too long. */
export class ClientSilentError extends TimeoutError {
  readonly status = 408;

  constructor(idleMs: number) {
    super(`The client moved no byte for ${idleMs} ms`);
  }
}

/**
 * Answers with what went wrong, and with how far the archive had come. `status` where it is known
 * better than by the error.
 */
export function sendArchiveProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  { tuning, status, ...progress }: ProblemOptions,
): FastifyReply {
  const problem = toHttpProblem(error, request.id, tuning);
  if (error instanceof BusyError) void reply.header('retry-after', `${RETRY_AFTER_SECONDS}`);
  const own =
    error instanceof DockgraphError && 'status' in error ? Number(error.status) : problem.status;
  const facts =
    error instanceof DockgraphError
      ? { ...error.details, ...(error.host && { host: error.host }), retryable: error.retryable }
      : {};
  const extensions = { ...problem.error.extensions, ...facts, ...progress };
  return sendProblem(request, reply, {
    status: status ?? own,
    error: { ...problem.error, extensions },
  });
}

interface ProblemOptions {
  tuning: Tuning;
  status?: number | undefined;
  bytesReceived?: number;
}
