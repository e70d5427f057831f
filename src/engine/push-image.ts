import type { PushResult, RegistryAuth, VerbOptions } from './image-verbs.ts';
import { readMessages } from './message-stream.ts';
import type { EngineProgressJson } from './progress-message.ts';
import { withoutEnd } from './pull-image.ts';
import { authHeader } from './registry-auth.ts';
import { pathName } from './remote-image.ts';
import { splitTagged } from './split-reference.ts';
import type { VerbCalls } from './verb-calls.ts';
import { complaintError, refusalOf } from './verb-errors.ts';

/** `docker push` of one tag. */
export async function pushImage(
  calls: VerbCalls,
  reference: string,
  { auth, signal, onProgress }: VerbOptions & { auth?: RegistryAuth | undefined },
): Promise<PushResult> {
  const { host } = calls;
  const { name, tag, registry } = splitTagged(reference, host);
  const subject = { host, registry, hasAuth: auth !== undefined };
  const what = `the push of ${reference}`;
  const errorOf = complaintError(subject);
  return calls.stream(
    {
      name: 'pushImage',
      what,
      method: 'POST',
      path: `/images/${pathName(name, host)}/push?${new URLSearchParams({ tag }).toString()}`,
      headers: authHeader(auth),
      errorOf: refusalOf(subject),
      signal,
    },
    async ({ response, life }) => {
      let pushed: PushResult | null = null;
      await readMessages(response, {
        host,
        what,
        onMove: life.moved,
        errorOf,
        take: (json, progress) => {
          pushed = pushResult(json) ?? pushed;
          if (progress !== null) onProgress?.(progress);
        },
      });
      if (pushed === null) throw withoutEnd(host, what);
      return pushed;
    },
  );
}

/** Classic stores tell the digest twice, as a line and as data; containerd stores as a line only. */
function pushResult({ aux, status }: EngineProgressJson): PushResult | null {
  const { Digest, Size } = (aux ?? {}) as { Digest?: unknown; Size?: unknown };
  if (typeof Digest === 'string' && Digest !== '') {
    return { digest: Digest, manifestBytes: typeof Size === 'number' ? Size : null };
  }
  if (typeof status !== 'string') return null;
  const line = /: digest: (\w+:[0-9a-f]{32,})(?: size: (\d+))?$/.exec(status);
  if (line === null) return null;
  return { digest: line[1]!, manifestBytes: line[2] === undefined ? null : Number(line[2]) };
}
