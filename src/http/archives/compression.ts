import type { Readable, Transform } from 'node:stream';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { BadUserInputError } from '../../common/errors.ts';
import { UnknownArchiveTypeError } from './archive-errors.ts';

/** How an archive is compressed on its way to or from a client. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** What a compression is called. */
export const ARCHIVE_TYPES: Record<Compression, { contentType: string; extension: string }> = {
  none: { contentType: 'application/x-tar', extension: 'tar' },
  gzip: { contentType: 'application/gzip', extension: 'tar.gz' },
  zstd: { contentType: 'application/zstd', extension: 'tar.zst' },
};

/** Types under which clients send archives; null: the bytes tell. */
const TAKEN: Record<string, Compression | null> = {
  '': null,
  'application/octet-stream': null,
  // curl's, where it is given data instead of a file.
  'application/x-www-form-urlencoded': null,
  'application/x-tar': null,
  'application/gzip': 'gzip',
  'application/x-gzip': 'gzip',
  'application/zstd': 'zstd',
};

const MAGIC: [string, Compression][] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
];

/** A compressor; none for `none`. */
export function compressor(compression: Compression): Transform[] {
  if (compression === 'gzip') return [createGzip({ level: 1 })];
  if (compression === 'zstd') return [createZstdCompress()];
  return [];
}

/** What a request's Content-Type says; null: the bytes tell. */
export function compressionOf(contentType: string | undefined): Compression | null {
  const [type = ''] = (contentType ?? '').split(';');
  const taken = TAKEN[type.trim().toLowerCase()];
  if (taken !== undefined) return taken;
  throw new UnknownArchiveTypeError(
    `an archive is sent as application/x-tar, application/gzip or application/zstd, not ${JSON.stringify(type.slice(0, 100))}`,
  );
}

/** Looks at the first bytes of an archive without taking them, and tells how it is compressed. */
export async function sniff(source: Readable): Promise<Compression> {
  const start = (await peek(source, 4)).toString('hex');
  return MAGIC.find(([magic]) => start.startsWith(magic))?.[1] ?? 'none';
}

/** What an archive passes to be a plain tar. */
export function decompressor(compression: Compression): Transform[] {
  const stream =
    compression === 'gzip'
      ? createGunzip()
      : compression === 'zstd'
        ? createZstdDecompress()
        : undefined;
  return stream === undefined ? [] : [stream];
}

/** Whether it is a decompressor's complaint about its input. */
export function decompressionError(error: Error, compression: Compression): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (!/^(?:Z_|ZSTD_)/.test(code ?? '')) return error;
  return new BadUserInputError(`this is not a whole ${compression} stream: ${error.message}`);
}

async function peek(source: Readable, size: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const look = () => {
    const bytes = source.read(size) as Buffer | null;
    if (bytes === null) return;
    // First: what is put back is readable again.
    source.off('readable', look);
    source.unshift(bytes);
    resolve(bytes);
  };
  const ended = () => resolve(Buffer.alloc(0));
  source.on('readable', look).once('end', ended).once('error', reject).once('close', ended);
  try {
    return await promise;
  } finally {
    source.off('readable', look).off('end', ended).off('error', reject).off('close', ended);
  }
}
