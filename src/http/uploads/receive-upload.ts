import type { FastifyReply, FastifyRequest } from 'fastify';
import { BadUserInputError, CancelledError } from '../../common/errors.ts';
import type { Upload, UploadStore } from '../../uploads/upload-store.ts';
import { ClientSilentError, UnknownArchiveTypeError } from '../archives/archive-errors.ts';
import { announcedDigest } from '../archives/archive-request.ts';
import { ByteCounter } from '../archives/byte-counter.ts';
import { watchClient } from '../archives/client-watch.ts';
import { UploadError } from '../archives/load-archive.ts';
import type { Transfer } from '../archives/transfer.ts';
import { feed } from '../archives/upload-source.ts';

/** Types under which clients send tars; what it is the bytes tell. */
const TYPES = new Set([
  '',
  'application/octet-stream',
  // curl's, where it is given data instead of a file.
  'application/x-www-form-urlencoded',
  'application/tar',
  'application/x-tar',
  'application/gzip',
  'application/x-gzip',
  'application/x-bzip2',
  'application/x-xz',
  'application/zstd',
]);

/** What a client says of the tar that it is about to send. */
export interface AnnouncedUpload {
  /** Null where nobody knows. */
  bytes: number | null;
  /** Hex; null where none was announced. */
  sha256: string | null;
}

/**
 * Reads that from a request.
 * @throws UnknownArchiveTypeError, BadUserInputError
 */
export function announcedUpload({ query, headers }: FastifyRequest): AnnouncedUpload {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (!TYPES.has(type.trim().toLowerCase())) {
    throw new UnknownArchiveTypeError(
      `a tar is sent as it is, as application/x-tar or application/octet-stream, not as ${JSON.stringify(type.slice(0, 100))}`,
    );
  }
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && !(Number(length) > 0)) {
    throw new BadUserInputError('the tar is missing: send it as the body of the request');
  }
  const bytes = length === undefined ? null : Number(length);
  return { bytes, sha256: announcedDigest(query, headers) };
}

/** How an upload is taken. */
export interface ReceiveOptions {
  uploads: UploadStore;
  announced: AnnouncedUpload;
  idleMs: number;
  /** Called before the first byte is read, and not where there is no room. */
  begin: () => void;
}

/**
 * Takes a tar from a client into the store, as fast as the slower of the two.
 * @throws UploadError with what went wrong and how far it had come
 */
export async function receiveUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  transfer: Transfer,
  { uploads, announced, idleMs, begin }: ReceiveOptions,
): Promise<Upload> {
  const counter = new ByteCounter();
  const onClose = () => transfer.end(new CancelledError('The client has gone'));
  reply.raw.once('close', onClose);
  let isReading = false;
  const unwatch = watchClient({
    idleMs,
    bytes: () => counter.bytes,
    waitsForClient: () => isReading && !request.raw.complete && !counter.writableNeedDrain,
    onIdle: () => counter.destroy(new ClientSilentError(idleMs)),
  });
  let problem: unknown;
  let facts: Record<string, unknown> = {};
  try {
    const upload = await uploads.add({
      owner: transfer.session.viewer.name,
      expectedBytes: announced.bytes,
      expectedSha256: announced.sha256,
      signal: transfer.signal,
      open: () => {
        isReading = true;
        begin();
        feed(request.raw, counter);
        return counter;
      },
    });
    facts = { upload: upload.id };
    return upload;
  } catch (error) {
    problem = transfer.reason ?? error;
    throw new UploadError(problem, counter.bytes);
  } finally {
    unwatch();
    reply.raw.off('close', onClose);
    counter.destroy();
    transfer.record({ bytes: counter.bytes, error: problem, facts });
  }
}
