import { createHash } from 'node:crypto';

/** SHA-256 in hex, as uploads and archives announce it and name files by it. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
