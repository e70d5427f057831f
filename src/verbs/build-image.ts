import { Readable } from 'node:stream';
import { singleFileTar } from '../archive/single-file-tar.ts';
import { CancelledError, DockgraphError, EngineUnsupportedError } from '../common/errors.ts';
import type { Builder, BuildOptions, BuildResult } from '../engine/image-verbs.ts';
import { liveHost } from '../fleet/live-host.ts';
import type { Verb } from '../operations/operation.ts';
import { assertAllowed } from './allowed-url.ts';
import { BuildProgress } from './build-progress.ts';
import type { BuildStep } from './build-progress.ts';
import { registriesIn } from './dockerfile-registries.ts';
import { madeSince, mayGoOn, untilImageShown } from './made-image.ts';
import { TraceProgress } from './trace-progress.ts';
import { openUploadedTar } from './uploaded-tar.ts';
import type { UploadedTar } from './uploaded-tar.ts';
import type { RequestCredentials, VerbEnvironment } from './verb-environment.ts';

/** Where a build gets its files, as it is stored. */
export type BuildContextInput =
  /** As `fetchableUrl` gives it. */
  | { url: string }
  /** The whole text; it is the only file. */
  | { dockerfile: string }
  | UploadedTar;

/** What `buildImage` is asked for, as it is stored. */
export type BuildInput = {
  context: BuildContextInput;
  dockerfilePath: string | null;
  /** Canonical, with tag. */
  tags: string[];
  buildArgs: { name: string; value: string }[];
  target: string | null;
  labels: { key: string; value: string }[];
  noCache: boolean;
  pull: boolean;
  platform: string | null;
  networkMode: string | null;
};

/** What a build made. The rest is null where the gateway was started anew and did not see it. */
export type BuildOutcome = {
  engineId: string;
  builder: Builder | null;
  cachedSteps: number | null;
  steps: number | null;
};

/** docker build, by BuildKit where the engine has it. */
export function buildVerb(
  environment: VerbEnvironment,
): Verb<BuildInput, BuildOutcome, RequestCredentials> {
  const { fleet, importUrls } = environment;
  return {
    kind: 'BUILD_IMAGE',
    run: async (input, context, requested) => {
      const { host, signal } = context;
      if ('url' in input.context) assertAllowed(input.context.url, importUrls, host);
      const classic = new BuildProgress(context);
      const buildKit = new TraceProgress(context);
      const options: BuildOptions = {
        ...settingsOf(input),
        ...(await openContext(input.context, environment)),
        authFor: (registry) => environment.authFor(registry, requested),
        registries: registriesOf(input.context, requested),
        signal,
        onLog: (line) => classic.takeLine(line),
        onProgress: (message) => classic.takePull(message),
        onTrace: (trace) => buildKit.take(trace),
      };
      let made: BuildResult;
      try {
        const { engine, slot } = await liveHost(fleet, host, signal);
        if ('url' in input.context && slot.imageStore === 'PODMAN') throw noFetching(host);
        made = await engine.verbs.buildImage(options);
      } catch (error) {
        // Podman is not told that nobody waits any more until it has read what follows the tar.
        const mayBeUnheard = signal.aborted && fleet.host(host).slot.imageStore === 'PODMAN';
        if (mayBeUnheard) throw mayGoOn(host, 'building', error);
        throw inStep(error, classic.step ?? buildKit.step, buildKit.lastLines);
      }
      const { id, builder } = made;
      const progress = builder === 'BUILDKIT' ? buildKit : classic;
      progress.done();
      const engineId = await untilImageShown(fleet, context, id, input.tags);
      const { cachedSteps, steps } = progress;
      return { engineId, builder, cachedSteps, steps };
    },
    recover: async ({ tags }, context) => {
      const made = await madeSince(fleet, context, tags);
      return made && { engineId: made.id, builder: null, cachedSteps: null, steps: null };
    },
  };
}

/** Podman takes no notice of the URL, and builds from nothing. */
function noFetching(host: string): EngineUnsupportedError {
  return new EngineUnsupportedError(`${host} runs podman, which fetches no context from a URL`, {
    host,
    details: { hint: 'upload the context as a tar, or give the Dockerfile itself' },
  });
}

function settingsOf(input: BuildInput): BuildOptions {
  const { dockerfilePath, tags, buildArgs, target, labels, noCache, pull } = input;
  const { platform, networkMode } = input;
  return {
    tags,
    noCache,
    pull,
    ...(dockerfilePath !== null && { dockerfile: dockerfilePath }),
    ...(buildArgs.length > 0 && {
      buildArgs: Object.fromEntries(buildArgs.map(({ name, value }) => [name, value])),
    }),
    ...(target !== null && { target }),
    ...(labels.length > 0 && {
      labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])),
    }),
    ...(platform !== null && { platform }),
    ...(networkMode !== null && { networkMode }),
  };
}

async function openContext(
  context: BuildContextInput,
  { uploads }: VerbEnvironment,
): Promise<Pick<BuildOptions, 'remote' | 'context'>> {
  if ('url' in context) return { remote: context.url };
  if ('upload' in context) return { context: await openUploadedTar(uploads, context) };
  const tar = singleFileTar('Dockerfile', Buffer.from(context.dockerfile));
  return { context: Readable.from([tar], { objectMode: false }) };
}

/**
 * The registries to give the classic builder credentials for: those that the request brought some
 * for, and those that an inline Dockerfile names. What is in a context behind a URL or in a tar
 * nobody here has read.
 */
function registriesOf(
  context: BuildContextInput,
  requested: RequestCredentials | undefined,
): string[] {
  const named = 'dockerfile' in context ? registriesIn(context.dockerfile) : [];
  return [...named, ...Object.keys(requested ?? {})];
}

/** The same error, with the step that it happened in and what that said last. */
function inStep(error: unknown, step: BuildStep | null, lastLines: readonly string[]): unknown {
  if (!(error instanceof DockgraphError) || step === null) return error;
  const stage = step.stage === undefined ? '' : `${step.stage} `;
  const place = `step ${stage}${step.number}/${step.of}: ${step.text.slice(0, 200)}`;
  if (error.code === 'CANCELLED') {
    return new CancelledError(`stopped in ${place}; earlier steps stay in the engine's cache`, {
      ...(error.host !== undefined && { host: error.host }),
      cause: error,
    });
  }
  const said = lastLines.map((line) => line.slice(0, 200)).join(' | ');
  error.message = `${error.message} (${place}${said === '' ? '' : `; it said: ${said}`})`;
  return error;
}
