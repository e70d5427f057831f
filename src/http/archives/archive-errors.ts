import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  BadUserInputError,
  DockgraphError,
  LimitExceededError,
  TimeoutError,
} from '../../common/errors.ts';
import { sendProblem, toHttpProblem } from '../error-reply.ts';
import type { Tuning } from '../tuning.ts';

const RETRY_AFTER_SECONDS = 5;

/** Enough archives are under way on this host. */
export class HostBusyError extends LimitExceededError {
  override readonly retryable = true;
  readonly status = 429;

  constructor(host: string, limit: number) {
    super(`${limit} archives are under way on ${host} already; try again later`, { host });
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

/** Answers with what went wrong, and with how far the archive had come. */
export function sendArchiveProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  { tuning, ...progress }: { tuning: Tuning; bytesReceived?: number },
): FastifyReply {
  const problem = toHttpProblem(error, request.id, tuning);
  if (error instanceof HostBusyError) void reply.header('retry-after', `${RETRY_AFTER_SECONDS}`);
  const status =
    error instanceof DockgraphError && 'status' in error ? Number(error.status) : problem.status;
  const facts =
    error instanceof DockgraphError
      ? { ...error.details, ...(error.host && { host: error.host }), retryable: error.retryable }
      : {};
  const extensions = { ...problem.error.extensions, ...facts, ...progress };
  return sendProblem(request, reply, { status, error: { ...problem.error, extensions } });
}
