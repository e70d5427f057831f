import type { ImageFacts, ImageListing, ImageStore, LayerFacts } from '../engine/engine.ts';
import { canonicalTag } from './canonical-tag.ts';
import { HostSet } from './host-set.ts';
import { holderKey } from './records.ts';
import type {
  HostImageRecord,
  HostSlot,
  ImageRecord,
  InventoryChange,
  LayerRecord,
  TagRecord,
} from './records.ts';
import { canonicalName, familiarReference, parseReference } from '../registry/reference.ts';

/** A row of a host's listing with what is known of the image. */
export interface InventoryRow {
  listing: ImageListing;
  /** What the facts are known by: rows of different hosts with one key are of one image. */
  factsKey: string;
  /** Null where the engine would not tell. */
  facts: ImageFacts | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface MutableImage extends Omit<Mutable<ImageRecord>, 'holders'> {
  holders: Map<string, HostImageRecord>;
}
interface MutableLayer extends Omit<Mutable<LayerRecord>, 'images'> {
  images: Set<ImageRecord>;
}
interface MutableTag extends Omit<Mutable<TagRecord>, 'targets' | 'contents'> {
  targets: Map<string, HostImageRecord>;
  contents: Map<ImageRecord, number>;
}
interface MutableSlot extends Omit<Mutable<HostSlot>, 'images' | 'tags'> {
  images: Map<string, MutableHostImage>;
  tags: Map<string, MutableHostImage>;
}
interface MutableHostImage extends Mutable<HostImageRecord> {
  host: MutableSlot;
  image: MutableImage;
  tags: MutableTag[];
  /** What the tags were read from. */
  tagNames: readonly string[];
}

/**
 * What all hosts hold, indexed both ways. Changed only through `applyImages`, `applyTag`,
 * `applyContainers` and `removeHost`, each of which leaves every index true; nothing in here waits,
 * so a reader never sees a half-applied host.
 */
export class Inventory {
  readonly #slots = new Map<string, MutableSlot>();
  readonly #slotsByIndex: (MutableSlot | undefined)[] = [];
  readonly #freeIndexes: number[] = [];
  readonly #images = new Map<string, MutableImage>();
  readonly #layers = new Map<string, MutableLayer>();
  readonly #tags = new Map<string, MutableTag>();
  readonly #drifted = new Set<TagRecord>();
  readonly #dangling = new Set<ImageRecord>();
  readonly #unused = new Set<ImageRecord>();
  readonly #imagesByEngineId = new Map<string, Set<ImageRecord>>();
  readonly #imagesByRepoDigest = new Map<string, Map<ImageRecord, number>>();
  readonly #layersByDiffId = new Map<string, Set<LayerRecord>>();
  #hostImageCount = 0;
  /** Images whose facts no engine has told. */
  #unknownImages = 0;
  #version = 0;

  /** Grows with every change: what was derived at one version is true while it lasts. */
  get version(): number {
    return this.#version;
  }
  get images(): ReadonlyMap<string, ImageRecord> {
    return this.#images;
  }
  /** By chain ID. */
  get layers(): ReadonlyMap<string, LayerRecord> {
    return this.#layers;
  }
  /** By canonical reference. */
  get tags(): ReadonlyMap<string, TagRecord> {
    return this.#tags;
  }
  /** Tags that point at different content on different hosts. */
  get driftedTags(): ReadonlySet<TagRecord> {
    return this.#drifted;
  }
  /** Images that have no tag on at least one host. */
  get danglingImages(): ReadonlySet<ImageRecord> {
    return this.#dangling;
  }
  /** Images that no container uses on any host. */
  get unusedImages(): ReadonlySet<ImageRecord> {
    return this.#unused;
  }
  /** Images held, counted once for each host. */
  get hostImageCount(): number {
    return this.#hostImageCount;
  }
  /** Images by the IDs that engines use for them. */
  get imagesByEngineId(): ReadonlyMap<string, ReadonlySet<ImageRecord>> {
    return this.#imagesByEngineId;
  }
  /** Images by `registry/repository@digest`. */
  get imagesByRepoDigest(): ReadonlyMap<string, ReadonlyMap<ImageRecord, number>> {
    return this.#imagesByRepoDigest;
  }
  /** Layers by diff ID: one content may lie on different layers below. */
  get layersByDiffId(): ReadonlyMap<string, ReadonlySet<LayerRecord>> {
    return this.#layersByDiffId;
  }

