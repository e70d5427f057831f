import type { ImageFacts, ImageStore } from '../engine/engine.ts';
import type { ImageReference } from '../registry/reference.ts';
import type { HostSet } from './host-set.ts';

/**
 * The inventory's records: content (`ImageRecord`, `LayerRecord`) once in the fleet, `TagRecord`
 * once a name, and `HostImageRecord` as the edge between one host and one image. They link to one
 * another both ways, so that every question of the graph is a walk and never a scan. Outside this
 * folder they are read-only.
 */

/** One image, however many hosts hold it and whatever their stores call it. */
export interface ImageRecord {
  /** The content digest; `unknown:` and the engine's ID while no engine has told its facts. */
  readonly key: string;
  readonly facts: ImageFacts | null;
  /** From the bottom up; empty while the facts are unknown. */
  readonly layers: readonly LayerRecord[];
  /** By `holderKey`: one host may hold one content under two IDs of its own. */
  readonly holders: ReadonlyMap<string, HostImageRecord>;
  /** Hosts that hold it. */
  readonly hosts: HostSet;
  /** The ID under which it was listed last: names it in events after its last holder has gone. */
  readonly lastEngineId: string;
  /** How many holders are in use by a container. */
  readonly usedHolders: number;
  /** How many holders have no tag. */
  readonly danglingHolders: number;
}

/** One layer on all that lie below it: the unit that engines store, share and free. */
export interface LayerRecord {
  readonly diffId: string;
  readonly chainId: string;
  /** Unpacked bytes; the smallest that any engine gave, null where none could tell. */
  readonly sizeBytes: number | null;
  readonly createdBy: string | null;
  readonly images: ReadonlySet<ImageRecord>;
}

/** One image as one host holds it. */
export interface HostImageRecord {
  readonly host: HostSlot;
  /** The engine's own ID. */
  readonly id: string;
  readonly image: ImageRecord;
  /** Sorted by reference. */
  readonly tags: readonly TagRecord[];
  readonly repoDigests: readonly string[];
  /** Milliseconds since the epoch; 0 where the image says none. */
  readonly createdAt: number;
  /** As the engine counts it. */
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly containerCount: number;
}

/** One tagged reference and what it points at, host by host. */
export interface TagRecord {
  /** `docker.io/library/nginx:1.25` */
  readonly reference: string;
  /** `nginx:1.25` */
  readonly familiarName: string;
  readonly parsed: ImageReference;
  /** By host name. */
  readonly targets: ReadonlyMap<string, HostImageRecord>;
  /** The distinct contents with the number of hosts for each: more than one is drift. */
  readonly contents: ReadonlyMap<ImageRecord, number>;
}

/** One host's part of the inventory. */
export interface HostSlot {
  readonly name: string;
  /** Small number that stands for the host in a HostSet; used again after the host has gone. */
  readonly index: number;
  /** What kind of digest its image IDs are; null until the engine was reached once. */
  readonly imageStore: ImageStore | null;
  /** False while, or because, the engine does not list its containers: then no use is known. */
  readonly containersKnown: boolean;
  /** By the engine's ID. */
  readonly images: ReadonlyMap<string, HostImageRecord>;
  /** By canonical reference. */
  readonly tags: ReadonlyMap<string, HostImageRecord>;
}

/** What one look at a host changed. */
export type InventoryChange =
  | { kind: 'ADDED' | 'REMOVED' | 'USED' | 'UNUSED'; hostImage: HostImageRecord }
  | { kind: 'TAGGED' | 'UNTAGGED'; hostImage: HostImageRecord; tag: TagRecord }
  | { kind: 'TAG_MOVED'; hostImage: HostImageRecord; tag: TagRecord; previous: HostImageRecord };

/** Distinguishes the holders of one image. */
export function holderKey(host: string, id: string): string {
  return `${host}\0${id}`;
}

/**
 * The ID by which users know the image: the config digest where a host that names images so holds
 * it (classic store, podman), else the smallest ID that a containerd store gave it.
 */
export function imageDigest(image: ImageRecord): string {
  let smallest: string | undefined;
  for (const { id, host } of image.holders.values()) {
    if (host.imageStore !== 'CONTAINERD') return id;
    if (smallest === undefined || id < smallest) smallest = id;
  }
  return smallest ?? image.lastEngineId;
}
