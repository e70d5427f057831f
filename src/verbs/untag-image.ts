import { ConflictError, NotFoundError } from '../common/errors.ts';
import type { Verb } from '../operations/operation.ts';
import { toFamiliar } from '../registry/reference.ts';
import { liveHost } from '../fleet/live-host.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What `untagImage` is asked for, as it is stored. */
export type UntagInput = {
  /** Canonical, with tag. */
  tags: string[];
  keepImage: boolean;
};

/** What untagging did on one host. */
export type UntagOutcome = { untagged: string[]; deleted: string[] };

/** docker rmi of names. All of them are looked for before the first is taken away. */
export function untagVerb({ fleet }: VerbEnvironment): Verb<UntagInput, UntagOutcome> {
  return {
    kind: 'UNTAG_IMAGE',
    run: async ({ tags, keepImage }, { host, signal }) => {
      const { engine, slot } = await liveHost(fleet, host, signal);
      for (const tag of tags) {
        const image = slot.tags.get(tag);
        const name = toFamiliar(tag);
        if (!image) throw new NotFoundError(`${host} has no tag ${name}`, { host });
        if (keepImage && image.tags.every(({ reference }) => tags.includes(reference))) {
          throw new ConflictError(
            `${name} is the last tag of image ${image.id.slice(7, 19)} on ${host}`,
            { host, details: { hint: 'Leave keepImage out to let the image go with it.' } },
          );
        }
      }
      const outcome: UntagOutcome = { untagged: [], deleted: [] };
      let isLearned = true;
      for (const tag of tags) {
        const learn = fleet.beforeTagCall(host);
        const { untagged, deleted } = await engine.verbs.removeImage(tag, { signal });
        // Where the image went with its last tag, only a look tells what is left.
        if (deleted.length > 0 || !learn(tag, null)) isLearned = false;
        outcome.untagged.push(...untagged);
        outcome.deleted.push(...deleted);
      }
      if (!isLearned) {
        await untilShown(fleet, host, signal, (now) => tags.every((tag) => !now.tags.has(tag)));
      }
      return outcome;
    },
  };
}
