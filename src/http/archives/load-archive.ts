import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  BadUserInputError,
  CancelledError,
  DockgraphError,
  EngineError,
} from '../../common/errors.ts';
import { assertAnnounced } from '../../common/announced-digest.ts';
import type { Fleet, HostRecord } from '../../fleet/fleet.ts';
import { canonicalReference, parseReference } from '../../registry/reference.ts';
import { untilShown } from '../../fleet/until-shown.ts';
import { ArchiveGate } from '../../archive/archive-gate.ts';
import { ClientSilentError } from './archive-errors.ts';
import { ByteMeter } from './byte-meter.ts';
import { watchClient } from './client-watch.ts';
import { decompressionError, decompressor, sniff } from './compression.ts';
import type { Compression } from './compression.ts';
import type { Transfer } from './transfer.ts';
import { feed } from './upload-source.ts';

/** What is to be taken. */
export interface LoadOrder {
  fleet: Fleet;
  host: HostRecord;
  /** Null: the bytes tell. */
  compression: Compression | null;
  /** Hex; null where the client announced none. */
  sha256: string | null;
  maxBytes: number;
  idleMs: number;
}

/** One image that an upload brought. */
export interface LoadedImage {
  /** As docker prints it; null for an image without a name. */
  reference: string | null;
  engineId: string;
}

/** What an upload brought. */
export interface LoadAnswer {
  loaded: LoadedImage[];
  /** As they came. */
  bytes: number;
  /** Of these bytes, in hex. */
  sha256: string;
}

/** An upload that failed, and how far it had come. */
export class UploadError extends Error {
  readonly bytesReceived: number;

  constructor(cause: unknown, bytesReceived: number) {
    super('upload failed', { cause });
    this.bytesReceived = bytesReceived;
  }
}

/**
 * Streams an archive from a client into an engine, as fast as the slower of the two and without a
 * copy on disk. Until everything about it is proven the engine does not see its end, and a request
 * that breaks off before its end loads nothing. Resolves when the inventory shows the images.
 */
export async function loadArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  transfer: Transfer,
  order: LoadOrder,
): Promise<LoadAnswer> {
  const { host, fleet, idleMs, maxBytes } = order;
  const meter = new ByteMeter(maxBytes);
  const onClose = () => transfer.end(new CancelledError('The client has gone'));
  reply.raw.once('close', onClose);
  const unwatch = watchClient({
    idleMs,
    bytes: () => meter.bytes,
    waitsForClient: () => !request.raw.complete && !meter.writableNeedDrain,
    onIdle: () => meter.destroy(new ClientSilentError(idleMs)),
  });
  let problem: unknown;
  let facts: Record<string, unknown> = {};
  try {
    feed(request.raw, meter);
    const said = await load(meter, transfer.signal, order);
    const loaded = await namesAndIds(host, said, transfer.signal);
    await untilShown(fleet, host.config.name, transfer.signal, ({ images, tags }) =>
      loaded.every(({ reference, engineId }) =>
        reference === null ? images.has(engineId) : tags.get(canonical(reference))?.id === engineId,
      ),
    );
    facts = { images: loaded.map(({ reference, engineId }) => reference ?? engineId) };
    return { loaded, bytes: meter.bytes, sha256: meter.digest.toString('hex') };
  } catch (error) {
    problem = transfer.reason ?? error;
    throw new UploadError(problem, meter.bytes);
  } finally {
    unwatch();
    reply.raw.off('close', onClose);
    meter.destroy();
    transfer.record({ bytes: meter.bytes, error: problem, facts });
  }
}

async function load(
  meter: ByteMeter,
  signal: AbortSignal,
  { host, compression, sha256 }: LoadOrder,
): Promise<{ references: string[]; ids: string[] }> {
  // Whatever breaks it while nobody reads it is found by whoever reads next.
  meter.on('error', () => {});
  const kind = compression ?? (await sniff(meter));
  const gate = new ArchiveGate(() =>
    assertAnnounced({ bytes: meter.bytes, actual: meter.digest.toString('hex'), expected: sha256 }),
  );
  let broken: unknown;
  const passed = pipeline([meter, ...decompressor(kind), gate]).catch((error: Error) => {
    broken = decompressionError(error, kind);
  });
  try {
    const said = await host.engine.verbs.loadImages(gate, { signal });
    if (gate.isProven) return said;
    const { name } = host.config;
    throw new EngineError(`${name} answered before the end of the archive`, { host: name });
  } catch (error) {
    // The load ends because of what broke it, or breaks what is still on its way.
    await passed;
    throw isCause(broken) ? broken : error;
  }
}

/** Whether the upload broke by itself, not because nobody took it any more. */
function isCause(broken: unknown): boolean {
  const { code } = (broken ?? {}) as NodeJS.ErrnoException;
  if (broken === undefined || code === 'ERR_STREAM_PREMATURE_CLOSE') return false;
  return broken instanceof DockgraphError;
}

/** Engines say "Loaded image" of tags that they could not set, too: so they are looked up. */
async function namesAndIds(
  { config, engine }: HostRecord,
  { references, ids }: { references: string[]; ids: string[] },
  signal: AbortSignal,
): Promise<LoadedImage[]> {
  const listings = await engine.listImages({ signal });
  const idOf = new Map<string, string>();
  for (const { id, tags } of listings) for (const tag of tags) idOf.set(canonical(tag), id);
  const missing = (what: string) =>
    new EngineError(`${config.name} said that it loaded ${what} and does not list it`, {
      host: config.name,
      retryable: false,
    });
  return [
    ...references.map((reference) => {
      const engineId = idOf.get(canonical(reference));
      if (engineId === undefined) throw missing(reference);
      return { reference, engineId };
    }),
    ...ids.map((engineId) => {
      if (!listings.some(({ id }) => id === engineId)) throw missing(engineId);
      return { reference: null, engineId };
    }),
  ];
}

function canonical(reference: string): string {
  return canonicalReference(parseReference(reference));
}

/** A body is needed, however long. */
export function assertBody({ headers }: FastifyRequest): void {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0) return;
  throw new BadUserInputError('the archive is missing: send it as the body of the request');
}
