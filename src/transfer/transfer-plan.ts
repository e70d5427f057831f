import type { Clock } from '../common/clock.ts';
import { PlanShelf } from '../common/plan-shelf.ts';
import type { Plan, ShelfLimits } from '../common/plan-shelf.ts';
import { sumKnown } from '../common/sum-known.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { ImageRecord, LayerRecord } from '../fleet/records.ts';
import type { HeldLayers } from './held-layers.ts';
import { distinctLayers, layerBytes, neededCopies } from './planned-copy.ts';
import type { NeededCopy } from './planned-copy.ts';
import { tagConflicts } from './set-tags.ts';
import type { TagConflict } from './set-tags.ts';
import type { Transfers } from './transfer-image.ts';
import type { PlannedCopy, TransferItem } from './transfer-request.ts';
import { transferable, transferSource } from './transfer-source.ts';

/** An image that would be copied, where it would be read. */
export interface PlannedImage {
  item: TransferItem & { source: string; engineId: string };
  /** As the inventory had it when the plan was made. */
  image: ImageRecord;
}

/** What would be done for one image on one target. */
export interface PlannedTransferCopy extends PlannedCopy {
  host: string;
  planned: PlannedImage;
  missingLayers: LayerRecord[];
  presentLayers: LayerRecord[];
  /** Null where layer sizes are not known. */
  bytesToSend: number | null;
  bytesSaved: number | null;
  /** Whether layers would be left out. */
  stripping: boolean;
  /** Why nothing or not everything that is there would be left out; null where there is no more to say. */
  reason: string | null;
  conflicts: TagConflict[];
  /** How the image's platform is not the target's; null where it is. */
  platformMismatch: string | null;
}

/** What would be done on one target. */
export interface TransferPlanTarget {
  host: string;
  copies: PlannedTransferCopy[];
  bytesToSend: number | null;
  bytesSaved: number | null;
  stripping: boolean;
  /** Why nothing can be planned; else the first reason of a copy. */
  reason: string | null;
  /** Whether the target could be looked at. */
  isPlanned: boolean;
}

/** What a transfer would do, kept so that it can be run as it is. */
export interface TransferPlan extends Plan {
  images: PlannedImage[];
  targets: TransferPlanTarget[];
  /** Null where layer sizes are not known. */
  totalBytes: number | null;
}

/** Makes plans and keeps them in memory for a while. */
export class TransferPlans {
  readonly #shelf: PlanShelf<TransferPlan>;

  constructor(options: Partial<ShelfLimits> & { clock?: Clock } = {}) {
    this.#shelf = new PlanShelf(weight, options);
  }

  /**
   * What a transfer of these images to these hosts would do, from the inventory as it is.
   * @throws NotFoundError, HostUnreachableError where an image cannot be read from anywhere
   */
  make(
    transfers: Transfers,
    items: readonly TransferItem[],
    targets: readonly string[],
  ): TransferPlan {
    const { fleet, room } = transfers;
    const stamp = this.#shelf.stamp();
    const images = items.map((item): PlannedImage => {
      const image = transferable(fleet, item);
      const { host, hostImage } = transferSource(fleet, item, (name) => room.readsOn(name));
      return { item: { ...item, source: host.config.name, engineId: hostImage.id }, image };
    });
    const planned = targets.map((name) => planTarget(transfers, fleet.host(name), images));
    return this.#shelf.keep({
      ...stamp,
      images,
      targets: planned,
      totalBytes: sumKnown(planned.map(({ bytesToSend }) => bytesToSend)),
    });
  }

  /** Undefined where it has expired or this process never made it. */
  find(id: string): TransferPlan | undefined {
    return this.#shelf.find(id);
  }
}

function planTarget(
  transfers: Transfers,
  target: HostRecord,
  images: readonly PlannedImage[],
): TransferPlanTarget {
  const { state, error } = target.status;
  const host = target.config.name;
  if (state !== 'ONLINE') {
    const reason = `${host} is ${state}, so what it holds is not known${error ? `: ${error.message}` : ''}`;
    const nothing = { copies: [], bytesToSend: 0, bytesSaved: 0, stripping: false };
    return { host, ...nothing, reason, isPlanned: false };
  }
  const needed = neededCopies(transfers.layers, target, images);
  const copies = needed.map((copy, at) => planCopy(transfers, target, images[at]!, copy));
  return {
    host,
    copies,
    bytesToSend: sumKnown(copies.map(({ bytesToSend }) => bytesToSend)),
    bytesSaved: sumKnown(copies.map(({ bytesSaved }) => bytesSaved)),
    stripping: copies.some(({ stripping }) => stripping),
    reason: copies.find(({ reason }) => reason !== null)?.reason ?? null,
    isPlanned: true,
  };
}

function planCopy(
  transfers: Transfers,
  target: HostRecord,
  planned: PlannedImage,
  needed: NeededCopy,
): PlannedTransferCopy {
  const { item, image } = planned;
  const { isThere, missing, owners, held } = needed;
  const distinct = distinctLayers(image);
  const missingLayers = isThere ? [] : distinct.filter(({ diffId }) => !held.held.has(diffId));
  const presentLayers = isThere ? distinct : distinct.filter(({ diffId }) => held.held.has(diffId));
  return {
    host: target.config.name,
    planned,
    isThere,
    missing,
    owners,
    missingLayers,
    presentLayers,
    bytesToSend: layerBytes(missingLayers),
    bytesSaved: layerBytes(presentLayers),
    stripping: !isThere && presentLayers.length > 0,
    reason: isThere ? null : reasonOf(transfers, target, planned, held),
    conflicts: tagConflicts(target.slot, item.tags, item.content),
    platformMismatch: platformMismatch(target, image),
  };
}

function reasonOf(
  { names, fleet }: Transfers,
  target: HostRecord,
  { item, image }: PlannedImage,
  held: HeldLayers,
): string | null {
  const { name } = target.config;
  const { unusable } = held;
  if (unusable > 0) {
    const layers = `${unusable} ${unusable === 1 ? 'layer' : 'layers'}`;
    return `${name} has ${layers} in a form of which it made no whole image before: sent again`;
  }
  const source = fleet.host(item.source);
  if (
    !names.canTell({ host: source, hostImage: source.slot.images.get(item.engineId)! }, image, held)
  ) {
    return `${item.source} stores layers compressed: which are which is known only while they pass, so all are sent`;
  }
  return null;
}

function platformMismatch({ status, config }: HostRecord, { facts }: ImageRecord): string | null {
  const { engine } = status;
  if (!engine || !facts) return null;
  const isOurs = facts.os === engine.os && facts.architecture === engine.architecture;
  if (isOurs || facts.os === '') return null;
  return `the image is for ${facts.os}/${facts.architecture}, ${config.name} is ${engine.os}/${engine.architecture}`;
}

function weight({ targets, images }: TransferPlan): number {
  return images.length + targets.reduce((total, { copies }) => total + copies.length, 0);
}
