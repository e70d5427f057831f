import type { Readable } from 'node:stream';
import type { HostRecord } from '../../fleet/fleet.ts';
import type { WantedImage } from './archive-request.ts';
import { mergeSaves } from '../../archive/merge-saves.ts';

/**
 * Opens the archive of images on a host; resolves when the engine begins to answer.
 *
 * Docker 25 to 28 with the classic store never lets go of a layer that is in one save twice: once
 * its images are removed, it stays on the disk until somebody deletes the engine's whole data. Images
 * that share a base are such a case, so there each is saved by a request of its own.
 */
export async function openSave(
  host: HostRecord,
  images: WantedImage[],
  signal: AbortSignal,
): Promise<Readable> {
  const { engine, config } = host;
  const open = (names: string[]) => engine.verbs.saveImages(names, { signal });
  const namesOf = Map.groupBy(images, ({ hostImage }) => hostImage.id);
  if (namesOf.size === 1 || !leaksLayers(host)) return open(images.map(({ name }) => name));
  const [first, ...others] = [...namesOf.values()].map((same) => same.map(({ name }) => name));
  // The first is opened now: what is wrong with it is still to be answered in good order.
  const opened = await open(first!);
  return mergeSaves(config.name, [
    () => Promise.resolve(opened),
    ...others.map((names) => () => open(names)),
  ]);
}

function leaksLayers({ status }: HostRecord): boolean {
  const { engine } = status;
  const major = Number.parseInt(engine?.version ?? '', 10);
  return engine?.imageStore === 'CLASSIC' && major >= 25 && major <= 28;
}
