import { findHostImage } from '../fleet/image-lookup.ts';
import type { HostImageRecord, HostSlot, LayerRecord } from '../fleet/records.ts';
import type { Verb } from '../operations/operation.ts';
import { liveHost } from '../fleet/live-host.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What `removeImage` is asked for, as it is stored. */
export type RemoveInput = {
  /** References, digests, IDs or beginnings of IDs. */
  images: string[];
  force: boolean;
  noPrune: boolean;
};

/** What a removal did on one host. */
export type RemoveOutcome = {
  untagged: string[];
  deleted: string[];
  /** Null where layer sizes were not known. */
  freedBytes: number | null;
  keptSharedBytes: number | null;
};

/** docker rmi. All images are looked for before the first is removed. */
export function removeVerb({ fleet }: VerbEnvironment): Verb<RemoveInput, RemoveOutcome> {
  return {
    kind: 'REMOVE_IMAGE',
    run: async ({ images, force, noPrune }, { host, signal }) => {
      const { engine, slot } = await liveHost(fleet, host, signal);
      const found = images.map((ref) => ({ ref, image: findHostImage(slot, ref) }));
      const outcome: RemoveOutcome = {
        untagged: [],
        deleted: [],
        freedBytes: 0,
        keptSharedBytes: 0,
      };
      for (const { ref, image } of found) {
        // By what was asked for: a name takes only that name away, an ID the image.
        const isId = image.id.startsWith(ref) || image.id.startsWith(`sha256:${ref}`);
        const name = isId && !namesTag(image, ref) ? image.id : ref;
        const { untagged, deleted } = await engine.verbs.removeImage(name, {
          signal,
          force,
          noPrune,
        });
        outcome.untagged.push(...untagged);
        outcome.deleted.push(...deleted);
      }
      await untilShown(fleet, host, signal, (now) => isShown(now, found, outcome));
      const gone = new Set(
        found.map(({ image }) => image).filter(({ id }) => !slot.images.has(id)),
      );
      return { ...outcome, ...accountFor(gone, slot) };
    },
  };
}

function namesTag({ tags }: HostImageRecord, ref: string): boolean {
  return tags.some(({ reference, familiarName }) => reference === ref || familiarName === ref);
}

/** What the engine says it deleted is gone, and so are the names that it says it took away. */
function isShown(
  slot: HostSlot,
  found: readonly { image: HostImageRecord }[],
  { deleted, untagged }: RemoveOutcome,
): boolean {
  return found.every(({ image: { id, tags } }) => {
    const now = slot.images.get(id);
    if (deleted.includes(id)) return now === undefined;
    const names = now?.tags.map(({ familiarName }) => familiarName) ?? [];
    return tags.every(
      ({ familiarName }) => !untagged.includes(familiarName) || !names.includes(familiarName),
    );
  });
}

/** The layers of images that are gone: freed where nothing on the host has them any more. */
function accountFor(
  gone: ReadonlySet<HostImageRecord>,
  slot: HostSlot,
): Pick<RemoveOutcome, 'freedBytes' | 'keptSharedBytes'> {
  const layers = new Set<LayerRecord>();
  for (const { image } of gone) {
    if (image.facts === null) return { freedBytes: null, keptSharedBytes: null };
    for (const layer of image.layers) layers.add(layer);
  }
  let freedBytes = 0;
  let keptSharedBytes = 0;
  for (const layer of layers) {
    if (layer.sizeBytes === null) return { freedBytes: null, keptSharedBytes: null };
    const isKept = [...layer.images].some(({ hosts }) => hosts.has(slot.index));
    if (isKept) keptSharedBytes += layer.sizeBytes;
    else freedBytes += layer.sizeBytes;
  }
  return { freedBytes, keptSharedBytes };
}
