import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { NotFoundError } from '../common/errors.ts';
import { addArchiveRoutes } from './archives.ts';
import type { Session } from './auth.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { problemHandler, sendProblem, toHttpProblem } from './error-reply.ts';
import { addGraphiqlRoutes, GRAPHIQL_FOLDER } from './graphiql-assets.ts';
import { addHealthRoutes } from './health.ts';
import { assertLoopbackHost } from './origin.ts';
import { RawBodies } from './raw-bodies.ts';
import { requestIdOf } from './request-id.ts';
import { RequestLife, WatchedRequest } from './request-life.ts';
import type { ServerOptions } from './server-options.ts';
import type { ServerParts } from './server-parts.ts';
import type { EventStreams } from './sse.ts';
import { addUploadRoutes } from './uploads.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set on routes that ask for a token. */
    session: Session;
    /** Set on `/graphql`. */
    life: RequestLife;
  }
}

/** The HTTP application: all routes, without what is not HTTP. */
export function createFastify(
  parts: ServerParts,
  streams: EventStreams,
  options: Pick<
    ServerOptions,
    'fleet' | 'fleetHealth' | 'graphiqlFolder' | 'readiness' | 'uploads' | 'version'
  >,
): FastifyInstance {
  const { authenticator, isDraining, logger, tuning } = parts;
  const app = fastify({
    // Ours is used where something is worth a line. Fastify's would cost every request two more
    // listeners and a child logger.
    logger: false,
    genReqId: requestIdOf,
    bodyLimit: tuning.maxBodyBytes,
    requestTimeout: tuning.receiveTimeoutMs,
    http: {
      headersTimeout: tuning.headersTimeoutMs,
      // How often Node looks for clients that take too long; half a minute by default.
      connectionsCheckingInterval: Math.min(5_000, tuning.headersTimeoutMs),
      // Other upgrades, such as curl's to HTTP/2, are offers: the request is answered as it is.
      shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ''),
    },
    exposeHeadRoutes: false,
    // What comes over a connection that is open yet when we close is answered like any other.
    return503OnClosing: false,
  });
  // Only JSON is ever taken; whatever else a form can send is answered 415.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('session');
  app.decorateRequest('life');
  app.setErrorHandler(problemHandler(logger, tuning));
  app.setNotFoundHandler((request, reply) => {
    const error = new NotFoundError(`There is nothing at ${request.method} ${request.url}`);
    return sendProblem(request, reply, toHttpProblem(error, request.id, tuning));
  });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    if (!authenticator.required) assertLoopbackHost(request.raw);
    done();
  });
  addHealthRoutes(app, { ...options, isDraining });
  addGraphiqlRoutes(app, options.graphiqlFolder ?? GRAPHIQL_FOLDER);
  addGraphqlRoutes(app, parts, streams);
  addMetricsRoute(app, parts);
  const raw = {
    bodies: new RawBodies(app, parts),
    onRequest: [requireToken(parts), refusePages(parts)],
  };
  if (options.fleet) addArchiveRoutes(app, parts, options.fleet, raw);
  if (options.uploads) addUploadRoutes(app, parts, options.uploads, raw);
  return app;
}

// A page can make a browser send a GET or a plain POST anywhere; reading an image costs its host
// minutes, and an upload our disk.
function refusePages({ origins }: ServerParts): onRequestHookHandler {
  return (request, _reply, done) => {
    origins.assertAcceptable(request.raw);
    done();
  };
}

function addGraphqlRoutes(app: FastifyInstance, parts: ServerParts, streams: EventStreams): void {
  const { api, apollo, isDraining, logger, origins, requestTimeoutMs, tuning } = parts;
  const execute = fastifyApolloHandler(apollo, {
    context: async ({ session, id, life }) =>
      api.contextFor(new WatchedRequest(session.viewer, id, life)),
  });
  const timing = { timeoutMs: requestTimeoutMs, graceMs: tuning.deadlineGraceMs };
  const openSession = requireToken(parts);
  // One for both: each hook of a route costs every request a little.
  const onRequest: onRequestHookHandler = function (request, reply, done) {
    setCorsHeaders(origins, request, reply);
    openSession.call(this, request, reply, done);
  };
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    request.life = new RequestLife(reply.raw, timing, (reason) => {
      logger.warn({ requestId: request.id }, 'request given up');
      void sendProblem(request, reply, toHttpProblem(reason, request.id, tuning));
    });
    const body = await execute.call(app, request, reply);
    if (isDraining()) void reply.header('connection', 'close');
    return reply.sent ? reply : body;
  };
  app.post('/graphql', { onRequest }, handler);
  app.get('/graphql', { onRequest: [sendBrowsersToGraphiql, onRequest] }, handler);
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql/stream',
    onRequest,
    handler: (request, reply) => streams.handle(request, reply),
  });
  for (const url of ['/graphql', '/graphql/stream']) {
    app.options(url, (request, reply) => answerPreflight(origins, request, reply));
  }
}

// Somebody who types the endpoint's address wants to look at it.
const sendBrowsersToGraphiql: onRequestHookHandler = (request, reply, done) => {
  void reply.header('vary', 'Accept').header('cache-control', 'no-store');
  if (request.headers.accept?.includes('text/html')) void reply.redirect('/', 303);
  else done();
};

function addMetricsRoute(app: FastifyInstance, parts: ServerParts): void {
  const { registry } = parts.metrics;
  app.get('/metrics', { onRequest: requireToken(parts) }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

// Before the body is read: nobody without a token makes us take in a megabyte.
function requireToken({ authenticator }: ServerParts): onRequestHookHandler {
  return (request, _reply, done) => {
    request.session = authenticator.open(request.headers.authorization);
    done();
  };
}
