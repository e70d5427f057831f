import { ConflictError } from '../common/errors.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { HostSlot } from '../fleet/records.ts';
import { toFamiliar } from '../registry/reference.ts';
import type { TagConflictPolicy, TransferredImage } from './transfer-request.ts';

/** What became of the tags of a copied image. */
export type TagResult = Pick<TransferredImage, 'tags' | 'kept' | 'moved'>;

/** A tag that another image has. */
export interface TagConflict {
  /** Canonical. */
  tag: string;
  /** The other image's ID on the target. */
  engineId: string;
}

/** Tags that images of other content have on the host. */
export function tagConflicts(
  slot: HostSlot,
  tags: readonly string[],
  content: string,
): TagConflict[] {
  return tags.flatMap((tag) => {
    const owner = slot.tags.get(tag);
    return owner && owner.image.key !== content ? [{ tag, engineId: owner.id }] : [];
  });
}

/** Throws where tags are taken and must not be: before anything is sent, and again before tagging. */
export function refuseConflicts(
  { slot, config: { name } }: HostRecord,
  tags: readonly string[],
  content: string,
  policy: TagConflictPolicy,
): void {
  const [first, ...others] = policy === 'FAIL' ? tagConflicts(slot, tags, content) : [];
  if (!first) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more tags are taken`;
  throw new ConflictError(
    `${toFamiliar(first.tag)} is another image on ${name} (${first.engineId})${more}`,
    { host: name, details: { hint: 'Set onTagConflict to MOVE or KEEP, or rename the tag.' } },
  );
}

/** Gives the image its tags. A tag that another image has goes by the policy. */
export async function setTags(
  { engine, slot }: HostRecord,
  engineId: string,
  tags: readonly string[],
  policy: TagConflictPolicy,
  signal: AbortSignal,
): Promise<TagResult> {
  const result: TagResult = { tags: [], kept: [], moved: [] };
  for (const tag of tags) {
    const owner = slot.tags.get(tag);
    const name = toFamiliar(tag);
    if (owner && owner.id !== engineId) {
      if (policy === 'KEEP') {
        result.kept.push({ tag: name, engineId: owner.id });
        continue;
      }
      result.moved.push({ tag: name, previous: owner.id });
    }
    if (owner?.id !== engineId) await engine.verbs.tagImage(engineId, tag, { signal });
    result.tags.push(name);
  }
  return result;
}
