import type { Fleet } from './fleet.ts';
import type { Order } from './ordered.ts';
import { parseReferenceGlobs } from './reference-glob.ts';
import type { HostSlot, TagRecord } from './records.ts';

/** Which tags; all that is given must hold. The SDL's `TagFilter` describes each. */
export interface TagFilter {
  drifted?: boolean | null;
  reference?: readonly string[] | null;
  hosts?: readonly string[] | null;
  missingFrom?: readonly string[] | null;
}

/** An order of tags; the SDL's `TagOrder`. */
export interface TagOrder {
  field: 'REFERENCE' | 'HOST_COUNT' | 'CONTENT_COUNT';
  direction: 'ASC' | 'DESC';
}

/** The tags that fit, each once: of the fleet (drifted ones straight from their index) or of one host. */
export function* selectTags(
  fleet: Fleet,
  filter: TagFilter,
  onHost?: HostSlot,
): Generator<TagRecord> {
  const { drifted, reference, hosts, missingFrom } = filter;
  const { inventory } = fleet;
  const fits = reference && parseReferenceGlobs(reference);
  for (const name of [...(hosts ?? []), ...(missingFrom ?? [])]) fleet.host(name);
  const candidates = onHost
    ? [...onHost.tags.keys()].map((name) => inventory.tags.get(name)!)
    : drifted === true
      ? inventory.driftedTags
      : inventory.tags.values();
  for (const tag of candidates) {
    if (drifted != null && drifted !== tag.contents.size > 1) continue;
    if (hosts && !hosts.some((name) => tag.targets.has(name))) continue;
    if (missingFrom && !missingFrom.some((name) => !tag.targets.has(name))) continue;
    if (fits && !fits(tag)) continue;
    yield tag;
  }
}

/** An order of tags. */
export function tagOrder({ field, direction }: TagOrder): Order<TagRecord> {
  const keys: Record<TagOrder['field'], (tag: TagRecord) => number | string> = {
    REFERENCE: ({ reference }) => reference,
    HOST_COUNT: ({ targets }) => targets.size,
    CONTENT_COUNT: ({ contents }) => contents.size,
  };
  return { direction, idOf: ({ reference }) => reference, keyOf: keys[field] };
}
