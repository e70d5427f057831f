import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
import type { Transfer, TransferOptions } from './archives/transfer.ts';
import { Transfers } from './archives/transfers.ts';
import type { RawBodies, RawRouteOptions } from './raw-bodies.ts';
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
  { bodies, onRequest }: RawRouteOptions,
): void {
  const archives = new Archives(parts, fleet, bodies);
  void app.register(async (scope) => {
    bodies.routes(scope);
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
  readonly #parts: ServerParts;
  readonly #fleet: Fleet;
  readonly #bodies: RawBodies;
  readonly #slots: ArchiveSlots;
  readonly #underWay: Transfers;

  constructor(parts: ServerParts, fleet: Fleet, bodies: RawBodies) {
    this.#parts = parts;
    this.#bodies = bodies;
    this.#underWay = new Transfers(parts);
    this.#fleet = fleet;
    this.#slots = new ArchiveSlots(parts.tuning.maxArchivesPerHost);
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
        this.#bodies.begin(request, reply);
        return loadArchive(request, reply, transfer, order);
      });
      return await reply.code(201).send(answer);
    } catch (error) {
      return this.#refuse(request, reply, error);
    } finally {
      this.#bodies.end(request);
    }
  }

  async #run<T>(
    host: string,
    direction: 'save' | 'load',
    request: FastifyRequest,
    reply: FastifyReply,
    work: (transfer: Transfer) => Promise<T>,
  ): Promise<T> {
    const { metrics } = this.#parts;
    const release = this.#slots.take(host);
    const options: TransferOptions = {
      what: `archive ${direction}`,
      about: { host },
      started: () => metrics.archiveStarted(),
      ended: (report) => metrics.archiveEnded({ ...report, host, direction }),
    };
    try {
      return await this.#underWay.run(request, reply, options, work);
    } finally {
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
