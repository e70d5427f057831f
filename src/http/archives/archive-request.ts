import type { IncomingHttpHeaders } from 'node:http';
import { BadUserInputError, HostUnreachableError } from '../../common/errors.ts';
import type { Fleet, HostRecord } from '../../fleet/fleet.ts';
import { findHostImage } from '../../fleet/image-lookup.ts';
import type { HostImageRecord } from '../../fleet/records.ts';
import { canonicalReference, parseReference, withDefaultTag } from '../../registry/reference.ts';
import { ARCHIVE_TYPES } from './compression.ts';
import type { Compression } from './compression.ts';

const MAX_REFS = 20;

/** An image to save. */
export interface WantedImage {
  /** What the engine is asked for: with a tag, so that the archive carries it, or by ID. */
  name: string;
  hostImage: HostImageRecord;
}

/** The host of an archive. One that was never seen has no inventory to look anything up in. */
export function archiveHost(fleet: Fleet, name: string): HostRecord {
  const host = fleet.host(name);
  const { error, inventoryAt, state } = host.status;
  if (inventoryAt !== null) return host;
  const why = error === null ? `it is ${state}` : error.message;
  throw new HostUnreachableError(`${name} was not reached yet: ${why}`, { host: name });
}

/** The images that `?ref=…&ref=…` names on the host, each once. */
export function wantedImages({ slot }: HostRecord, query: unknown): WantedImage[] {
  const refs = texts(query, 'ref');
  if (refs.length === 0) throw new BadUserInputError('name at least one image: ?ref=NAME[&ref=…]');
  if (refs.length > MAX_REFS) {
    throw new BadUserInputError(`at most ${MAX_REFS} images at once, not ${refs.length}`);
  }
  const wanted = new Map<string, WantedImage>();
  for (const ref of refs) {
    const hostImage = findHostImage(slot, ref);
    const name = tagOf(hostImage, ref) ?? hostImage.id;
    wanted.set(name, { name, hostImage });
  }
  return [...wanted.values()];
}

/** `?compress=`; none by default. */
export function wantedCompression(query: unknown): Compression {
  const [compression = 'none', ...more] = texts(query, 'compress');
  if (more.length === 0 && Object.hasOwn(ARCHIVE_TYPES, compression)) {
    return compression as Compression;
  }
  throw new BadUserInputError(
    `compress is one of ${Object.keys(ARCHIVE_TYPES).join(', ')}, not ${JSON.stringify(compression.slice(0, 100))}`,
  );
}

/**
 * The SHA-256 that a client announces for its upload, in hex; null where it announces none. As
 * `?sha256=HEX`, `Content-Digest: sha-256=:BASE64:`, `Repr-Digest` (the same here, where nothing is
 * decoded) or the older `Digest: sha-256=BASE64`.
 */
export function announcedDigest(query: unknown, headers: IncomingHttpHeaders): string | null {
  const announced = new Set(texts(query, 'sha256').map(fromHex));
  for (const name of ['content-digest', 'repr-digest', 'digest']) {
    const value = headers[name];
    if (value === undefined) continue;
    for (const part of String(value).split(',')) {
      const [, base64] = /^\s*sha-256=:?([A-Za-z0-9+/]+=*):?\s*$/i.exec(part) ?? [];
      if (base64 !== undefined) announced.add(fromBase64(base64, name));
      else if (/^\s*sha-256\b/i.test(part)) throw badDigest(name);
    }
    if (announced.size === 0) {
      throw new BadUserInputError(`the ${name} header has no sha-256, which is what is verified`);
    }
  }
  if (announced.size > 1) throw new BadUserInputError('two different digests were announced');
  return announced.values().next().value ?? null;
}

/** The tag that `ref` names the image by: asked for by that, the engine writes it into the archive. */
function tagOf({ tags }: HostImageRecord, ref: string): string | undefined {
  // By ID, or the beginning of one: docker's archive has no tag then.
  if (ref.startsWith('sha256:') || /^[0-9a-f]{64}$/.test(ref)) return undefined;
  const reference = canonicalReference(withDefaultTag(parseReference(ref)));
  return tags.find((tag) => tag.reference === reference)?.reference;
}

function texts(query: unknown, name: string): string[] {
  const value = (query as Record<string, unknown>)[name];
  return [value ?? []].flat().map(String);
}

function fromHex(text: string): string {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text)?.[1];
  if (hex === undefined) throw new BadUserInputError('sha256 is not 64 hexadecimal digits');
  return hex.toLowerCase();
}

function fromBase64(text: string, name: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) throw badDigest(name);
  return bytes.toString('hex');
}

function badDigest(name: string): BadUserInputError {
  return new BadUserInputError(`the sha-256 in the ${name} header is not 32 bytes in base64`);
}
