import type { ExpectedImage } from '../archive/image-archive.ts';
import { ConflictError, HostUnreachableError, NotFoundError } from '../common/errors.ts';
import type { Fleet, HostRecord } from '../fleet/fleet.ts';
import { holderOn } from '../fleet/image-lookup.ts';
import type { HostImageRecord, ImageRecord } from '../fleet/records.ts';
import type { TransferItem } from './transfer-request.ts';

/** An image where it is read from. */
export interface TransferSource {
  host: HostRecord;
  hostImage: HostImageRecord;
}

/** What an image on its host is known by. */
export function sourceKey({ host, hostImage }: TransferSource): string {
  return `${host.config.name}\0${hostImage.id}`;
}

/**
 * Where to read an image: the host that was asked for, else the best that holds it, which is online,
 * the least busy with other reads and the nearest.
 * @throws NotFoundError, HostUnreachableError
 */
export function transferSource(
  fleet: Fleet,
  item: Pick<TransferItem, 'reference' | 'content' | 'source' | 'engineId'>,
  readsOn: (host: string) => number,
): TransferSource {
  const { reference, content, source, engineId } = item;
  const image = fleet.inventory.images.get(content);
  if (source !== null) {
    const host = fleet.host(source);
    const hostImage =
      engineId === null ? image && holderOn(host.slot, image) : host.slot.images.get(engineId);
    if (hostImage) return { host, hostImage };
    throw new NotFoundError(`${reference} (${engineId ?? content}) is not on ${source} any more`, {
      host: source,
    });
  }
  const holders = [...(image?.holders.values() ?? [])];
  const [first] = holders;
  if (first === undefined) throw new NotFoundError(`no host has ${reference} any more`);
  const online = holders
    .map((hostImage) => ({ hostImage, host: fleet.host(hostImage.host.name) }))
    .filter(({ host }) => host.status.state === 'ONLINE')
    .toSorted((a, b) => {
      const byReads = readsOn(a.host.config.name) - readsOn(b.host.config.name);
      return byReads || latency(a.host) - latency(b.host);
    });
  if (online[0]) return online[0];
  const names = [...new Set(holders.map(({ host }) => host.name))].slice(0, 10).join(', ');
  throw new HostUnreachableError(`${reference} is on ${names}, and none of them is ONLINE`, {
    host: first.host.name,
  });
}

/** The image's record with all that a transfer needs to know of it beforehand. */
export function transferable(fleet: Fleet, { reference, content }: TransferItem): ImageRecord {
  const image = fleet.inventory.images.get(content);
  if (image?.facts) return image;
  if (image)
    throw new ConflictError(`what ${reference} is made of is not known: its engine does not tell`);
  throw new NotFoundError(`no host has ${reference} (${content}) any more`);
}

/** What a source's inspect said of an image. */
export function expectedImage(
  { hostImage }: TransferSource,
  { facts }: ImageRecord,
): ExpectedImage {
  const { layers, os, architecture, variant } = facts!;
  const diffIds = layers.map(({ diffId }) => diffId);
  return { id: hostImage.id, diffIds, os, architecture, variant };
}

function latency({ status }: HostRecord): number {
  return status.latencyMs ?? Infinity;
}
