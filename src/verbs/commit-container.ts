import { liveHost } from '../fleet/live-host.ts';
import type { Verb } from '../operations/operation.ts';
import { madeSince, mayGoOn, untilImageShown } from './made-image.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What `commitContainer` is asked for, as it is stored. */
export type CommitInput = {
  /** Name or ID. */
  container: string;
  /** Canonical, with tag; null for an image without a name. */
  reference: string | null;
  author: string | null;
  message: string | null;
  changes: string[];
  pause: boolean;
};

/** What a commit made. */
export type CommitOutcome = { engineId: string };

/** docker commit. */
export function commitVerb({ fleet }: VerbEnvironment): Verb<CommitInput, CommitOutcome> {
  return {
    kind: 'COMMIT_CONTAINER',
    run: async ({ container, reference, author, message, changes, pause }, context) => {
      const { host, signal } = context;
      const { verbs } = (await liveHost(fleet, host, signal)).engine;
      const options = {
        signal,
        changes,
        pause,
        ...(reference !== null && { reference }),
        ...(author !== null && { author }),
        ...(message !== null && { message }),
      };
      const id = await verbs.commitContainer(container, options).catch((error: unknown) => {
        throw signal.aborted ? mayGoOn(host, 'packing the container', error) : error;
      });
      const tags = reference === null ? [] : [reference];
      return { engineId: await untilImageShown(fleet, context, id, tags) };
    },
    recover: async ({ reference, author, message }, context) => {
      const made = reference === null ? null : await madeSince(fleet, context, [reference]);
      const facts = made?.image.facts;
      if (!made || facts?.author !== (author ?? '') || facts.comment !== (message ?? '')) {
        return null;
      }
      return { engineId: made.id };
    },
  };
}
