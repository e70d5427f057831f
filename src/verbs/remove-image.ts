import { ConflictError } from '../common/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { findHostImage } from '../fleet/image-lookup.ts';
import type { HostImageRecord, HostSlot, LayerRecord } from '../fleet/records.ts';
import type { Verb } from '../operations/operation.ts';
import { canonicalReference, parseReference, withDefaultTag } from '../registry/reference.ts';
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
      const found = images.map((ref) => {
        const image = findHostImage(slot, ref);
        return { name: spelt(image, ref), image };
      });
      const outcome: RemoveOutcome = {
        untagged: [],
        deleted: [],
        freedBytes: 0,
        keptSharedBytes: 0,
      };
      if (force && slot.imageStore === 'PODMAN') {
        await refuseUsed(engine, found, { host, signal });
      }
      for (const { name } of found) {
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

/** An image, and what is to be removed of it: a name or, with all its names, its ID. */
interface Removal {
  name: string;
  image: HostImageRecord;
}

/**
 * With an image, podman removes its containers by force, also those that run. Docker never does, so
 * nobody expects it.
 */
async function refuseUsed(
  engine: Engine,
  found: readonly Removal[],
  { host, signal }: { host: string; signal: AbortSignal },
): Promise<void> {
  const containers = await engine.listContainers({ signal });
  for (const { name, image } of found) {
    const same = found.filter((other) => other.image === image);
    if (name !== image.id && same.length < image.tags.length) continue;
    const user = containers.find(({ imageId }) => imageId === image.id);
    if (!user) continue;
    const what = `container ${user.name || user.id} (${user.state}) uses ${image.id} on ${host}`;
    throw new ConflictError(`${what}; by force, podman would remove the container too`, {
      host,
      details: { container: user.id, state: user.state, hint: 'remove the container first' },
    });
  }
}

/**
 * What was asked for, as no engine can misread it: a name takes only that name away, an ID the image.
 * Of a short name podman takes away what it finds first, which may be another image's.
 */
function spelt(image: HostImageRecord, ref: string): string {
  const isId = image.id.startsWith(ref) || image.id.startsWith(`sha256:${ref}`);
  if (isId && !namesTag(image, ref)) return image.id;
  return canonicalReference(withDefaultTag(parseReference(ref)));
}

function namesTag({ tags }: HostImageRecord, ref: string): boolean {
  return tags.some(({ reference, familiarName }) => reference === ref || familiarName === ref);
}

/** What the engine says it deleted is gone, and so are the names that it says it took away. */
function isShown(
  slot: HostSlot,
  found: readonly Removal[],
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
