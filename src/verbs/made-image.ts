import { CancelledError } from '../common/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { liveHost } from '../fleet/live-host.ts';
import type { HostImageRecord, HostSlot } from '../fleet/records.ts';
import { operationTime } from '../operations/operation-id.ts';
import type { TaskContext } from '../operations/operation.ts';
import { untilShown } from '../fleet/until-shown.ts';

/**
 * Resolves when the inventory shows an image that an engine has just made, with its tags: the
 * host's full ID for it. Some builders only tell the beginning of one. There are engines that never
 * list it: with containerd's store, 26.1 leaves out what it built on an image that it had pulled
 * while layers of it were there already. The log tells so then.
 */
export async function untilImageShown(
  fleet: Fleet,
  { host, signal, log }: Pick<TaskContext, 'host' | 'signal' | 'log'>,
  id: string,
  tags: readonly string[],
): Promise<string> {
  const { slot } = fleet.host(host);
  const shown = () => slot.images.get(id) ?? byPrefix(slot, id);
  await untilShown(fleet, host, signal, () => {
    const image = shown();
    return image !== undefined && tags.every((tag) => slot.tags.get(tag) === image);
  });
  const image = shown();
  if (!image) log(`${host} made ${id} and does not list it among its images`);
  return image?.id ?? id;
}

/** What is left to say of a cancelled verb that engines begin and do not stop. */
export function mayGoOn(host: string, doing: string, cause: unknown): CancelledError {
  return new CancelledError(`${host} may go on ${doing} to the end, and make the image then`, {
    host,
    cause,
    details: { hint: 'look for the image later; engines cannot be told to stop this' },
  });
}

/**
 * The image that an interrupted operation made, if that can be told afterwards: it has all the tags,
 * and is younger than the operation. One without a tag cannot be told from anyone's. Waits for a host
 * that is just being reached, as all are after a restart.
 */
export async function madeSince(
  fleet: Fleet,
  { host, operationId, signal }: Pick<TaskContext, 'host' | 'operationId' | 'signal'>,
  tags: readonly string[],
): Promise<HostImageRecord | null> {
  const { slot } = await liveHost(fleet, host, signal);
  const image = tags.length === 0 ? undefined : slot.tags.get(tags[0]!);
  if (!image || !tags.every((tag) => slot.tags.get(tag) === image)) return null;
  // Engines list whole seconds.
  const since = Math.floor(operationTime(operationId) / 1000) * 1000;
  return image.createdAt >= since ? image : null;
}

function byPrefix(slot: HostSlot, id: string): HostImageRecord | undefined {
  const prefix = id.startsWith('sha256:') ? id : `sha256:${id}`;
  for (const [key, image] of slot.images) if (key.startsWith(prefix)) return image;
  return undefined;
}
