import type { Fleet } from './fleet.ts';
import { hostIndexes } from './image-query.ts';
import type { LayerUsage } from './layer-usage.ts';
import type { Order } from './ordered.ts';
import type { LayerRecord } from './records.ts';

/** Which layers; all that is given must hold. The SDL's `LayerFilter` describes each. */
export interface LayerFilter {
  diffId?: string | null;
  hosts?: readonly string[] | null;
  minImages?: number | null;
  minHosts?: number | null;
  largerThan?: number | null;
}

/** An order of layers; the SDL's `LayerOrder`. */
export interface LayerOrder {
  field: 'SIZE' | 'IMAGE_COUNT' | 'HOST_COUNT' | 'SAVED_BYTES';
  direction: 'ASC' | 'DESC';
}

/** The fleet's layers that fit, each once. */
export function* selectLayers(fleet: Fleet, filter: LayerFilter): Generator<LayerRecord> {
  const { inventory, layerUsage } = fleet;
  const { diffId, minImages, minHosts, largerThan } = filter;
  const onHosts = hostIndexes(fleet, filter.hosts);
  const candidates =
    diffId == null ? inventory.layers.values() : (inventory.layersByDiffId.get(diffId) ?? []);
  for (const layer of candidates) {
    if (minImages != null && layer.images.size < minImages) continue;
    if (largerThan != null && (layer.sizeBytes ?? 0) <= largerThan) continue;
    if (minHosts != null && layerUsage.hostsOf(layer).size < minHosts) continue;
    if (onHosts) {
      const hosts = layerUsage.hostsOf(layer);
      if (![...onHosts].some((index) => hosts.has(index))) continue;
    }
    yield layer;
  }
}

/** An order of the fleet's layers. */
export function layerOrder(
  usage: LayerUsage,
  { field, direction }: LayerOrder,
): Order<LayerRecord> {
  const keys: Record<LayerOrder['field'], (layer: LayerRecord) => number> = {
    SIZE: ({ sizeBytes }) => sizeBytes ?? 0,
    IMAGE_COUNT: ({ images }) => images.size,
    HOST_COUNT: (layer) => usage.hostsOf(layer).size,
    SAVED_BYTES: (layer) => usage.savedBytes(layer) ?? 0,
  };
  return { direction, idOf: ({ chainId }) => chainId, keyOf: keys[field] };
}
