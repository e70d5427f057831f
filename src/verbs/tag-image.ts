import { findHostImage } from '../fleet/image-lookup.ts';
import type { Verb } from '../operations/operation.ts';
import { toFamiliar } from '../registry/reference.ts';
import { liveHost } from '../fleet/live-host.ts';
import type { HostSlot } from '../fleet/records.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What `tagImage` is asked for, as it is stored. */
export type TagInput = {
  /** A reference, an ID or the beginning of one. */
  image: string;
  /** Canonical, with tag. */
  tags: string[];
};

/** What tagging did on one host. */
export type TagOutcome = {
  engineId: string;
  tagged: { reference: string; previousEngineId: string | null }[];
};

/** docker tag, for several tags. */
export function tagVerb({ fleet }: VerbEnvironment): Verb<TagInput, TagOutcome> {
  return {
    kind: 'TAG_IMAGE',
    run: async ({ image, tags }, { host, signal }) => {
      const { engine, slot } = await liveHost(fleet, host, signal);
      const { id } = findHostImage(slot, image);
      const tagged: TagOutcome['tagged'] = [];
      let isLearned = true;
      for (const tag of tags) {
        const owner = slot.tags.get(tag)?.id ?? null;
        const learn = fleet.beforeTagCall(host);
        await engine.verbs.tagImage(id, tag, { signal });
        if (!learn(tag, id)) isLearned = false;
        tagged.push({
          reference: toFamiliar(tag),
          previousEngineId: owner === id ? null : owner,
        });
      }
      if (!isLearned) {
        const isShown = (now: HostSlot) => tags.every((tag) => now.tags.get(tag)?.id === id);
        await untilShown(fleet, host, signal, isShown);
      }
      return { engineId: id, tagged };
    },
    recover: async ({ image, tags }, { host, signal }) => {
      const { slot } = await liveHost(fleet, host, signal);
      const { id } = findHostImage(slot, image);
      if (!tags.every((tag) => slot.tags.get(tag)?.id === id)) return null;
      // Whose the tags were before, nobody knows any more.
      const tagged = tags.map((tag) => ({
        reference: toFamiliar(tag),
        previousEngineId: null,
      }));
      return { engineId: id, tagged };
    },
  };
}
