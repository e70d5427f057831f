import { BadReferenceError, EngineError, NotFoundError } from '../common/errors.ts';
import type { PullResult, RegistryAuth, VerbOptions } from './image-verbs.ts';
import { readMessages } from './message-stream.ts';
import { authHeader } from './registry-auth.ts';
import { splitReference } from './split-reference.ts';
import type { VerbCalls } from './verb-calls.ts';
import { complaintError, refusalOf } from './verb-errors.ts';

/** `docker pull` of one reference, which must have a tag or digest. */
export async function pullImage(
  calls: VerbCalls,
  reference: string,
  {
    platform,
    auth,
    signal,
    onProgress,
  }: VerbOptions & { platform?: string; auth?: RegistryAuth | undefined },
): Promise<PullResult> {
  const { host } = calls;
  const { name, tag, digest, registry } = splitReference(reference);
  // Without either an engine would pull every tag that there is.
  const version = digest ?? tag;
  if (version === null || version === '' || name === '') {
    const what = `"${reference.slice(0, 100)}" names neither a tag nor a digest`;
    throw new BadReferenceError(`${what}; expected [registry/]name:tag`, { host });
  }
  // In one: 20.10 looks at the platform of what it pulled by this name, and else finds nothing.
  const fromImage = digest === null ? `${name}:${version}` : `${name}@${digest}`;
  const query = new URLSearchParams({ fromImage });
  if (platform !== undefined) query.set('platform', platform);
  const subject = { host, registry, hasAuth: auth !== undefined };
  const what = `the pull of ${reference}`;
  const errorOf = complaintError(subject);
  return calls.stream(
    {
      name: 'pullImage',
      what,
      method: 'POST',
      path: `/images/create?${query.toString()}`,
      headers: authHeader(auth),
      errorOf: refusalOf(subject),
      signal,
    },
    async ({ response, life }) => {
      const end = new PullEnd();
      await readMessages(response, {
        host,
        what,
        onMove: life.moved,
        errorOf,
        take: (_json, progress) => {
          if (progress === null) return;
          end.take(progress.status);
          onProgress?.(progress);
        },
      });
      if (end.wrongPlatform !== null) {
        const hint = 'the image is not there for this platform; choose another one';
        throw new NotFoundError(`${host}: ${end.wrongPlatform}`, {
          host,
          details: { registry, hint },
        });
      }
      if (!end.isSuccess) throw withoutEnd(host, what);
      return { digest: end.digest, isNew: end.isNew };
    },
  );
}

/** An answer that ended well and does not say that the work is done: it is not. */
export function withoutEnd(host: string, what: string): EngineError {
  return new EngineError(`${host} ended ${what} without saying that it is done`, { host });
}

/** The last lines of a pull: `Digest: sha256:…` and `Status: Downloaded newer image for …`. */
class PullEnd {
  digest: string | null = null;
  isNew = true;
  isSuccess = false;
  /** 20.10 pulls an image of another platform than was asked for, and only warns. */
  wrongPlatform: string | null = null;

  take(status: string): void {
    const digest = /^Digest: (\S+)$/.exec(status)?.[1];
    if (digest !== undefined) this.digest = digest;
    if (status.startsWith('Status: Image is up to date ')) this.isNew = false;
    if (digest !== undefined || status.startsWith('Status: ')) this.isSuccess = true;
    const warning = /^WARNING: (image .* does not match the specified platform.*)$/.exec(status);
    if (warning !== null) this.wrongPlatform = warning[1]!;
  }
}