  slot(host: string): HostSlot | undefined {
    return this.#slots.get(host);
  }

  /** The host's part by the index that stands for it in a HostSet. */
  slotAt(index: number): HostSlot {
    const slot = this.#slotsByIndex[index];
    if (!slot) throw new Error(`no host has the index ${index}`);
    return slot;
  }

  addHost(name: string): HostSlot {
    const index = this.#freeIndexes.pop() ?? this.#slotsByIndex.length;
    const slot: MutableSlot = {
      name,
      index,
      imageStore: null,
      containersKnown: false,
      images: new Map(),
      tags: new Map(),
    };
    this.#slots.set(name, slot);
    this.#slotsByIndex[index] = slot;
    return slot;
  }

  removeHost(name: string): void {
    const slot = this.#slots.get(name);
    if (!slot) return;
    for (const hostImage of slot.images.values()) this.#unlink(hostImage);
    this.#slots.delete(name);
    this.#slotsByIndex[slot.index] = undefined;
    this.#freeIndexes.push(slot.index);
    this.#version++;
  }

  setImageStore(host: string, store: ImageStore): void {
    this.#slotOf(host).imageStore = store;
  }

  /** Makes the host's part equal to `rows`, and tells what that changed. */
  applyImages(host: string, rows: readonly InventoryRow[]): InventoryChange[] {
    const slot = this.#slotOf(host);
    const changes: InventoryChange[] = [];
    const seen = new Set<string>();
    const ownersBefore = new Map(slot.tags);
    for (const row of rows) {
      const { listing, facts } = row;
      seen.add(listing.id);
      if (facts) this.#learn(row.factsKey, facts);
      const known = slot.images.get(listing.id);
      // Under the ID of an index there may be the content of another platform than before.
      if (known && (facts === null || facts.contentDigest === known.image.key)) {
        this.#update(known, listing);
        continue;
      }
      const isOther = known !== undefined && known.image.facts !== null;
      if (known) this.#unlink(known);
      if (isOther) changes.push({ kind: 'REMOVED', hostImage: known });
      const hostImage = this.#link(slot, row, known?.containerCount ?? 0);
      if (!known || isOther) changes.push({ kind: 'ADDED', hostImage });
    }
    for (const hostImage of slot.images.values()) {
      if (seen.has(hostImage.id)) continue;
      this.#unlink(hostImage);
      changes.push({ kind: 'REMOVED', hostImage });
    }
    for (const [reference, hostImage] of slot.tags) {
      const previous = ownersBefore.get(reference);
      if (previous?.id === hostImage.id) continue;
      changes.push(pointed(this.#tags.get(reference)!, hostImage, previous));
    }
    for (const [reference, hostImage] of ownersBefore) {
      if (slot.tags.has(reference)) continue;
      const tag = this.#tags.get(reference) ?? makeTag(reference);
      changes.push({ kind: 'UNTAGGED', hostImage, tag });
    }
    this.#version++;
    return changes;
  }

  /**
   * Points one tag of the host, by canonical reference, at the image that it holds under that ID,
   * or with null at none, and tells what that changed.
   */
  applyTag(host: string, reference: string, id: string | null): InventoryChange[] {
    const slot = this.#slotOf(host);
    const previous = slot.tags.get(reference);
    const hostImage = id === null ? undefined : slot.images.get(id);
    if (id !== null && !hostImage) throw new Error(`host "${host}" holds no image ${id}`);
    if (previous === hostImage) return [];
    const tag = this.#tags.get(reference);
    // In this order the tag points somewhere all the time, and stays the same record.
    if (hostImage) this.#setTags(hostImage, [...referencesOf(hostImage), reference]);
    if (previous) {
      const left = referencesOf(previous).filter((other) => other !== reference);
      this.#setTags(previous, left);
    }
    this.#version++;
    if (hostImage) return [pointed(this.#tags.get(reference)!, hostImage, previous)];
    return [{ kind: 'UNTAGGED', hostImage: previous!, tag: tag! }];
  }

  /**
   * Sets how many containers use each image, by engine ID; images not named have none. Null where
   * the engine does not tell.
   */
  applyContainers(host: string, counts: ReadonlyMap<string, number> | null): InventoryChange[] {
    const changes: InventoryChange[] = [];
    const slot = this.#slotOf(host);
    slot.containersKnown = counts !== null;
    for (const hostImage of slot.images.values()) {
      const count = counts?.get(hostImage.id) ?? 0;
      const was = hostImage.containerCount;
      if (was === count) continue;
      hostImage.containerCount = count;
      if (was > 0 === count > 0) continue;
      this.#countUse(hostImage, count > 0 ? 1 : -1);
      changes.push({ kind: count > 0 ? 'USED' : 'UNUSED', hostImage });
    }
    this.#version++;
    return changes;
  }

  #slotOf(host: string): MutableSlot {
    const slot = this.#slots.get(host);
    if (!slot) throw new Error(`host "${host}" is not in the inventory`);
    return slot;
  }

  #link(
    slot: MutableSlot,
    { listing, facts, factsKey }: InventoryRow,
    containerCount: number,
  ): MutableHostImage {
    const image = this.#imageFor(factsKey, facts);
    const hostImage: MutableHostImage = {
      host: slot,
      id: listing.id,
      image,
      tags: [],
      tagNames: [],
      repoDigests: listing.repoDigests,
      createdAt: listing.createdAt,
      sizeBytes: listing.sizeBytes,
      labels: listing.labels,
      containerCount,
    };
    slot.images.set(listing.id, hostImage);
    this.#hostImageCount++;
    image.holders.set(holderKey(slot.name, listing.id), hostImage);
    image.hosts.add(slot.index);
    image.lastEngineId = listing.id;
    addTo(this.#imagesByEngineId, listing.id, image);
    for (const repoDigest of listing.repoDigests) this.#countRepoDigest(repoDigest, image, 1);
    if (containerCount > 0) this.#countUse(hostImage, 1);
    this.#countDangling(hostImage, 1);
    this.#setTags(hostImage, listing.tags);
    return hostImage;
  }

  #unlink(hostImage: MutableHostImage): void {
    const { host: slot, image, id } = hostImage;
    const tags = hostImage.tags;
    this.#setTags(hostImage, []);
    this.#countDangling(hostImage, -1);
    // The record stays whole for those who are told of its removal.
    hostImage.tags = tags;
    if (hostImage.containerCount > 0) this.#countUse(hostImage, -1);
    for (const repoDigest of hostImage.repoDigests) this.#countRepoDigest(repoDigest, image, -1);
    slot.images.delete(id);
    this.#hostImageCount--;
    image.holders.delete(holderKey(slot.name, id));
    let heldHere = false;
    let heldUnderId = false;
    for (const holder of image.holders.values()) {
      heldHere ||= holder.host === slot;
      heldUnderId ||= holder.id === id;
    }
    if (!heldHere) image.hosts.delete(slot.index);
    if (!heldUnderId) removeFrom(this.#imagesByEngineId, id, image);
    if (image.holders.size === 0) this.#dropImage(image);
  }

  #update(hostImage: MutableHostImage, listing: ImageListing): void {
    hostImage.createdAt = listing.createdAt;
    hostImage.sizeBytes = listing.sizeBytes;
    hostImage.labels = listing.labels;
    if (!sameStrings(hostImage.repoDigests, listing.repoDigests)) {
      for (const digest of hostImage.repoDigests)
        this.#countRepoDigest(digest, hostImage.image, -1);
      for (const digest of listing.repoDigests) this.#countRepoDigest(digest, hostImage.image, 1);
      hostImage.repoDigests = listing.repoDigests;
    }
    this.#setTags(hostImage, listing.tags);
  }

  /** Hosts that list the image and whose engines would not tell its facts have them now. */
  #learn(factsKey: string, facts: ImageFacts): void {
    if (this.#unknownImages === 0) return;
    const unknown = this.#images.get(unknownKey(factsKey));
    for (const hostImage of unknown?.holders.values() ?? []) {
      const slot = this.#slotOf(hostImage.host.name);
      this.#unlink(slot.images.get(hostImage.id)!);
      const tags = referencesOf(hostImage);
      const listing = { ...hostImage, tags, repoDigests: [...hostImage.repoDigests] };
      this.#link(slot, { listing, facts, factsKey }, hostImage.containerCount);
    }
  }

  #imageFor(factsKey: string, facts: ImageFacts | null): MutableImage {
    const key = facts?.contentDigest ?? unknownKey(factsKey);
    const known = this.#images.get(key);
    if (known) {
      // Another engine's view of the same content: its layer sizes may be the exacter ones.
      if (facts && facts !== known.facts) {
        for (const layer of facts.layers) this.#layerFor(layer, known);
        known.facts = completed(known.facts, facts);
      }
      return known;
    }
    const image: MutableImage = {
      key,
      facts,
      layers: [],
      holders: new Map(),
      hosts: new HostSet(),
      lastEngineId: key,
      usedHolders: 0,
      danglingHolders: 0,
    };
    image.layers = (facts?.layers ?? []).map((layer) => this.#layerFor(layer, image));
    this.#images.set(key, image);
    if (facts === null) this.#unknownImages++;
    this.#unused.add(image);
    return image;
  }

  #dropImage(image: MutableImage): void {
    this.#images.delete(image.key);
    if (image.facts === null) this.#unknownImages--;
    this.#unused.delete(image);
    for (const layer of image.layers) {
      const { images, chainId, diffId } = layer as MutableLayer;
      images.delete(image);
      if (images.size > 0) continue;
      this.#layers.delete(chainId);
      removeFrom(this.#layersByDiffId, diffId, layer);
    }
  }

  #layerFor(facts: LayerFacts, image: ImageRecord): LayerRecord {
    let layer = this.#layers.get(facts.chainId);
    if (!layer) {
      layer = { ...facts, images: new Set() };
      this.#layers.set(facts.chainId, layer);
      addTo(this.#layersByDiffId, facts.diffId, layer);
    }
    if (facts.sizeBytes !== null) {
      layer.sizeBytes = Math.min(layer.sizeBytes ?? Infinity, facts.sizeBytes);
    }
    layer.createdBy ??= facts.createdBy;
    layer.images.add(image);
    return layer;
  }

  #setTags(hostImage: MutableHostImage, names: readonly string[]): void {
    const { host: slot } = hostImage;
    const isPointed = () =>
      hostImage.tags.every((tag) => slot.tags.get(tag.reference) === hostImage);
    // Most looks find nothing new: then no name is read.
    if (sameStrings(names, hostImage.tagNames) && isPointed()) return;
    hostImage.tagNames = names;
    const wanted = new Set<string>();
    for (const name of names) {
      const reference = canonicalTag(name);
      if (reference !== null) wanted.add(reference);
    }
    if (
      wanted.size === hostImage.tags.length &&
      hostImage.tags.every((t) => wanted.has(t.reference)) &&
      isPointed()
    ) {
      return;
    }
    this.#countDangling(hostImage, -1);
    for (const tag of hostImage.tags) {
      // Another image of this host may have taken the name in the same listing: its claim stands.
      if (!wanted.has(tag.reference) && slot.tags.get(tag.reference) === hostImage) {
        this.#unpoint(slot, tag);
      }
    }
    const tags: MutableTag[] = [];
    for (const reference of wanted) {
      const tag = this.#tagFor(reference);
      if (slot.tags.get(reference) !== hostImage) {
        if (slot.tags.has(reference)) this.#unpoint(slot, tag);
        this.#point(slot, tag, hostImage);
      }
      tags.push(tag);
    }
    hostImage.tags = tags.toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
    this.#countDangling(hostImage, 1);
  }

  #tagFor(reference: string): MutableTag {
    let tag = this.#tags.get(reference);
    if (!tag) {
      tag = makeTag(reference);
      this.#tags.set(reference, tag);
    }
    return tag;
  }

