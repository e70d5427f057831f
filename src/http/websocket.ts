import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FormattedExecutionResult } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { Context } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { LimitExceededError, NotFoundError, UnauthenticatedError } from '../common/errors.ts';
import type { Viewer } from '../graphql/api.ts';
import type { Session } from './auth.ts';
import { toHttpProblem } from './error-reply.ts';
import type { Carries } from './operation-gate.ts';
import { assertLoopbackHost } from './origin.ts';
import { PresentedError } from './present-error.ts';
import { requestIdOf } from './request-id.ts';
import type { ServerParts } from './server-parts.ts';
import { openSubscription } from './subscription-stream.ts';
import { adaptSocket, truncateReason } from './websocket-adapter.ts';

interface Connection {
  socket: WebSocket;
  request: IncomingMessage;
  requestId: string;
  session?: Session;
  /** Aborts when the connection has gone. */
  gone: AbortController;
  operations: number;
  /** Whether anything came since the last ping. */
  alive: boolean;
}

/** What `onSubscribe` tells `subscribe`. */
interface Opening {
  connection: Connection;
  viewer: Viewer;
  requestId: string;
}

const SUBSCRIPTIONS_ONLY: Carries = {
  kinds: new Set(['subscription']),
  advice: 'the WebSocket carries subscriptions only, send it by POST to /graphql',
};

