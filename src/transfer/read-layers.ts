import type { ImageContents, PassingLayer } from '../archive/image-archive.ts';
import { OCI_LAYER_TYPE } from '../archive/oci-documents.ts';
import type { TakenLayers } from '../engine/image-verbs.ts';
import type { ImageRecord, LayerRecord } from '../fleet/records.ts';
import type { ReadImage } from './image-read.ts';
import type { LayerSizes } from './layer-sizes.ts';
import { distinctLayers } from './planned-copy.ts';

/** Layers of an image could not be taken without the others. */
export class NotTakenError extends Error {}

/**
 * Takes these layers and the config, and has them in memory while `use` runs. Rejects with
 * NotTakenError where that cannot be done; `use` is not called then.
 */
export type WithLayers = <T>(
  layers: readonly LayerRecord[],
  signal: AbortSignal,
  use: (taken: TakenLayers) => Promise<T>,
) => Promise<T>;

/** Reads of an image only the layers that somebody lacks. `id`: the digest of its config. */
export function readLayers(
  image: ImageRecord,
  id: string,
  sizes: LayerSizes,
  withLayers: WithLayers,
): ReadImage {
  return async ({ visitor, signal, gathered, begin, took, isWanted }) => {
    const distinct = distinctLayers(image);
    await gathered();
    const wanted = distinct.filter((layer) => isWanted(passingLayer(layer)));
    return withLayers(wanted, signal, async ({ config, layers }) => {
      const taken = new Map(layers.map((layer) => [layer.diffId, layer]));
      begin();
      for (const layer of distinct) {
        const here = taken.get(layer.diffId);
        visitor.layerBegin(passingLayer(layer, here?.sizeBytes));
        for (const bytes of here?.chunks ?? []) {
          visitor.layerBytes(bytes);
          await took(bytes.length);
        }
        visitor.layerEnd();
      }
      signal.throwIfAborted();
      const sizeOf = (diffId: string) => taken.get(diffId)?.sizeBytes ?? sizes.of(diffId) ?? null;
      return contents(image, id, config, sizeOf);
    });
  };
}

/** `sizeBytes`: of its tar; where that is not known, what the engine says of its files. */
export function passingLayer(layer: LayerRecord, sizeBytes = layer.sizeBytes ?? 0): PassingLayer {
  const { diffId } = layer;
  return { name: diffId, diffId, digest: diffId, sizeBytes, isOfPlatform: true };
}

function contents(
  { layers }: ImageRecord,
  configDigest: string,
  config: Buffer,
  sizeOf: (diffId: string) => number | null,
): ImageContents {
  return {
    config,
    configDigest,
    layers: layers.map(({ diffId }) => ({
      diffId,
      digest: diffId,
      sizeBytes: sizeOf(diffId),
      mediaType: OCI_LAYER_TYPE,
    })),
    original: null,
    knowledge: null,
  };
}
