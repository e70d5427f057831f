import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { UnauthenticatedError } from '../common/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { ArchiveTooLargeError, sendArchiveProblem } from './archives/archive-errors.ts';
import {
  announcedDigest,
  archiveHost,
  wantedCompression,
  wantedImages,
} from './archives/archive-request.ts';
import { ArchiveSlots } from './archives/archive-slots.ts';
import { compressionOf } from './archives/compression.ts';
import { assertBody, loadArchive, UploadError } from './archives/load-archive.ts';
import { assertChunks, saveArchive } from './archives/save-archive.ts';
import { Transfer } from './archives/transfer.ts';
import { linger } from './archives/upload-source.ts';
import type { ServerParts } from './server-parts.ts';

interface ArchiveParams {
  host: string;
}

/**
 * Adds `/archives/{host}`: docker save by GET and docker load by PUT, for scripts. Streams pass
 * straight between client and engine; docs/archives.md tells users of it.
 */
export function addArchiveRoutes(
  app: FastifyInstance,
  parts: ServerParts,
  fleet: Fleet,
  requireToken: onRequestHookHandler,
): void {
  const archives = new Archives(parts, fleet);
  const onRequest: onRequestHookHandler[] = [
    requireToken,
    // A page can make a browser send a GET anywhere, and reading an image costs its host minutes.
    (request, _reply, done) => {
      parts.origins.assertAcceptable(request.raw);
      done();
    },
  ];
  letUploadsTakeTheirTime(app, archives);
  void app.register(async (scope) => {
    // Nobody but us reads these bodies.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('onSend', async (request, reply) => {
      if (request.method === 'PUT' && !request.raw.complete && !parts.isDraining()) {
        void reply.removeHeader('connection');
        linger(request.raw, reply.raw, parts.tuning.archiveLingerMs);
      }
    });
    const url = '/archives/:host';
    scope.get<{ Params: ArchiveParams }>(url, { onRequest }, (request, reply) =>
      archives.save(request.params.host, request, reply),
    );
    scope.put<{ Params: ArchiveParams }>(url, { onRequest }, (request, reply) =>
      archives.load(request.params.host, request, reply),
    );
  });
}

class Archives {
  /** Connections that carry an upload now. */
  readonly uploads = new WeakSet<Socket>();
  readonly #parts: ServerParts;
  readonly #fleet: Fleet;
  readonly #slots: ArchiveSlots;
  readonly #underWay = new Set<Transfer>();

  constructor(parts: ServerParts, fleet: Fleet) {
    this.#parts = parts;
    this.#fleet = fleet;
    this.#slots = new ArchiveSlots(parts.tuning.maxArchivesPerHost);
    parts.authenticator.onReplaced(() => {
      for (const transfer of this.#underWay) {
        if (transfer.session.isValid()) continue;
        transfer.end(new UnauthenticatedError('The token is not valid any more'));
      }
    });
  }

  async save(name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    try {
      assertChunks(request.raw);
      const host = archiveHost(this.#fleet, name);
      const images = wantedImages(host, request.query);
      const compression = wantedCompression(request.query);
      const idleMs = this.#parts.tuning.archiveIdleMs;
      const order = { host, images, compression, idleMs };
      await this.#run(name, 'save', request, reply, (transfer) =>
        saveArchive(request, reply, transfer, order),
      );
      return reply;
    } catch (error) {
      return this.#refuse(request, reply, error);
    }
  }

  async load(name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { tuning } = this.#parts;
    try {
      const host = archiveHost(this.#fleet, name);
      assertBody(request);
      const order = {
        fleet: this.#fleet,
        host,
        compression: compressionOf(request.headers['content-type']),
        sha256: announcedDigest(request.query, request.headers),
        maxBytes: tuning.maxArchiveBytes,
        idleMs: tuning.archiveIdleMs,
      };
      if (Number(request.headers['content-length']) > tuning.maxArchiveBytes) {
        throw new ArchiveTooLargeError(tuning.maxArchiveBytes);
      }
      const answer = await this.#run(name, 'load', request, reply, (transfer) => {
        this.uploads.add(request.raw.socket);
        // Only now: whoever waited for it has not sent what we would have refused.
        if (expectsContinue(request.raw)) reply.raw.writeContinue();
        return loadArchive(request, reply, transfer, order);
      });
      return await reply.code(201).send(answer);
    } catch (error) {
      return this.#refuse(request, reply, error);
    } finally {
      this.uploads.delete(request.raw.socket);
    }
  }

  async #run<T>(
    host: string,
    direction: 'save' | 'load',
    { id: requestId, session }: FastifyRequest,
    reply: FastifyReply,
    work: (transfer: Transfer) => Promise<T>,
  ): Promise<T> {
    const release = this.#slots.take(host);
    const transfer = new Transfer(this.#parts, { requestId, session, host, direction });
    this.#underWay.add(transfer);
    if (this.#parts.isDraining()) void reply.header('connection', 'close');
    try {
      return await work(transfer);
    } finally {
      this.#underWay.delete(transfer);
      release();
    }
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    const { tuning } = this.#parts;
    if (!(error instanceof UploadError)) {
      return sendArchiveProblem(request, reply, error, { tuning });
    }
    const { cause, bytesReceived } = error;
    return sendArchiveProblem(request, reply, cause, { tuning, bytesReceived });
  }
}

function isUpload({ method, url }: IncomingMessage): boolean {
  return method === 'PUT' && url?.startsWith('/archives/') === true;
}

function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.1' && /^100-continue$/i.test(headers.expect ?? '');
}

/** An archive takes as long as it takes; other requests must be received within seconds. */
function letUploadsTakeTheirTime({ server }: FastifyInstance, { uploads }: Archives): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!isUpload(request)) response.writeContinue();
    server.emit('request', request, response);
  });
  const others = server.listeners('clientError');
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && uploads.has(socket)) return;
    for (const listener of others) listener.call(server, error, socket);
  });
}