  #point(slot: MutableSlot, tag: MutableTag, hostImage: MutableHostImage): void {
    this.#tags.set(tag.reference, tag);
    slot.tags.set(tag.reference, hostImage);
    tag.targets.set(slot.name, hostImage);
    tag.contents.set(hostImage.image, (tag.contents.get(hostImage.image) ?? 0) + 1);
    if (tag.contents.size > 1) this.#drifted.add(tag);
  }

  #unpoint(slot: MutableSlot, tag: MutableTag): void {
    const hostImage = slot.tags.get(tag.reference)!;
    slot.tags.delete(tag.reference);
    tag.targets.delete(slot.name);
    const left = tag.contents.get(hostImage.image)! - 1;
    if (left > 0) tag.contents.set(hostImage.image, left);
    else tag.contents.delete(hostImage.image);
    if (tag.contents.size <= 1) this.#drifted.delete(tag);
    if (tag.targets.size === 0) this.#tags.delete(tag.reference);
  }

  #countDangling(hostImage: MutableHostImage, by: 1 | -1): void {
    if (hostImage.tags.length > 0) return;
    const { image } = hostImage;
    image.danglingHolders += by;
    if (image.danglingHolders > 0) this.#dangling.add(image);
    else this.#dangling.delete(image);
  }

  #countUse({ image }: MutableHostImage, by: 1 | -1): void {
    image.usedHolders += by;
    if (image.usedHolders > 0) this.#unused.delete(image);
    else this.#unused.add(image);
  }

  #countRepoDigest(repoDigest: string, image: ImageRecord, by: 1 | -1): void {
    const key = canonicalRepoDigest(repoDigest);
    if (key === null) return;
    const counts = this.#imagesByRepoDigest.get(key) ?? new Map<ImageRecord, number>();
    const count = (counts.get(image) ?? 0) + by;
    if (count > 0) counts.set(image, count);
    else counts.delete(image);
    if (counts.size > 0) this.#imagesByRepoDigest.set(key, counts);
    else this.#imagesByRepoDigest.delete(key);
  }
}

