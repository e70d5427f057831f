import type { Fleet } from '../fleet/fleet.ts';
import type { HostSlot, ImageRecord, LayerRecord } from '../fleet/records.ts';

/** Hosts with more of them forget the oldest. */
const MAX_UNUSABLE = 10_000;

/** What a target has of an image. */
export interface HeldLayers {
  /** Diff IDs of layers that need not be sent. */
  held: ReadonlySet<string>;
  /** The others from the bottom up, each content once. */
  missing: readonly LayerRecord[];
  /** How many of those the host has in a form of which it cannot make this image. */
  unusable: number;
}

/**
 * Which layers of an image a host has, from its inventory. What the inventory cannot tell is
 * remembered here: a containerd store that has pulled an image holds its layers compressed, and
 * cannot make another image of them whose manifest names them uncompressed.
 */
export class LayerKnowledge {
  readonly #fleet: Fleet;
  /** Images, by `host\0ID`, whose layers turned out to be of no use for others. */
  readonly #unusable = new Set<string>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** `brought`: chain IDs of layers that will be there by then. */
  on(slot: HostSlot, image: ImageRecord, brought: ReadonlySet<string> = new Set()): HeldLayers {
    const held = new Map<string, boolean>();
    // One file stands for all layers of its content: it can be left out where none needs it.
    for (const layer of image.layers) {
      const isHere = brought.has(layer.chainId) || this.#has(slot, layer.chainId);
      held.set(layer.diffId, isHere && held.get(layer.diffId) !== false);
    }
    const missing = image.layers.filter(
      ({ diffId }, at) =>
        !held.get(diffId) && image.layers.findIndex((other) => other.diffId === diffId) === at,
    );
    const isUnusable = ({ chainId }: LayerRecord) =>
      !this.#has(slot, chainId) && !this.#holders(slot, chainId).next().done;
    return {
      unusable: missing.filter(isUnusable).length,
      held: new Set([...held].filter(([, isHeld]) => isHeld).map(([diffId]) => diffId)),
      missing,
    };
  }

  /** Layers of this image that the host has now did not make it whole: they are not relied on again. */
  notUsable(slot: HostSlot, image: ImageRecord): void {
    for (const { chainId } of image.layers) {
      for (const holder of this.#holders(slot, chainId)) this.#unusable.add(holder);
    }
    for (const key of this.#unusable) {
      if (this.#unusable.size <= MAX_UNUSABLE) break;
      this.#unusable.delete(key);
    }
  }

  #has(slot: HostSlot, chainId: string): boolean {
    for (const holder of this.#holders(slot, chainId)) {
      if (!this.#unusable.has(holder)) return true;
    }
    return false;
  }

  *#holders(slot: HostSlot, chainId: string): Generator<string> {
    // Looked up anew: records change with the inventory.
    const layer = this.#fleet.inventory.layers.get(chainId);
    for (const { hosts, holders } of layer?.images ?? []) {
      if (!hosts.has(slot.index)) continue;
      for (const { host, id } of holders.values()) if (host === slot) yield `${slot.name}\0${id}`;
    }
  }
}
