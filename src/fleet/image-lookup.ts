import { AmbiguousReferenceError, BadReferenceError, NotFoundError } from '../common/errors.ts';
import {
  canonicalName,
  canonicalReference,
  parseReference,
  withDefaultTag,
} from '../registry/reference.ts';
import type { ImageReference } from '../registry/reference.ts';
import type { Inventory } from './inventory.ts';
import { imageDigest } from './records.ts';
import type { HostImageRecord, HostSlot, ImageRecord, LayerRecord, TagRecord } from './records.ts';

const ID = /^(?:sha256:)?([0-9a-f]{1,64})$/;
const MAX_CANDIDATES = 20;

/**
 * What `ref` names in the whole fleet, by docker's rules and in docker's order: a full ID, a name
 * with digest or tag, the beginning of an ID.
 */
export function findImage(inventory: Inventory, ref: string): ImageRecord {
  const found = new Set<ImageRecord>();
  const parsed = lookUp(ref, {
    byId: (id) => addAll(found, inventory.imagesByEngineId.get(id)),
    byDigest: (key) => addAll(found, inventory.imagesByRepoDigest.get(key)?.keys()),
    byTag: (reference) => addAll(found, inventory.tags.get(reference)?.contents.keys()),
    byPrefix: (prefix) => {
      for (const [id, images] of inventory.imagesByEngineId) {
        if (id.startsWith(prefix)) addAll(found, images);
      }
    },
    isFound: () => found.size > 0,
  });
  return theOnly(found, ref, parsed, 'any host', describeImage);
}

/** What `ref` names on one host. */
export function findHostImage(slot: HostSlot, ref: string): HostImageRecord {
  const found = new Set<HostImageRecord>();
  const add = (hostImage: HostImageRecord | undefined) => {
    if (hostImage) found.add(hostImage);
  };
  const parsed = lookUp(ref, {
    byId: (id) => add(slot.images.get(id)),
    byDigest: (key) => {
      const digest = key.slice(key.indexOf('@'));
      for (const hostImage of slot.images.values()) {
        for (const repoDigest of hostImage.repoDigests) {
          if (!repoDigest.endsWith(digest)) continue;
          if (canonicalName(parseReference(repoDigest)) + digest === key) add(hostImage);
        }
      }
    },
    byTag: (reference) => add(slot.tags.get(reference)),
    byPrefix: (prefix) => {
      for (const [id, hostImage] of slot.images) if (id.startsWith(prefix)) add(hostImage);
    },
    isFound: () => found.size > 0,
  });
  return theOnly(found, ref, parsed, `host "${slot.name}"`, ({ id, tags }) => ({
    digest: id,
    tags: tags.map(({ familiarName }) => familiarName),
  }));
}

/** The image of that content on one host, under whichever ID. */
export function holderOn(slot: HostSlot, image: ImageRecord): HostImageRecord | undefined {
  if (!image.hosts.has(slot.index)) return undefined;
  return image.holders.values().find(({ host }) => host === slot);
}

/** The tag that `ref` names; `latest` where it names none. */
export function findTag(inventory: Inventory, ref: string): TagRecord {
  const parsed = parseReference(ref);
  if (parsed.digest !== null) {
    throw new BadReferenceError(
      `"${ref.slice(0, 100)}" names a digest, not a tag; expected [registry/]name[:tag]`,
    );
  }
  const tag = inventory.tags.get(canonicalReference(withDefaultTag(parsed)));
  if (!tag) throw new NotFoundError(`no host has the tag "${ref.slice(0, 100)}"`);
  return tag;
}

/** The layer with that chain ID, or the only one with that diff ID. */
export function findLayer(inventory: Inventory, digest: string): LayerRecord {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new BadReferenceError(
      `"${digest.slice(0, 100)}" is not a layer's digest; expected a chain ID or diff ID, ` +
        'sha256: and 64 hexadecimal digits',
    );
  }
  const byChain = inventory.layers.get(digest);
  if (byChain) return byChain;
  const found = new Set(inventory.layersByDiffId.get(digest));
  return theOnly(found, digest, null, 'any host', ({ chainId, diffId }) => ({ chainId, diffId }));
}

interface Lookup {
  byId: (id: string) => void;
  /** By `registry/repository@digest`. */
  byDigest: (key: string) => void;
  byTag: (reference: string) => void;
  byPrefix: (prefix: string) => void;
  isFound: () => boolean;
}

/** Walks docker's order until something is found; returns the reference if `ref` is one. */
function lookUp(ref: string, lookup: Lookup): ImageReference | null {
  const [, hex] = ID.exec(ref) ?? [];
  if (hex?.length === 64) {
    lookup.byId(`sha256:${hex}`);
    return null;
  }
  let parsed: ImageReference | null = null;
  try {
    parsed = withDefaultTag(parseReference(ref));
  } catch (error) {
    // `sha256:4bcf` is no valid reference and yet the beginning of an ID.
    if (hex === undefined) throw error;
  }
  if (parsed?.digest) lookup.byDigest(`${canonicalName(parsed)}@${parsed.digest}`);
  else if (parsed) lookup.byTag(canonicalReference(parsed));
  if (!lookup.isFound() && hex !== undefined) lookup.byPrefix(`sha256:${hex}`);
  return parsed;
}

function theOnly<T>(
  found: ReadonlySet<T>,
  ref: string,
  parsed: ImageReference | null,
  where: string,
  describe: (item: T) => Record<string, unknown>,
): T {
  const [only] = found;
  const name = `"${ref.slice(0, 100)}"`;
  if (only === undefined) {
    const spelt = parsed ? canonicalReference(parsed) : ref;
    const read = spelt === ref ? '' : ` (read as ${spelt.slice(0, 200)})`;
    throw new NotFoundError(`nothing on ${where} is called ${name}${read}`);
  }
  if (found.size > 1) {
    const candidates = [...found].slice(0, MAX_CANDIDATES).map(describe);
    const listed = candidates.map((candidate) => Object.values(candidate)[0]).join(', ');
    throw new AmbiguousReferenceError(
      `${name} fits ${found.size} on ${where}: ${listed}${found.size > MAX_CANDIDATES ? ', …' : ''}`,
      { details: { candidates } },
    );
  }
  return only;
}

function describeImage(image: ImageRecord): Record<string, unknown> {
  const hosts = new Set([...image.holders.values()].map(({ host }) => host.name));
  return { digest: imageDigest(image), hosts: [...hosts].slice(0, MAX_CANDIDATES) };
}

function addAll<T>(set: Set<T>, values: Iterable<T> | undefined): void {
  for (const value of values ?? []) set.add(value);
}
