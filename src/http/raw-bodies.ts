import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { linger } from './archives/upload-source.ts';
import type { ServerParts } from './server-parts.ts';

/** What routes with such bodies are added with. */
export interface RawRouteOptions {
  bodies: RawBodies;
  /** Who may come in. */
  onRequest: onRequestHookHandler[];
}

/** Requests whose bodies we read ourselves. */
const RAW = /^(?:PUT \/archives\/|(?:POST|PUT) \/uploads(?:[/?]|$))/;

/**
 * Bodies that pass as streams and take as long as they take, while other requests must be received
 * within seconds and are parsed before they are handled.
 */
export class RawBodies {
  readonly #parts: Pick<ServerParts, 'isDraining' | 'tuning'>;
  /** Connections that carry one now. */
  readonly #sockets = new WeakSet<Socket>();

  constructor({ server }: FastifyInstance, parts: Pick<ServerParts, 'isDraining' | 'tuning'>) {
    this.#parts = parts;
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (!isRaw(request)) response.writeContinue();
      server.emit('request', request, response);
    });
    const others = server.listeners('clientError');
    server.removeAllListeners('clientError');
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && this.#sockets.has(socket)) return;
      for (const listener of others) listener.call(server, error, socket);
    });
  }

  /** Prepares the scope of routes that read bodies themselves. */
  routes(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('onSend', async (request, reply) => {
      if (!isRaw(request.raw) || request.raw.complete || this.#parts.isDraining()) return;
      void reply.removeHeader('connection');
      linger(request.raw, reply.raw, this.#parts.tuning.archiveLingerMs);
    });
  }

  /**
   * Lets the body of a request come. Only now: whoever waited to be told has not sent what we would
   * have refused.
   */
  begin({ raw }: FastifyRequest, reply: FastifyReply): void {
    this.#sockets.add(raw.socket);
    if (expectsContinue(raw)) reply.raw.writeContinue();
  }

  /** The request was dealt with. */
  end({ raw }: FastifyRequest): void {
    this.#sockets.delete(raw.socket);
  }
}

function isRaw({ method, url }: IncomingMessage): boolean {
  return RAW.test(`${method} ${url}`);
}

function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.1' && /^100-continue$/i.test(headers.expect ?? '');
}
