import { sumKnown } from '../common/sum-known.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import { holderOn } from '../fleet/image-lookup.ts';
import type { ImageRecord, LayerRecord } from '../fleet/records.ts';
import { toFamiliar } from '../registry/reference.ts';
import type { HeldLayers, LayerKnowledge } from './held-layers.ts';
import type { PlannedCopy, TransferItem } from './transfer-request.ts';

/** An image that is to be copied, with its record. */
export interface WantedImage {
  item: TransferItem;
  image: ImageRecord;
}

/** What has to be done for one image on one target, with the layers. */
export interface NeededCopy extends PlannedCopy {
  held: HeldLayers;
}

/** What has to be done on a target, image after image: what one brings the next need not. */
export function neededCopies(
  layers: LayerKnowledge,
  { slot }: HostRecord,
  wanted: readonly WantedImage[],
): NeededCopy[] {
  const brought = new Set<string>();
  return wanted.map(({ item, image }): NeededCopy => {
    const held = layers.on(slot, image, brought);
    const isThere = holderOn(slot, image) !== undefined;
    for (const { chainId } of image.layers) brought.add(chainId);
    const owners = item.tags.map((tag) => [tag, slot.tags.get(tag)?.id ?? null] as const);
    return {
      isThere,
      missing: isThere ? [] : held.missing.map(({ diffId }) => diffId),
      owners: Object.fromEntries(owners),
      held,
    };
  });
}

/** That nobody has the image any more; undefined where somebody has. */
export function goneChange(
  images: ReadonlyMap<string, ImageRecord>,
  { reference, content, source, engineId }: TransferItem,
): string | undefined {
  if (images.has(content)) return undefined;
  return `${reference} (${engineId ?? content}) is not on ${source} any more`;
}

/**
 * How what has to be done differs from what was planned; nothing where it does not. When it is run
 * once more (`isRetry`), what it was to bring about may be there.
 */
export function whatChanged(
  source: HostRecord,
  target: HostRecord,
  { reference, tag, engineId, content }: TransferItem,
  planned: PlannedCopy,
  now: PlannedCopy,
  isRetry: boolean,
): string[] {
  const from = source.config.name;
  const to = target.config.name;
  const changes: string[] = [];
  if (engineId !== null && !source.slot.images.has(engineId)) {
    changes.push(`${reference} (${engineId}) is not on ${from} any more`);
  } else if (tag !== null && source.slot.tags.get(tag)?.id !== engineId) {
    const owner = source.slot.tags.get(tag)?.id;
    changes.push(`${reference} is ${owner ?? 'no image'} on ${from} now, not ${engineId}`);
  }
  if (planned.isThere !== now.isThere) {
    if (!isRetry || !now.isThere)
      changes.push(`${reference} is ${now.isThere ? '' : 'not '}on ${to} now`);
  } else {
    const expected = isRetry
      ? planned.missing.filter((diffId) => now.missing.includes(diffId))
      : planned.missing;
    changes.push(...layerChanges(reference, to, expected, now.missing));
  }
  for (const [tag, owner] of Object.entries(now.owners)) {
    if (planned.owners[tag] === owner) continue;
    if (isRetry && target.slot.tags.get(tag)?.image.key === content) continue;
    const name = toFamiliar(tag);
    changes.push(
      owner === null ? `${name} is not on ${to} any more` : `${name} is ${owner} on ${to} now`,
    );
  }
  return changes;
}

function layerChanges(
  reference: string,
  to: string,
  planned: readonly string[],
  now: readonly string[],
): string[] {
  const gone = now.filter((diffId) => !planned.includes(diffId)).length;
  const come = planned.filter((diffId) => !now.includes(diffId)).length;
  const layers = (count: number) => `${count} ${count === 1 ? 'layer' : 'layers'} of ${reference}`;
  return [
    ...(gone > 0 ? [`${layers(gone)} went from ${to}`] : []),
    ...(come > 0 ? [`${layers(come)} came to ${to}`] : []),
  ];
}

/** Bytes of layers, as engines count them; null where one is not known. */
export function layerBytes(layers: readonly LayerRecord[]): number | null {
  return sumKnown(layers.map(({ sizeBytes }) => sizeBytes));
}

/** An image's layers, each content once. */
export function distinctLayers({ layers }: ImageRecord): LayerRecord[] {
  return [
    ...new Map(layers.toReversed().map((layer) => [layer.diffId, layer])).values(),
  ].toReversed();
}
