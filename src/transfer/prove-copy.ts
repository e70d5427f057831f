import { NotFoundError } from '../common/errors.ts';
import type { HostRecord } from '../fleet/fleet.ts';

/** The target took the archive and the image on it is not whole. */
export class NotWholeError extends Error {}

/**
 * Proves that an image which was loaded is whole, by all the signs that engines give: inspect
 * answers with the same content, and it is listed (containerd's store leaves out what it has only
 * in part, though it answers for it).
 */
export async function proveCopy(
  { engine, config: { name } }: HostRecord,
  engineId: string,
  source: { engineId: string | null; content: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    const { contentDigest } = await engine.imageFacts(engineId, { signal });
    // Under one digest is one content; of an index a host shows the platform that is its own.
    if (contentDigest !== source.content && engineId !== source.engineId) {
      throw new NotWholeError(`${name} has ${engineId} with other content than the source`);
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotWholeError(`${name} took ${engineId} and does not have it`);
  }
  if (!(await engine.isImageWhole(engineId, { signal }))) {
    throw new NotWholeError(`${name} has ${engineId} only in part`);
  }
}
