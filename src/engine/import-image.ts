import type { Readable } from 'node:stream';
import { BadUserInputError, EngineUnsupportedError } from '../common/errors.ts';
import { compareApiVersions } from './api-version.ts';
import { imageId } from './image-id.ts';
import type { VerbOptions } from './image-verbs.ts';
import { readMessages } from './message-stream.ts';
import { withoutEnd } from './pull-image.ts';
import { splitTagged } from './split-reference.ts';
import type { VerbCalls } from './verb-calls.ts';
import { complaintError, refusalOf } from './verb-errors.ts';

/** What `docker import` takes. */
export interface ImportOptions extends VerbOptions {
  /** A name with a tag; the image has no name without it. */
  reference?: string;
  message?: string;
  /** Dockerfile instructions, such as `CMD ["sh"]`. */
  changes?: string[];
  platform?: string;
}

/** `docker import`: the new image's ID. */
export async function importImage(
  calls: VerbCalls,
  source: { url: string } | { archive: Readable },
  { reference, message, changes, platform, signal, onProgress }: ImportOptions,
): Promise<string> {
  const { host } = calls;
  const from = 'url' in source ? fetchable(source.url, host) : '-';
  const query = new URLSearchParams({ fromSrc: from });
  if (reference !== undefined) {
    const { name, tag } = splitTagged(reference, host);
    query.set('repo', name);
    query.set('tag', tag);
  }
  if (message !== undefined) query.set('message', message);
  if (platform !== undefined) {
    await requireArchitecture(calls, platform, signal);
    query.set('platform', platform);
  }
  for (const change of changes ?? []) query.append('changes', change);
  const what = `the import of ${reference ?? 'an image'}`;
  const errorOf = complaintError({ host });
  return calls.stream(
    {
      name: 'importImage',
      what,
      method: 'POST',
      path: `/images/create?${query.toString()}`,
      body: 'archive' in source ? source.archive : undefined,
      errorOf: refusalOf({ host }),
      signal,
    },
    async ({ response, life }) => {
      let id: string | null = null;
      await readMessages(response, {
        host,
        what,
        onMove: life.moved,
        errorOf,
        take: (json, progress) => {
          const imported = imageId(json.status);
          if (imported !== null) id = imported;
          else if (progress !== null) onProgress?.(progress);
        },
      });
      if (id === null) throw withoutEnd(host, what);
      return id;
    },
  );
}

const PLATFORM_API_VERSION = '1.42';

/** Before 23, engines take the operating system from a platform, and silently their own architecture. */
async function requireArchitecture(
  calls: VerbCalls,
  platform: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { host, apiVersion } = calls;
  const [, wanted] = platform.split('/');
  if (compareApiVersions(apiVersion, PLATFORM_API_VERSION) >= 0 || wanted === undefined) return;
  const { Arch: own } = await calls.plain({
    name: 'version',
    what: `asking ${host} for its architecture`,
    timeoutMs: VERSION_TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: async (docker) => docker.version(),
  });
  if (own === wanted) return;
  const message = `${host} imports for ${own} only: it takes API ${PLATFORM_API_VERSION} (Docker 23)`;
  throw new EngineUnsupportedError(`${message} for ${platform}, it speaks ${apiVersion}`, { host });
}

const VERSION_TIMEOUT_MS = 30_000;

/** An engine puts `http://` before whatever it does not know. */
function fetchable(url: string, host: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : null;
  if (protocol === 'http:' || protocol === 'https:') return url;
  throw new BadUserInputError('an image is imported from an http:// or https:// URL', { host });
}
