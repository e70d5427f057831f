import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BadUserInputError, CancelledError } from '../../common/errors.ts';
import type { HostRecord } from '../../fleet/fleet.ts';
import { ClientSilentError } from './archive-errors.ts';
import type { WantedImage } from './archive-request.ts';
import { ByteMeter } from './byte-meter.ts';
import { watchClient } from './client-watch.ts';
import { ARCHIVE_TYPES, compressor } from './compression.ts';
import type { Compression } from './compression.ts';
import { openSave } from './open-save.ts';
import type { Transfer } from './transfer.ts';

/** What is to be sent. */
export interface SaveOrder {
  host: HostRecord;
  images: WantedImage[];
  compression: Compression;
  idleMs: number;
}

/**
 * HTTP/1.0 has no chunks: there an answer that broke off looks like one that ended.
 */
export function assertChunks({ httpVersion }: IncomingMessage): void {
  if (httpVersion !== '1.0') return;
  throw new BadUserInputError('archives are sent in chunks, which HTTP/1.0 does not have');
}

/**
 * Streams images from an engine to a client, as fast as the slower of the two. What goes wrong
 * before the first byte is thrown; afterwards the connection is destroyed, so that nobody takes half
 * an archive for a whole one.
 */
export async function saveArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  transfer: Transfer,
  { host, images, compression, idleMs }: SaveOrder,
): Promise<void> {
  const { raw } = reply;
  const meter = new ByteMeter();
  let problem: unknown;
  const onClose = () => {
    if (!raw.writableFinished) transfer.end(new CancelledError('The client has gone'));
  };
  raw.once('close', onClose);
  try {
    if (request.raw.destroyed && !request.raw.complete) onClose();
    const archive = await openSave(host, images, transfer.signal);
    reply.hijack();
    start(reply, host, images, compression);
    await send(archive, compression, meter, raw, transfer, idleMs);
  } catch (error) {
    problem = transfer.reason ?? error;
    if (!reply.sent) throw problem;
    raw.destroy();
  } finally {
    raw.off('close', onClose);
    const facts = { images: images.map(({ name }) => name), compression };
    transfer.record({ bytes: meter.bytes, error: problem, facts });
  }
}

function start(
  reply: FastifyReply,
  { config }: HostRecord,
  images: WantedImage[],
  compression: Compression,
): void {
  const { contentType, extension } = ARCHIVE_TYPES[compression];
  const [first] = images;
  const stem = `${config.name}-${images.length === 1 ? shortName(first!) : `${images.length}-images`}`;
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': contentType,
    'content-disposition': `attachment; filename="${stem.replace(/[^\w.-]+/g, '-')}.${extension}"`,
    'cache-control': 'no-store',
    trailer: 'Digest, Content-Digest',
  });
  // An engine may take minutes from here to its first byte.
  reply.raw.flushHeaders();
}

function shortName({ name, hostImage }: WantedImage): string {
  const tag = hostImage.tags.find(({ reference }) => reference === name);
  return tag?.familiarName ?? name.slice('sha256:'.length, 'sha256:'.length + 12);
}

async function send(
  archive: Readable,
  compression: Compression,
  meter: ByteMeter,
  raw: ServerResponse,
  transfer: Transfer,
  idleMs: number,
): Promise<void> {
  const unwatch = watchClient({
    idleMs,
    bytes: () => meter.bytes,
    waitsForClient: () => raw.writableNeedDrain || raw.writableEnded,
    onIdle: () => transfer.end(new ClientSilentError(idleMs)),
  });
  const { signal } = transfer;
  try {
    await pipeline([archive, ...compressor(compression), meter, raw], { end: false, signal });
    const digest = meter.digest.toString('base64');
    raw.addTrailers({ Digest: `sha-256=${digest}`, 'Content-Digest': `sha-256=:${digest}:` });
    raw.end();
    await finished(raw, { signal });
  } finally {
    unwatch();
  }
}
