import { DigestMismatchError } from './errors.ts';

/** What came of an upload, and what was said to come: SHA-256 in hex, null where nothing was. */
export interface AnnouncedDigest {
  bytes: number;
  actual: string;
  expected: string | null;
}

/**
 * Refuses what is not what was announced.
 * @throws DigestMismatchError
 */
export function assertAnnounced({ bytes, actual, expected }: AnnouncedDigest): void {
  if (expected === null || expected === actual) return;
  throw new DigestMismatchError(
    `${bytes} bytes came with the digest sha256:${actual}, not sha256:${expected} as announced`,
    { details: { expected: `sha256:${expected}`, actual: `sha256:${actual}` } },
  );
}
