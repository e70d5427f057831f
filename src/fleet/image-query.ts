import type { Fleet } from './fleet.ts';
import { findImage } from './image-lookup.ts';
import { imageSizeBytes } from './layer-usage.ts';
import type { Order } from './ordered.ts';
import { parseReferenceGlobs } from './reference-glob.ts';
import type { HostImageRecord, ImageRecord } from './records.ts';
import { parseTimeExpression } from './time-expression.ts';

/** Which images; all that is given must hold. The SDL's `ImageFilter` describes each. */
export interface ImageFilter {
  reference?: readonly string[] | null;
  dangling?: boolean | null;
  label?: readonly string[] | null;
  before?: string | null;
  since?: string | null;
  until?: string | null;
  hosts?: readonly string[] | null;
  missingFrom?: readonly string[] | null;
  inUse?: boolean | null;
  minHosts?: number | null;
  architecture?: string | null;
  largerThan?: number | null;
  hasLayer?: string | null;
}

/** An order of images; the SDL's `ImageOrder`. */
export interface ImageOrder {
  field: 'CREATED_AT' | 'SIZE' | 'HOST_COUNT' | 'REFERENCE';
  direction: 'ASC' | 'DESC';
}

type ImageTest = (image: ImageRecord) => boolean;

/** The fleet's images that fit, each once. Starts from the smallest index that the filter allows. */
export function* selectImages(fleet: Fleet, filter: ImageFilter): Generator<ImageRecord> {
  const { inventory } = fleet;
  const tests = contentTests(fleet, filter);
  const onHosts = hostIndexes(fleet, filter.hosts);
  const counts = onHosts ? (h: HostImageRecord) => onHosts.has(h.host.index) : () => true;
  if (onHosts) tests.push((image) => some(image.hosts, (index) => onHosts.has(index)));
  if (filter.reference) {
    const fits = parseReferenceGlobs(filter.reference);
    tests.push((image) => some(image.holders.values(), (h) => counts(h) && h.tags.some(fits)));
  }
  if (filter.dangling != null && (onHosts || !filter.dangling)) {
    const isDangling = (h: HostImageRecord) => counts(h) && h.tags.length === 0;
    tests.push((image) => some(image.holders.values(), isDangling) === filter.dangling);
  }
  if (filter.inUse != null && (onHosts || filter.inUse)) {
    const isUsed = (h: HostImageRecord) => counts(h) && h.containerCount > 0;
    tests.push((image) => some(image.holders.values(), isUsed) === filter.inUse);
  }
  const candidates =
    filter.dangling === true
      ? inventory.danglingImages
      : filter.inUse === false && !onHosts
        ? inventory.unusedImages
        : (layerCandidates(fleet, filter) ?? inventory.images.values());
  for (const image of candidates) if (tests.every((test) => test(image))) yield image;
}

/** One host's images that fit. `hosts` and `missingFrom` still speak of the fleet. */
export function* selectHostImages(
  fleet: Fleet,
  images: Iterable<HostImageRecord>,
  filter: ImageFilter,
): Generator<HostImageRecord> {
  const tests = contentTests(fleet, filter);
  const onHosts = hostIndexes(fleet, filter.hosts);
  if (onHosts) tests.push((image) => some(image.hosts, (index) => onHosts.has(index)));
  const fits = filter.reference && parseReferenceGlobs(filter.reference);
  const { dangling, inUse } = filter;
  for (const hostImage of images) {
    if (dangling != null && (hostImage.tags.length === 0) !== dangling) continue;
    if (inUse != null && hostImage.containerCount > 0 !== inUse) continue;
    if (fits && !hostImage.tags.some(fits)) continue;
    if (tests.every((test) => test(hostImage.image))) yield hostImage;
  }
}

/** The tests that look at content and whereabouts, alike for the fleet and for one host. */
function contentTests(fleet: Fleet, filter: ImageFilter): ImageTest[] {
  const tests: ImageTest[] = [];
  const { inventory } = fleet;
  const { label, minHosts, architecture, largerThan } = filter;
  if (label) {
    const wanted = label.map(parseLabel);
    tests.push(({ facts, holders }) => {
      const [holder] = holders.values();
      const labels = facts?.config.labels ?? holder?.labels ?? {};
      return wanted.every(
        ({ key, value }) =>
          Object.hasOwn(labels, key) && (value === undefined || labels[key] === value),
      );
    });
  }
  if (filter.before != null) {
    const limit = createdAt(findImage(inventory, filter.before));
    tests.push((image) => createdAt(image) < limit);
  }
  if (filter.since != null) {
    const limit = createdAt(findImage(inventory, filter.since));
    tests.push((image) => createdAt(image) > limit);
  }
  if (filter.until != null) {
    const limit = parseTimeExpression(filter.until, Date.now());
    tests.push((image) => createdAt(image) < limit);
  }
  const absent = hostIndexes(fleet, filter.missingFrom);
  if (absent) tests.push(({ hosts }) => some(absent, (index) => !hosts.has(index)));
  if (minHosts != null) tests.push(({ hosts }) => hosts.size >= minHosts);
  if (architecture != null) tests.push(platformTest(architecture));
  if (largerThan != null) tests.push((image) => imageSizeBytes(image) > largerThan);
  const withLayer = layerCandidates(fleet, filter);
  if (withLayer) tests.push((image) => withLayer.has(image));
  return tests;
}

