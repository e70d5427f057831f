import { HostSet } from './host-set.ts';
import type { Inventory } from './inventory.ts';
import type { HostImageRecord, ImageRecord, LayerRecord } from './records.ts';

/** Sums over all layers of the fleet; layers without a known size count as 0. */
export interface LayerTotals {
  /** As if nothing were shared. */
  logicalBytes: number;
  /** Each layer once a host. */
  storedBytes: number;
  /** Each layer once. */
  uniqueBytes: number;
}

/** Which hosts have a layer, and what sharing it saves: derived once for each inventory version. */
export class LayerUsage {
  readonly #inventory: Inventory;
  #version = -1;
  #hosts = new Map<LayerRecord, HostSet>();
  #totals: LayerTotals | undefined;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  hostsOf(layer: LayerRecord): HostSet {
    this.#renew();
    let hosts = this.#hosts.get(layer);
    if (!hosts) {
      hosts = new HostSet();
      for (const image of layer.images) hosts.addAll(image.hosts);
      this.#hosts.set(layer, hosts);
    }
    return hosts;
  }

  /** What the images would take more, on all hosts, if each had its own copy; null if not known. */
  savedBytes(layer: LayerRecord): number | null {
    if (layer.sizeBytes === null) return null;
    let copies = 0;
    for (const image of layer.images) copies += image.hosts.size;
    return layer.sizeBytes * (copies - this.hostsOf(layer).size);
  }

  totals(): LayerTotals {
    this.#renew();
    if (this.#totals) return this.#totals;
    const totals = { logicalBytes: 0, storedBytes: 0, uniqueBytes: 0 };
    for (const layer of this.#inventory.layers.values()) {
      const size = layer.sizeBytes ?? 0;
      const stored = size * this.hostsOf(layer).size;
      totals.uniqueBytes += size;
      totals.storedBytes += stored;
      totals.logicalBytes += stored + (this.savedBytes(layer) ?? 0);
    }
    this.#totals = totals;
    return totals;
  }

  #renew(): void {
    if (this.#version === this.#inventory.version) return;
    this.#version = this.#inventory.version;
    this.#hosts = new Map();
    this.#totals = undefined;
  }
}

/** An image's unpacked bytes: its layers', or where one of them is not known, what an engine says. */
export function imageSizeBytes(image: ImageRecord): number {
  let sum = 0;
  for (const { sizeBytes } of image.layers) {
    if (sizeBytes === null) return engineSizeBytes(image);
    sum += sizeBytes;
  }
  return image.facts ? sum : engineSizeBytes(image);
}

function engineSizeBytes(image: ImageRecord): number {
  const [holder] = image.holders.values();
  return holder?.sizeBytes ?? 0;
}

/** How an image's unpacked bytes are shared with the other images of the same host. */
export function sharing(hostImage: HostImageRecord): { shared: number; unique: number } | null {
  const { image, host } = hostImage;
  if (image.facts === null) return null;
  // Two IDs of one content on one host share everything.
  const twin = [...image.holders.values()].some((h) => h.host === host && h !== hostImage);
  let shared = 0;
  let unique = 0;
  for (const layer of image.layers) {
    if (layer.sizeBytes === null) return null;
    if (twin || hasOtherOn(layer, image, host.index)) shared += layer.sizeBytes;
    else unique += layer.sizeBytes;
  }
  return { shared, unique };
}

function hasOtherOn(layer: LayerRecord, image: ImageRecord, hostIndex: number): boolean {
  for (const other of layer.images) if (other !== image && other.hosts.has(hostIndex)) return true;
  return false;
}
