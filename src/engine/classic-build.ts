import { setBuildQuery } from './build-query.ts';
import { imageId } from './image-id.ts';
import type { BuildOptions, RegistryAuth } from './image-verbs.ts';
import { LineAssembler } from './line-assembler.ts';
import { readMessages } from './message-stream.ts';
import type { EngineProgressJson } from './progress-message.ts';
import { withoutEnd } from './pull-image.ts';
import { authsHeader } from './registry-auth.ts';
import type { VerbCalls } from './verb-calls.ts';
import { complaintError, refusalOf } from './verb-errors.ts';

/**
 * `docker build` by the classic builder, which every engine has. It fetches no credentials: those
 * that it may need go along. The new image's ID.
 */
export async function classicBuild(calls: VerbCalls, options: BuildOptions): Promise<string> {
  const { host } = calls;
  const { context, signal, onLog, onProgress } = options;
  const auths = await authsOf(options);
  const what = `the build of ${options.tags[0] ?? 'an image'}`;
  const errorOf = complaintError({ host, hasAuth: auths !== undefined });
  return calls.stream(
    {
      name: 'buildImage',
      what,
      method: 'POST',
      path: `/build?${buildQuery(options, host).toString()}`,
      headers: auths === undefined ? {} : authsHeader(auths),
      body: context,
      errorOf: refusalOf({ host, hasAuth: auths !== undefined }),
      signal,
    },
    async ({ response, life }) => {
      const log = new LineAssembler((line) => onLog?.(line));
      const end = new BuildEnd();
      try {
        await readMessages(response, {
          host,
          what,
          onMove: life.moved,
          errorOf,
          take: (json, progress) => {
            end.take(json);
            if (typeof json.stream === 'string') log.push(json.stream);
            // Of the pull of an image that the Dockerfile builds on.
            if (progress !== null) onProgress?.(progress);
          },
        });
      } finally {
        log.end();
      }
      if (end.id === null) throw withoutEnd(host, what);
      return end.id;
    },
  );
}

function buildQuery(options: BuildOptions, host: string): URLSearchParams {
  // Containers of the steps go, of failed ones too: nobody would look for them on a fleet.
  const query = new URLSearchParams({ version: '1', rm: '1', forcerm: '1' });
  setBuildQuery(query, options, host);
  if (options.remote !== undefined) query.set('remote', options.remote);
  if (options.networkMode !== undefined) query.set('networkmode', options.networkMode);
  return query;
}

/** Undefined where there are none. */
async function authsOf({
  registries = [],
  authFor,
}: BuildOptions): Promise<Record<string, RegistryAuth> | undefined> {
  const auths: Record<string, RegistryAuth> = {};
  for (const registry of new Set(registries)) {
    const auth = await authFor?.(registry);
    if (auth) auths[registry] = auth;
  }
  return Object.keys(auths).length === 0 ? undefined : auths;
}

/** The image that came out: as data, and by its short ID as a line. */
class BuildEnd {
  #full: string | null = null;
  #short: string | null = null;
  /** Text since the last newline: the line may come in pieces. */
  #rest = '';

  get id(): string | null {
    // Only the line says that the build is done.
    return this.#short === null ? null : (this.#full ?? this.#short);
  }

  take({ aux, stream }: EngineProgressJson): void {
    this.#full = imageId((aux as { ID?: unknown } | null | undefined)?.ID) ?? this.#full;
    if (typeof stream !== 'string') return;
    const lines = (this.#rest + stream).split('\n');
    this.#rest = lines.pop()!.slice(-200);
    for (const line of lines) {
      this.#short = /^Successfully built ([0-9a-f]{12,64})\s*$/.exec(line)?.[1] ?? this.#short;
    }
  }
}