function layerCandidates(
  { inventory }: Fleet,
  { hasLayer }: ImageFilter,
): Set<ImageRecord> | undefined {
  if (hasLayer == null) return undefined;
  const byChain = inventory.layers.get(hasLayer);
  const layers = new Set(inventory.layersByDiffId.get(hasLayer)).union(
    new Set(byChain && [byChain]),
  );
  const images = new Set<ImageRecord>();
  for (const layer of layers) for (const image of layer.images) images.add(image);
  return images;
}

/** `arm64`, `linux/arm64`, `linux/arm64/v8`. */
function platformTest(platform: string): ImageTest {
  const parts = platform.split('/');
  const [os, architecture, variant] = parts.length === 1 ? [undefined, parts[0]] : parts;
  return ({ facts }) =>
    facts !== null &&
    facts.architecture === architecture &&
    (os === undefined || facts.os === os) &&
    (variant === undefined || facts.variant === variant);
}

/** The indexes of the named hosts; undefined when no names are given. Unknown names are an error. */
export function hostIndexes(
  fleet: Fleet,
  names: readonly string[] | null | undefined,
): Set<number> | undefined {
  return names ? new Set(names.map((name) => fleet.host(name).slot.index)) : undefined;
}

/** An order of the fleet's images. */
export function imageOrder({ field, direction }: ImageOrder): Order<ImageRecord> {
  return { direction, idOf: ({ key }) => key, keyOf: imageKeys(direction)[field] };
}

/** An order of one host's images. */
export function hostImageOrder({ field, direction }: ImageOrder): Order<HostImageRecord> {
  const last = lastKey(direction);
  const keyOf =
    field === 'REFERENCE'
      ? ({ tags }: HostImageRecord) => tags[0]?.reference ?? last
      : ({ image }: HostImageRecord) => imageKeys(direction)[field](image);
  return { direction, idOf: ({ id }) => id, keyOf };
}

function imageKeys(
  direction: 'ASC' | 'DESC',
): Record<ImageOrder['field'], (image: ImageRecord) => number | string> {
  const last = lastKey(direction);
  return {
    CREATED_AT: createdAt,
    SIZE: imageSizeBytes,
    HOST_COUNT: ({ hosts }) => hosts.size,
    REFERENCE: (image) => imageTags(image)[0]?.reference ?? last,
  };
}

/** Sorts behind every reference, in either direction. */
function lastKey(direction: 'ASC' | 'DESC'): string {
  return direction === 'ASC' ? '\u{10ffff}' : '';
}

/** Milliseconds since the epoch; 0 where the image does not say. */
export function createdAt(image: ImageRecord): number {
  if (image.facts) return image.facts.createdAt ?? 0;
  const [holder] = image.holders.values();
  return holder?.createdAt ?? 0;
}

/** All tags that point at the image on any host, sorted by reference. */
export function imageTags(image: ImageRecord) {
  const tags = new Map(
    [...image.holders.values()].flatMap((h) => h.tags.map((t) => [t.reference, t])),
  );
  return [...tags.values()].toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** Its `name@digest` references on all hosts, sorted. */
export function imageRepoDigests(image: ImageRecord): string[] {
  return [...new Set([...image.holders.values()].flatMap((h) => h.repoDigests))].toSorted();
}

/** Every ID that an engine uses for it, sorted. */
export function imageEngineIds(image: ImageRecord): string[] {
  return [...new Set([...image.holders.values()].map(({ id }) => id))].toSorted();
}

/** `key` or `key=value`. */
export function parseLabel(text: string): { key: string; value: string | undefined } {
  const equals = text.indexOf('=');
  return equals === -1
    ? { key: text, value: undefined }
    : { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

function some<T>(values: Iterable<T>, test: (value: T) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}
