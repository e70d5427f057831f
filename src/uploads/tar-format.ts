import { isTarHeader, TAR_BLOCK } from '../archive/tar-header.ts';

/** How a tar is compressed; all that docker takes. */
export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

const MAGIC: [string, Compression][] = [
  ['1f8b', 'gzip'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
];

/** So many bytes of the beginning tell. */
export const TELLING_BYTES = TAR_BLOCK;

/** What a file that begins so is; null where it is no tar. What is in a compressed one nobody looks at. */
export function compressionOf(start: Buffer): Compression | null {
  const hex = start.subarray(0, 8).toString('hex');
  const found = MAGIC.find(([magic]) => hex.startsWith(magic));
  if (found) return found[1];
  if (start.length < TAR_BLOCK) return null;
  // A tar with nothing in it is two blocks of zeros.
  const isEmpty = start.subarray(0, TAR_BLOCK).every((byte) => byte === 0);
  return isEmpty || isTarHeader(start) ? 'none' : null;
}
