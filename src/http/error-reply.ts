import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { DockgraphError, LimitExceededError } from '../common/errors.ts';
import type { ErrorCode } from '../common/errors.ts';
import type { Logger } from './logger.ts';
import type { Tuning } from './tuning.ts';

/** What an error is over HTTP. */
export interface HttpProblem {
  status: number;
  error: GraphQLFormattedError;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  AMBIGUOUS_REFERENCE: 409,
  CONFLICT: 409,
  DIGEST_MISMATCH: 422,
  ENGINE_UNSUPPORTED: 501,
  ENGINE_ERROR: 502,
  HOST_AUTH_FAILED: 502,
  HOST_UNREACHABLE: 502,
  LIMIT_EXCEEDED: 503,
  TIMEOUT: 504,
};

/** Whatever goes wrong outside of GraphQL execution, in the shape that GraphQL clients read. */
export function toHttpProblem(error: unknown, requestId: string, tuning: Tuning): HttpProblem {
  if (error instanceof DockgraphError) {
    return problem(STATUS[error.code] ?? 400, error.message, error.code);
  }
  const { code, statusCode, message } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = new LimitExceededError(`The body is larger than ${tuning.maxBodyBytes} bytes`);
    return problem(413, limit.message, limit.code);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return problem(statusCode, message ?? 'Bad request', 'BAD_REQUEST');
  }
  return {
    status: 500,
    error: {
      message: 'Internal error: the log has it under the request id',
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
    },
  };
}

/** Answers with an error. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, error }: HttpProblem,
): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="dockgraph"');
  // What was not read of the request would be taken for the next one's start.
  if (!request.raw.complete) void reply.header('connection', 'close');
  const graphql = request.headers.accept?.includes('application/graphql-response+json');
  return reply
    .code(status)
    .header(
      'content-type',
      `application/${graphql ? 'graphql-response+json' : 'json'}; charset=utf-8`,
    )
    .send(JSON.stringify({ errors: [error] }));
}

/** Fastify's error handler. */
export function problemHandler(logger: Logger, tuning: Tuning) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const found = toHttpProblem(error, request.id, tuning);
    const line = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      status: found.status,
    };
    if (found.status === 500) logger.error({ ...line, err: error }, 'request failed unexpectedly');
    else logger.info({ ...line, reason: found.error.message }, 'request refused');
    return sendProblem(request, reply, found);
  };
}

function problem(status: number, message: string, code: string): HttpProblem {
  return { status, error: { message, extensions: { code } } };
}
