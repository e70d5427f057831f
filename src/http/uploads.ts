import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BadUserInputError } from '../common/errors.ts';
import { UploadsFullError, UploadTooLargeError } from '../uploads/upload-errors.ts';
import type { Upload, UploadStore } from '../uploads/upload-store.ts';
import { BusyError, sendArchiveProblem } from './archives/archive-errors.ts';
import { UploadError } from './archives/load-archive.ts';
import { Transfers } from './archives/transfers.ts';
import type { TransferOptions } from './archives/transfer.ts';
import type { RawBodies, RawRouteOptions } from './raw-bodies.ts';
import type { ServerParts } from './server-parts.ts';
import { announcedUpload, receiveUpload } from './uploads/receive-upload.ts';

interface UploadParams {
  id: string;
}

/**
 * Adds `/uploads`: tars that clients send ahead, for `buildImage` and `importImage` to name.
 * docs/uploads.md tells users of it.
 */
export function addUploadRoutes(
  app: FastifyInstance,
  parts: ServerParts,
  uploads: UploadStore,
  { bodies, onRequest }: RawRouteOptions,
): void {
  const routes = new Uploads(parts, uploads, bodies);
  void app.register(async (scope) => {
    bodies.routes(scope);
    scope.post('/uploads', { onRequest }, (request, reply) => routes.add(request, reply));
    // As curl sends a file where nobody says how.
    for (const [method, url] of [
      ['PUT', '/uploads'],
      ['PUT', '/uploads/*'],
      ['POST', '/uploads/*'],
    ] as const) {
      const handler = (request: FastifyRequest, reply: FastifyReply) =>
        routes.explain(request, reply);
      scope.route({ method, url, onRequest, handler });
    }
    scope.route<{ Params: UploadParams }>({
      method: ['GET', 'HEAD'],
      url: '/uploads/:id',
      onRequest,
      handler: (request, reply) => routes.show(request.params.id, request, reply),
    });
    scope.delete<{ Params: UploadParams }>('/uploads/:id', { onRequest }, (request, reply) =>
      routes.remove(request.params.id, request, reply),
    );
  });
}

class Uploads {
  readonly #parts: ServerParts;
  readonly #uploads: UploadStore;
  readonly #bodies: RawBodies;
  readonly #underWay: Transfers;

  constructor(parts: ServerParts, uploads: UploadStore, bodies: RawBodies) {
    this.#parts = parts;
    this.#uploads = uploads;
    this.#bodies = bodies;
    this.#underWay = new Transfers(parts);
  }

  async add(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { metrics, tuning } = this.#parts;
    try {
      const announced = announcedUpload(request);
      const most = tuning.maxUploads;
      if (this.#underWay.size >= most) throw new BusyError(`${most} uploads are under way already`);
      const options: TransferOptions = {
        what: 'upload',
        about: {},
        started: () => metrics.uploadStarted(),
        ended: (report) => metrics.uploadEnded(report),
      };
      const upload = await this.#underWay.run(request, reply, options, (transfer) =>
        receiveUpload(request, reply, transfer, {
          uploads: this.#uploads,
          announced,
          idleMs: tuning.archiveIdleMs,
          begin: () => this.#bodies.begin(request, reply),
        }),
      );
      return await reply.code(201).header('location', `/uploads/${upload.id}`).send(told(upload));
    } catch (error) {
      return this.#refuse(request, reply, error);
    } finally {
      this.#bodies.end(request);
    }
  }

  /** Says how it is done, to who sends a tar in another way. */
  explain(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = new BadUserInputError(
      'a tar is sent by POST to /uploads, and gets its id there: curl -X POST -T FILE …/uploads',
    );
    const { tuning } = this.#parts;
    const isHere = request.routeOptions.url === '/uploads';
    void reply.header('allow', isHere ? 'POST' : 'GET, HEAD, DELETE');
    return sendArchiveProblem(request, reply, error, { tuning, status: 405 });
  }

  async show(id: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    try {
      const upload = await this.#uploads.find(id, request.session.viewer.name);
      return await reply.header('cache-control', 'no-store').send(told(upload));
    } catch (error) {
      return this.#refuse(request, reply, error);
    }
  }

  async remove(id: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    try {
      const { name } = request.session.viewer;
      await this.#uploads.remove(id, name);
      this.#parts.logger.info(
        { requestId: request.id, viewer: name, upload: id },
        'upload removed',
      );
      return await reply.code(204).send();
    } catch (error) {
      return this.#refuse(request, reply, error);
    }
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    const { tuning } = this.#parts;
    const cause = error instanceof UploadError ? error.cause : error;
    return sendArchiveProblem(request, reply, cause, {
      tuning,
      status: statusOf(cause),
      ...(error instanceof UploadError && { bytesReceived: error.bytesReceived }),
    });
  }
}

/** Where it is another than the error's code has elsewhere. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof UploadTooLargeError) return 413;
  return error instanceof UploadsFullError ? 507 : undefined;
}

function told({ id, bytes, sha256, expiresAt }: Upload) {
  return { id, bytes, sha256, expiresAt: new Date(expiresAt).toISOString() };
}
