import type { ProgressMessage } from '../engine/image-verbs.ts';
import type { TaskProgress, Verb } from '../operations/operation.ts';
import { assertAllowed } from './allowed-url.ts';
import { madeSince, mayGoOn, untilImageShown } from './made-image.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What `importImage` is asked for, as it is stored. */
export type ImportInput = {
  /** As `fetchableUrl` gives it. */
  url: string;
  /** Canonical, with tag; null for an image without a name. */
  reference: string | null;
  message: string | null;
  changes: string[];
  platform: string | null;
};

/** What an import made. */
export type ImportOutcome = { engineId: string };

/** docker import of what the engine fetches. */
export function importVerb({
  fleet,
  importUrls,
}: VerbEnvironment): Verb<ImportInput, ImportOutcome> {
  return {
    kind: 'IMPORT_IMAGE',
    run: async ({ url, reference, message, changes, platform }, context) => {
      const { host, signal } = context;
      assertAllowed(url, importUrls, host);
      const { verbs } = fleet.host(host).engine;
      const options = {
        signal,
        changes,
        onProgress: (told: ProgressMessage) => context.progress(importProgress(told)),
        ...(reference !== null && { reference }),
        ...(message !== null && { message }),
        ...(platform !== null && { platform }),
      };
      const id = await verbs.importImage({ url }, options).catch((error: unknown) => {
        throw signal.aborted ? mayGoOn(host, 'fetching the URL', error) : error;
      });
      const tags = reference === null ? [] : [reference];
      return { engineId: await untilImageShown(fleet, context, id, tags) };
    },
    recover: async ({ url, reference, message }, context) => {
      const made = reference === null ? null : madeSince(fleet, context, [reference]);
      // Engines write into the image what they were told, or where it is from.
      const comment = message ?? `Imported from ${url}`;
      return made?.image.facts?.comment === comment ? { engineId: made.id } : null;
    },
  };
}

/** An import is one stream: fetched and unpacked at once. */
function importProgress({ status, currentBytes, totalBytes }: ProgressMessage): TaskProgress {
  const isKnown = currentBytes !== null && totalBytes !== null;
  return {
    phase: status.startsWith('Download') ? 'DOWNLOADING' : 'IMPORTING',
    currentBytes,
    totalBytes,
    percent: isKnown ? Math.min(100, (100 * currentBytes) / totalBytes) : null,
    bytesPerSecond: null,
    etaSeconds: null,
    parts: [],
  };
}
