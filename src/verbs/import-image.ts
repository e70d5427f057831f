import type { ProgressMessage } from '../engine/image-verbs.ts';
import { liveHost } from '../fleet/live-host.ts';
import type { TaskProgress, Verb } from '../operations/operation.ts';
import { assertAllowed } from './allowed-url.ts';
import { madeSince, mayGoOn, untilImageShown } from './made-image.ts';
import { openUploadedTar } from './uploaded-tar.ts';
import type { UploadedTar } from './uploaded-tar.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** Where an import gets its tar, as it is stored. */
export type ImportSource =
  /** As `fetchableUrl` gives it. */
  { url: string } | UploadedTar;

/** What `importImage` is asked for, as it is stored. */
export type ImportInput = ImportSource & {
  /** Canonical, with tag; null for an image without a name. */
  reference: string | null;
  message: string | null;
  changes: string[];
  platform: string | null;
};

/** What an import made. */
export type ImportOutcome = { engineId: string };

/** docker import, of what the engine fetches or of an upload. */
export function importVerb({
  fleet,
  importUrls,
  uploads,
}: VerbEnvironment): Verb<ImportInput, ImportOutcome> {
  return {
    kind: 'IMPORT_IMAGE',
    run: async (input, context) => {
      const { host, signal } = context;
      const { reference, changes, platform } = input;
      if ('url' in input) assertAllowed(input.url, importUrls, host);
      // From when on the engine has all that it needs, whatever becomes of the request.
      let hasAll = 'url' in input;
      const onBytes = (sent: number, total: number) => {
        hasAll = sent === total;
        context.progress(progressOf('SENDING', sent, total));
      };
      const source =
        'url' in input
          ? { url: input.url }
          : { archive: await openUploadedTar(uploads, input, onBytes) };
      const options = {
        signal,
        changes,
        message: commentOf(input),
        onProgress: (told: ProgressMessage) => context.progress(importProgress(told)),
        ...(reference !== null && { reference }),
        ...(platform !== null && { platform }),
      };
      const { verbs } = (await liveHost(fleet, host, signal)).engine;
      const id = await verbs.importImage(source, options).catch((error: unknown) => {
        const doing = 'url' in input ? 'fetching the URL' : 'unpacking the tar';
        throw signal.aborted && hasAll ? mayGoOn(host, doing, error) : error;
      });
      const tags = reference === null ? [] : [reference];
      return { engineId: await untilImageShown(fleet, context, id, tags) };
    },
    recover: async (input, context) => {
      const { reference } = input;
      const made = reference === null ? null : await madeSince(fleet, context, [reference]);
      return made?.image.facts?.comment === commentOf(input) ? { engineId: made.id } : null;
    },
  };
}

/** The image's comment: where it is from when none was given, in the words of engines. */
function commentOf(input: ImportInput): string {
  if (input.message !== null) return input.message;
  return `Imported from ${'url' in input ? input.url : `upload sha256:${input.sha256}`}`;
}

/** An import is one stream: fetched and unpacked at once. */
function importProgress({ status, currentBytes, totalBytes }: ProgressMessage): TaskProgress {
  const phase = status.startsWith('Download') ? 'DOWNLOADING' : 'IMPORTING';
  return progressOf(phase, currentBytes, totalBytes);
}

function progressOf(
  phase: string,
  currentBytes: number | null,
  totalBytes: number | null,
): TaskProgress {
  const isKnown = currentBytes !== null && totalBytes !== null;
  return {
    phase,
    currentBytes,
    totalBytes,
    percent: isKnown ? Math.min(100, (100 * currentBytes) / totalBytes) : null,
    bytesPerSecond: null,
    etaSeconds: null,
    parts: [],
  };
}