/** Subscriptions over the `graphql-transport-ws` protocol. */
export class SubscriptionSockets {
  readonly #parts: ServerParts;
  readonly #connections = new Set<Connection>();
  readonly #protocol;
  readonly #sockets: WebSocketServer;
  readonly #pinger: NodeJS.Timeout;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const { authenticator, tuning } = parts;
    this.#protocol = this.#makeProtocol();
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: tuning.maxBodyBytes,
      perMessageDeflate: false,
      handleProtocols,
    });
    this.#pinger = setInterval(() => this.#ping(), tuning.socketPingMs);
    authenticator.onReplaced(() => {
      for (const { session, socket } of this.#connections) {
        if (session && !session.isValid()) {
          socket.close(CloseCode.Unauthorized, 'The token was withdrawn');
        }
      }
    });
  }

  /** Handles an HTTP server's `upgrade` event. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { authenticator, logger, origins, tuning } = this.#parts;
    const requestId = requestIdOf(request);
    if (this.#parts.isDraining()) return refuse(socket, 503, '');
    socket.on('error', (error) => logger.debug({ err: error }, 'WebSocket upgrade failed'));
    try {
      if (URL.parse(request.url ?? '/', 'ws://localhost')?.pathname !== '/graphql') {
        throw new NotFoundError('The WebSocket is at /graphql');
      }
      if (!authenticator.required) assertLoopbackHost(request);
      origins.assertAcceptable(request);
      if (this.#connections.size >= tuning.maxSockets) {
        throw new LimitExceededError(`${tuning.maxSockets} WebSockets are open already`);
      }
    } catch (error) {
      const { status, error: shown } = toHttpProblem(error, requestId, tuning);
      logger.info({ requestId, status, reason: shown.message }, 'WebSocket refused');
      return refuse(socket, status, JSON.stringify({ errors: [shown] }));
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      const gone = new AbortController();
      this.#connect({ socket: opened, request, requestId, gone, operations: 0, alive: true });
    });
  };

  /** Says goodbye to every client; their libraries come back to the next server by themselves. */
  async close(): Promise<void> {
    clearInterval(this.#pinger);
    const closed = new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
    for (const { socket } of this.#connections) socket.close(1001, 'Going away');
    await closed;
  }

  /** Cuts the connections that are still there. */
  terminate(): void {
    for (const { socket } of this.#connections) socket.terminate();
  }

  #connect(connection: Connection): void {
    const { logger: parent, tuning } = this.#parts;
    const { socket, requestId } = connection;
    const logger = parent.child({ requestId });
    this.#connections.add(connection);
    const markAlive = () => {
      connection.alive = true;
    };
    socket.on('pong', markAlive);
    socket.on('message', markAlive);
    // A broken or oversized frame; ws closes the connection with the fitting code itself.
    socket.on('error', (error) => logger.info({ err: error }, 'WebSocket broke'));
    const adapter = adaptSocket(socket, {
      logger,
      maxBacklogBytes: tuning.maxSocketBacklogBytes,
      onGone: () => connection.gone.abort(),
    });
    const closed = this.#protocol.opened(adapter, connection);
    socket.once('close', (code, reason) => {
      this.#connections.delete(connection);
      connection.gone.abort();
      void closed(code, reason.toString());
    });
  }

  #ping(): void {
    for (const connection of this.#connections) {
      if (!connection.alive) {
        connection.socket.terminate();
        continue;
      }
      connection.alive = false;
      if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping();
    }
  }

  #makeProtocol() {
    const { api, apollo, gate, logger, metrics, tuning } = this.#parts;
    return makeServer<Record<string, unknown>, Connection>({
      connectionInitWaitTimeout: tuning.socketInitMs,
      onConnect: (context) => this.#authenticate(context),
      onSubscribe: async ({ extra, subscriptions }, _id, payload) => {
        const { session } = extra;
        if (!session?.isValid()) return [refusal(new UnauthenticatedError('The token is gone'))];
        const { maxSubscriptionsPerSocket: most } = tuning;
        if (Object.keys(subscriptions).length > most) {
          return [
            refusal(new LimitExceededError(`${most} subscriptions are open on this connection`)),
          ];
        }
        const requestId = `${extra.requestId}/${++extra.operations}`;
        const { viewer } = session;
        const context = api.contextFor({ viewer, requestId, signal: extra.gone.signal });
        const admission = await gate.admit(apollo, payload, context, SUBSCRIPTIONS_ONLY);
        if (admission.kind === 'result') {
          return (admission.result.errors ?? []).map((error) => new PresentedError(error));
        }
        return {
          schema: api.schema,
          document: admission.document,
          operationName: payload.operationName ?? null,
          variableValues: payload.variables ?? null,
          contextValue: { connection: extra, viewer, requestId } satisfies Opening,
        };
      },
      subscribe: async ({ document, operationName, variableValues, contextValue }) => {
        const { connection, viewer, requestId } = contextValue as Opening;
        const opened = await openSubscription(
          api,
          logger,
          {
            document,
            operationName,
            variables: variableValues,
            viewer,
            requestId,
            signal: connection.gone.signal,
          },
          () => metrics.subscriptionEnded('websocket'),
        );
        if ('refused' in opened) {
          const errors = opened.refused.errors ?? [];
          return { errors: errors.map((error) => new PresentedError(error)) };
        }
        metrics.subscriptionStarted('websocket');
        return opened as AsyncGenerator<never>;
      },
      // Presented already.
      onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    });
  }

  #authenticate({ connectionParams, extra }: Context<Record<string, unknown>, Connection>) {
    const { authenticator, logger } = this.#parts;
    try {
      extra.session = authenticator.open(
        authorizationOf(connectionParams) ?? extra.request.headers.authorization,
      );
      return true;
    } catch (error) {
      if (!(error instanceof UnauthenticatedError)) throw error;
      logger.info({ requestId: extra.requestId, reason: error.message }, 'WebSocket refused');
      // Before graphql-ws closes with 4403, on which its clients would try again for ever.
      extra.socket.close(CloseCode.Unauthorized, truncateReason(error.message));
      return false;
    }
  }
}

// GraphiQL sends the headers as its user typed them.
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): unknown {
  for (const [key, value] of Object.entries(params ?? {})) {
    if (key.toLowerCase() === 'authorization') return value;
  }
  return undefined;
}

function refusal(error: UnauthenticatedError | LimitExceededError): PresentedError {
  return new PresentedError({ message: error.message, extensions: { code: error.code } });
}

function refuse(socket: Duplex, status: number, body: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'connection: close\r\ncontent-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
