import { NotFoundError } from '../common/errors.ts';
import type { Fleet, HostRecord } from '../fleet/fleet.ts';
import { untilShown } from '../fleet/until-shown.ts';

/** For how long the remains of a copy that failed are looked for. */
const CLEAN_UP_MS = 3_500;
/** Those that came at the last moment are removed all the same; together less than a cancel waits. */
const REMOVE_MS = 1_000;

/**
 * Removes a copy that is not whole, or that nobody wants any more. An engine that has the whole
 * archive goes on unpacking though nobody waits for it any more (`isUnpacking`): that is waited for.
 * Says what may be left; null where nothing is. Never rejects.
 */
export async function removeCopy(
  fleet: Fleet,
  target: HostRecord,
  engineId: string,
  isUnpacking: boolean,
): Promise<string | null> {
  const { name } = target.config;
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  try {
    if ((await removeUntagged(target, engineId, signal)) || !isUnpacking) return null;
    const isShown = () => target.slot.images.has(engineId);
    await untilShown(fleet, name, signal, isShown);
    if (!isShown()) {
      return `${engineId} may appear on ${name}, without a tag, since ${name} goes on unpacking`;
    }
    await removeUntagged(target, engineId, AbortSignal.timeout(REMOVE_MS));
    return null;
  } catch {
    return `${engineId} may be left on ${name}, without a tag`;
  }
}

/** Whether it was there. Somebody who gave it a tag meanwhile keeps it. */
async function removeUntagged(
  { engine, slot }: HostRecord,
  engineId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const listed = await engine.listImages({ signal });
    const isTagged = listed.some(({ id, tags }) => id === engineId && tags.length > 0);
    // By force, podman would take containers along.
    const force = slot.imageStore !== 'PODMAN';
    if (!isTagged) await engine.verbs.removeImage(engineId, { signal, force });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
