import type { HostImageRecord, HostSlot, LayerRecord } from './records.ts';

/**
 * Unpacked bytes that a host has less without these images, whether they are still there or gone
 * already: each of their layers once, and those not at all that an image has which stays. Null
 * where layer sizes are not known.
 */
export function freedBytes(removed: Iterable<HostImageRecord>, slot: HostSlot): number | null {
  const gone = new Set(removed);
  const layers = new Set<LayerRecord>();
  for (const { image } of gone) {
    if (image.facts === null) return null;
    for (const layer of image.layers) layers.add(layer);
  }
  for (const hostImage of slot.images.values()) {
    if (gone.has(hostImage)) continue;
    for (const layer of hostImage.image.layers) layers.delete(layer);
  }
  let bytes = 0;
  for (const { sizeBytes } of layers) {
    if (sizeBytes === null) return null;
    bytes += sizeBytes;
  }
  return bytes;
}