function pointed(
  tag: TagRecord,
  hostImage: HostImageRecord,
  previous: HostImageRecord | undefined,
): InventoryChange {
  if (previous) return { kind: 'TAG_MOVED', hostImage, tag, previous };
  return { kind: 'TAGGED', hostImage, tag };
}

function referencesOf({ tags }: HostImageRecord): string[] {
  return tags.map(({ reference }) => reference);
}

/** What one engine tells of an image, with what only another one does: podman leaves things out. */
function completed(facts: ImageFacts | null, { variant, config }: ImageFacts): ImageFacts | null {
  if (facts === null) return null;
  const healthcheck = facts.config.healthcheck ?? config.healthcheck;
  if (healthcheck === facts.config.healthcheck && (facts.variant ?? variant) === facts.variant) {
    return facts;
  }
  return {
    ...facts,
    variant: facts.variant ?? variant,
    config: { ...facts.config, healthcheck },
  };
}

function unknownKey(factsKey: string): string {
  return `unknown:${factsKey}`;
}

function makeTag(reference: string): MutableTag {
  const parsed = parseReference(reference);
  return {
    reference,
    familiarName: familiarReference(parsed),
    parsed,
    targets: new Map(),
    contents: new Map(),
  };
}

function canonicalRepoDigest(name: string): string | null {
  try {
    const parsed = parseReference(name);
    return parsed.digest === null ? null : `${canonicalName(parsed)}@${parsed.digest}`;
  } catch {
    return null;
  }
}

function addTo<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const values = index.get(key);
  if (values) values.add(value);
  else index.set(key, new Set([value]));
}

function removeFrom<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const values = index.get(key);
  values?.delete(value);
  if (values?.size === 0) index.delete(key);
}

function sameStrings(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
