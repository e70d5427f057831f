import type { Readable } from 'node:stream';
import { BadUserInputError, EngineUnsupportedError } from '../common/errors.ts';
import { compareApiVersions } from './api-version.ts';
import { pathName } from './remote-image.ts';
import { SavedArchive } from './saved-archive.ts';
import type { VerbCalls } from './verb-calls.ts';
import { complaintError, refusalOf } from './verb-errors.ts';

const PLATFORM_API_VERSION = '1.48';

/** `docker save`: resolves when the engine begins to send, which classic ones do late. */
export async function saveImages(
  calls: VerbCalls,
  references: string[],
  { signal, platform }: { signal: AbortSignal; platform?: string },
): Promise<Readable> {
  const { host } = calls;
  if (references.length === 0) throw new BadUserInputError('no image to save', { host });
  const query = new URLSearchParams();
  for (const reference of references) query.append('names', pathName(reference, host));
  if (platform !== undefined) query.set('platform', platformJson(calls, platform));
  const what = `the save of ${references[0]}`;
  return calls.open(
    {
      name: 'saveImages',
      what,
      method: 'GET',
      path: `/images/get?${query.toString()}`,
      errorOf: refusalOf({ host }),
      signal,
    },
    (open) => new SavedArchive(open, { host, what, errorOf: complaintError({ host }) }),
  );
}

function platformJson({ host, apiVersion }: VerbCalls, platform: string): string {
  if (compareApiVersions(apiVersion, PLATFORM_API_VERSION) < 0) {
    const message = `${host} cannot save one platform of an image: it takes API`;
    throw new EngineUnsupportedError(
      `${message} ${PLATFORM_API_VERSION} (Docker 28), it speaks ${apiVersion}`,
      { host },
    );
  }
  const [os, architecture, variant] = platform.split('/');
  return JSON.stringify({ os, architecture, ...(variant !== undefined && { variant }) });
}
