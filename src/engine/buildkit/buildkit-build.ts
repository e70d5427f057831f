import type { Readable } from 'node:stream';
import { EngineError } from '../../common/errors.ts';
import type { DockgraphError } from '../../common/errors.ts';
import { setBuildQuery } from '../build-query.ts';
import { imageId } from '../image-id.ts';
import type { BuildOptions } from '../image-verbs.ts';
import { readMessages } from '../message-stream.ts';
import type { EngineProgressJson } from '../progress-message.ts';
import { withoutEnd } from '../pull-image.ts';
import { sourceError } from '../verb-calls.ts';
import type { VerbCalls } from '../verb-calls.ts';
import { complaintError, refusalOf } from '../verb-errors.ts';
import { withSession } from './build-session.ts';
import { readBuildTrace } from './build-trace.ts';
import type { BuildTrace } from './build-trace.ts';
import { uploadUrl } from './session-methods.ts';
import { TracePulse } from './trace-pulse.ts';

const UPLOAD_PATH = '/context';

/**
 * `docker build` by BuildKit, beside a session that gives it files and credentials as it asks for
 * them. `onBegin` is called when the session stands. The new image's ID.
 */
export async function buildKitBuild(
  calls: VerbCalls,
  options: BuildOptions,
  onBegin: () => void,
): Promise<string> {
  const { context, tags, signal } = options;
  const what = `the build of ${tags[0] ?? 'an image'}`;
  const side = new SessionSide(calls.host, what, options);
  try {
    const upload = context && side.upload(context, UPLOAD_PATH);
    const offer = { what, signal: side.signal, authFor: side.authFor, upload };
    return await withSession(calls, offer, (sessionId) => {
      onBegin();
      return runBuild(calls, options, { what, sessionId, side });
    });
  } catch (error) {
    // What went wrong on our side of the session is only echoed by the engine, or by an abort.
    throw side.failure !== null && signal?.aborted !== true ? side.failure : error;
  }
}

/** The mode as BuildKit takes it, empty for its own; null where it takes none such. */
export function buildKitNetwork(mode: string | undefined): string | null {
  if (mode === undefined || mode === 'default' || mode === 'bridge') return '';
  return mode === 'none' || mode === 'host' ? mode : null;
}

/** What the gateway does in a session, and what came of it. */
class SessionSide {
  readonly #host: string;
  readonly #what: string;
  readonly #options: BuildOptions;
  readonly #broken = new AbortController();
  /** What to tell whenever some of the files moves. */
  onMove: () => void = () => {};
  waitsForSource = false;
  hasAuth = false;
  failure: DockgraphError | null = null;

  constructor(host: string, what: string, options: BuildOptions) {
    this.#host = host;
    this.#what = what;
    this.#options = options;
  }

  /** Aborts with the asker, or when the files break off. */
  get signal(): AbortSignal {
    const { signal } = this.#options;
    return signal ? AbortSignal.any([signal, this.#broken.signal]) : this.#broken.signal;
  }

  readonly authFor: NonNullable<BuildOptions['authFor']> = async (registry) => {
    try {
      const auth = await this.#options.authFor?.(registry);
      if (auth !== undefined) this.hasAuth = true;
      return auth;
    } catch (error) {
      // A credential helper that does not work, for one; the build may go well without it.
      this.failure ??= error as DockgraphError;
      throw error;
    }
  };

  upload(source: Readable, path: string) {
    return {
      path,
      source,
      onMove: (waitsForSource: boolean) => {
        this.waitsForSource = waitsForSource;
        this.onMove();
      },
      onBreak: (error: Error) => {
        this.failure ??= sourceError(error, this.#what, this.#host);
        this.#broken.abort();
      },
    };
  }
}

async function runBuild(
  calls: VerbCalls,
  options: BuildOptions,
  { what, sessionId, side }: { what: string; sessionId: string; side: SessionSide },
): Promise<string> {
  const { host } = calls;
  const end = new BuildEnd(host);
  return calls.stream(
    {
      name: 'buildImage',
      what,
      method: 'POST',
      path: `/build?${buildQuery(options, host, sessionId).toString()}`,
      headers: { 'Content-Type': 'application/x-tar' },
      waitsForSource: () => side.waitsForSource,
      // The session has an incoming one.
      slot: 'outgoing',
      errorOf: refusalOf({ host }),
      signal: side.signal,
    },
    async ({ response, life }) => {
      side.onMove = life.moved;
      const pulse = new TracePulse();
      await readMessages(response, {
        host,
        what,
        onMove: life.moved,
        errorOf: (complaint) => complaintError({ host, hasAuth: side.hasAuth })(complaint),
        take: (json) => {
          const trace = end.take(json);
          if (trace === null) return true;
          options.onTrace?.(trace);
          return pulse.beats(trace);
        },
      });
      if (end.id === null) throw withoutEnd(host, what);
      return end.id;
    },
  );
}

function buildQuery(options: BuildOptions, host: string, session: string): URLSearchParams {
  const remote = options.remote ?? uploadUrl(UPLOAD_PATH);
  const query = new URLSearchParams({ version: '2', session, remote });
  setBuildQuery(query, options, host);
  const network = buildKitNetwork(options.networkMode) ?? '';
  if (network !== '') query.set('networkmode', network);
  return query;
}

/** Reads the lines of a build: traces, and the image that came out, which is only told at the end. */
class BuildEnd {
  readonly #host: string;
  id: string | null = null;

  constructor(host: string) {
    this.#host = host;
  }

  take({ id, aux }: EngineProgressJson): BuildTrace | null {
    if (id === 'moby.image.id') {
      this.id = imageId((aux as { ID?: unknown } | null | undefined)?.ID);
    }
    if (id !== 'moby.buildkit.trace' || typeof aux !== 'string') return null;
    try {
      return readBuildTrace(Buffer.from(aux, 'base64'));
    } catch (cause) {
      const message = `${this.#host} told of its build in what is not BuildKit's language`;
      throw new EngineError(message, { host: this.#host, cause, retryable: false });
    }
  }
}
