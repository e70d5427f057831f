import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DocumentNode, FormattedExecutionResult } from 'graphql';
import { BadUserInputError, LimitExceededError } from '../common/errors.ts';
import type { Session } from './auth.ts';
import { EventStream } from './event-stream.ts';
import type { Carries, OperationRequest } from './operation-gate.ts';
import { RequestLife } from './request-life.ts';
import type { ServerParts } from './server-parts.ts';
import { openSubscription } from './subscription-stream.ts';

const OVER_POST: Carries = {
  kinds: new Set(['query', 'mutation', 'subscription']),
  advice: 'send it to /graphql',
};

// What a link or an image of a foreign page can send must not change anything.
const OVER_GET: Carries = { kinds: new Set(['query', 'subscription']), advice: 'send it by POST' };

/**
 * GraphQL over server-sent events in "distinct connections" mode: one operation for each request,
 * answered by `next` events and one `complete`. What is wrong with the request itself is answered
 * with plain JSON and a status, since nothing of a stream exists by then.
 */
export class EventStreams {
  readonly #parts: ServerParts;
  readonly #open = new Set<{ session: Session; finish: () => void }>();
  #requests = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    parts.authenticator.onReplaced(() => {
      for (const { session, finish } of this.#open) if (!session.isValid()) finish();
    });
  }

  /** Ends every stream with a final `complete`. */
  finishAll(): void {
    for (const { finish } of this.#open) finish();
  }

  /** Handles a request to `/graphql/stream`, to its end. */
  async handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { origins, tuning } = this.#parts;
    origins.assertAcceptable(request.raw);
    if (this.#requests >= tuning.maxStreams) {
      throw new LimitExceededError(`${tuning.maxStreams} event streams are open already`);
    }
    this.#requests++;
    try {
      return await this.#answer(request, reply);
    } finally {
      this.#requests--;
    }
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { api, apollo, gate, tuning } = this.#parts;
    const get = request.method === 'GET';
    const operation = readOperation(get ? request.query : request.body, get);
    const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
    const span = { timeoutMs: this.#parts.requestTimeoutMs, graceMs: tuning.deadlineGraceMs };
    const life = new RequestLife(reply.raw, span, giveUp);
    const { session, id: requestId } = request;
    const context = api.contextFor({ viewer: session.viewer, requestId, signal: life.signal });
    const carries = get ? OVER_GET : OVER_POST;
    const admission = await Promise.race([
      gate.admit(apollo, operation, context, carries),
      givenUp,
    ]);
    if (admission.kind === 'subscription') {
      life.release();
      return this.#subscribe(request, reply, { ...operation, document: admission.document });
    }
    if (admission.status >= 400) return sendResult(reply, admission.status, admission.result);
    return this.#stream(request, reply, single(admission.result));
  }

  async #subscribe(
    request: FastifyRequest,
    reply: FastifyReply,
    operation: OperationRequest & { document: DocumentNode },
  ): Promise<FastifyReply> {
    const { api, logger, metrics } = this.#parts;
    const { viewer } = request.session;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const opened = await openSubscription(
      api,
      logger,
      { ...operation, viewer, requestId: request.id, signal: gone.signal },
      () => metrics.subscriptionEnded('sse'),
    );
    if ('refused' in opened) {
      if (opened.badRequest) return sendResult(reply, 400, opened.refused);
      return this.#stream(request, reply, single(opened.refused));
    }
    metrics.subscriptionStarted('sse');
    return this.#stream(request, reply, opened);
  }

  async #stream(
    { session }: FastifyRequest,
    reply: FastifyReply,
    results: AsyncGenerator<FormattedExecutionResult, undefined>,
  ): Promise<FastifyReply> {
    const { tuning } = this.#parts;
    const finish = () => void results.return(undefined);
    const entry = { session, finish };
    this.#open.add(entry);
    reply.hijack();
    const { raw } = reply;
    raw.once('close', finish);
    if (raw.destroyed || this.#parts.isDraining()) finish();
    try {
      const stream = new EventStream(raw, reply.getHeaders(), {
        pingMs: tuning.streamPingMs,
        stallMs: tuning.streamStallMs,
      });
      for await (const result of results) {
        if (!(await stream.send('next', JSON.stringify(result)))) break;
      }
      await stream.send('complete', '');
      stream.end();
    } finally {
      finish();
      this.#open.delete(entry);
    }
    return reply;
  }
}

async function* single(
  result: FormattedExecutionResult,
): AsyncGenerator<FormattedExecutionResult, undefined> {
  yield result;
}

function sendResult(
  reply: FastifyReply,
  status: number,
  result: FormattedExecutionResult,
): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(result));
}

function readOperation(source: unknown, fromUrl: boolean): OperationRequest {
  if (!isRecord(source)) throw new BadUserInputError('The body must be a JSON object');
  const { query, operationName } = source;
  if (typeof query !== 'string' || query === '') {
    throw new BadUserInputError('`query` must be a non-empty string');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw new BadUserInputError('`operationName` must be a string');
  }
  return { query, operationName, variables: readVariables(source['variables'], fromUrl) };
}

function readVariables(variables: unknown, fromUrl: boolean): Record<string, unknown> | undefined {
  if (variables === undefined || variables === null) return undefined;
  const value = fromUrl && typeof variables === 'string' ? parseJson(variables) : variables;
  if (!isRecord(value)) {
    throw new BadUserInputError(`\`variables\` must be ${fromUrl ? 'a JSON' : 'an'} object`);
  }
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
