import { BadReferenceError, EngineError, NotFoundError } from '../common/errors.ts';
import { fullImageId } from './image-id.ts';
import type { ProgressMessage, PullResult, RegistryAuth, VerbOptions } from './image-verbs.ts';
import { readMessages } from './message-stream.ts';
import { authHeader } from './registry-auth.ts';
import { pathName } from './remote-image.ts';
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
          end.take(progress);
          onProgress?.(progress);
        },
      });
      if (end.wrongPlatform !== null) throw wrongPlatform(end.wrongPlatform, { host, registry });
      if (end.isSuccess) return { digest: end.digest, isNew: end.isNew };
      if (end.lastComplete === null) throw withoutEnd(host, what);
      const image = await inspectPulled(calls, fromImage, signal);
      if (!image.id.startsWith(`sha256:${end.lastComplete}`)) throw withoutEnd(host, what);
      if (platform !== undefined && !`${platform}/`.startsWith(`${image.platform}/`)) {
        const what = `image ${fromImage} is for ${image.platform}, not for ${platform}`;
        throw wrongPlatform(what, { host, registry });
      }
      return { digest: digest ?? image.digest, isNew: null, imageId: image.id };
    },
  );
}

function wrongPlatform(
  text: string,
  { host, registry }: { host: string; registry: string },
): NotFoundError {
  const hint = 'the image is not there for this platform; choose another one';
  return new NotFoundError(`${host}: ${text}`, { host, details: { registry, hint } });
}

/** An image by the name that it was pulled by. */
interface PulledImage {
  id: string;
  /** Null where it has several in that repository, of which nobody knows which one was pulled. */
  digest: string | null;
  /** `os/architecture` */
  platform: string;
}

async function inspectPulled(
  calls: VerbCalls,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<PulledImage> {
  const { host } = calls;
  const image = await calls.plain({
    name: 'inspectPulled',
    what: `inspecting ${reference} on ${host}`,
    timeoutMs: INSPECT_TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: (docker) => docker.getImage(pathName(reference, host)).inspect(),
  });
  const repository = `${splitReference(reference).name}@`;
  const digests = (image.RepoDigests ?? []).filter((digest) => digest.startsWith(repository));
  return {
    id: fullImageId(image.Id),
    digest: digests.length === 1 ? digests[0]!.slice(repository.length) : null,
    platform: `${image.Os}/${image.Architecture}`,
  };
}

const INSPECT_TIMEOUT_MS = 30_000;

/** An answer that ended well and does not say that the work is done: it is not. */
export function withoutEnd(host: string, what: string): EngineError {
  return new EngineError(`${host} ended ${what} without saying that it is done`, { host });
}

/**
 * The last lines of a pull: `Digest: sha256:…` and `Status: Downloaded newer image for …`. Podman has
 * neither: its last line says of the beginning of the image's ID what those before say of layers.
 */
class PullEnd {
  digest: string | null = null;
  isNew = true;
  isSuccess = false;
  /** 20.10 pulls an image of another platform than was asked for, and only warns. */
  wrongPlatform: string | null = null;

  /** What the last line says is complete; null where it says something else. */
  lastComplete: string | null = null;

  take({ id, status }: ProgressMessage): void {
    this.lastComplete = status === 'Download complete' && id.length === 12 ? id : null;
    const digest = /^Digest: (\S+)$/.exec(status)?.[1];
    if (digest !== undefined) this.digest = digest;
    if (status.startsWith('Status: Image is up to date ')) this.isNew = false;
    if (digest !== undefined || status.startsWith('Status: ')) this.isSuccess = true;
    const warning = /^WARNING: (image .* does not match the specified platform.*)$/.exec(status);
    if (warning !== null) this.wrongPlatform = warning[1]!;
  }
}
