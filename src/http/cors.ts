import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OriginPolicy } from './origin.ts';

const ALLOWED_HEADERS =
  'content-type, authorization, x-request-id, apollo-require-preflight, x-apollo-operation-name';

/** Lets pages of listed origins read our answers. Others get no header, so browsers refuse them. */
export function setCorsHeaders(
  policy: OriginPolicy,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (policy.isEmpty) return;
  void reply.header('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !policy.allows(origin)) return;
  void reply.header('access-control-allow-origin', origin);
  void reply.header('access-control-expose-headers', 'x-request-id, www-authenticate');
}

/** Answers a preflight request. */
export function answerPreflight(
  policy: OriginPolicy,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  setCorsHeaders(policy, request, reply);
  if (reply.hasHeader('access-control-allow-origin')) {
    void reply
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', ALLOWED_HEADERS)
      .header('access-control-max-age', '600');
  }
  return reply.code(204).send();
}
