import { Readable } from 'node:stream';
import { singleFileTar } from '../archive/single-file-tar.ts';
import { CancelledError, DockgraphError } from '../common/errors.ts';
import type { BuildOptions, RegistryAuth } from '../engine/image-verbs.ts';
import { liveHost } from '../fleet/live-host.ts';
import type { Verb } from '../operations/operation.ts';
import { assertAllowed } from './allowed-url.ts';
import { BuildProgress } from './build-progress.ts';
import type { BuildStep } from './build-progress.ts';
import { registriesIn } from './dockerfile-registries.ts';
import { madeSince, untilImageShown } from './made-image.ts';
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

/** What a build made. */
export type BuildOutcome = {
  engineId: string;
  /** Null where the gateway was started anew meanwhile, and did not see the output. */
  cachedSteps: number | null;
  steps: number | null;
};

/** docker build, by the classic builder. */
export function buildVerb(
  environment: VerbEnvironment,
): Verb<BuildInput, BuildOutcome, RequestCredentials> {
  const { fleet, importUrls } = environment;
  return {
    kind: 'BUILD_IMAGE',
    run: async (input, context, requested) => {
      const { host, signal } = context;
      if ('url' in input.context) assertAllowed(input.context.url, importUrls, host);
      const progress = new BuildProgress(context);
      const options: BuildOptions = {
        ...settingsOf(input),
        ...(await openContext(input.context, environment)),
        ...(await authsFor(environment, input.context, requested)),
        signal,
        onLog: (line) => progress.takeLine(line),
        onProgress: (message) => progress.takePull(message),
      };
      let id: string;
      try {
        const { engine } = await liveHost(fleet, host, signal);
        id = await engine.verbs.buildImage(options);
      } catch (error) {
        throw inStep(error, progress.step);
      }
      progress.done();
      const engineId = await untilImageShown(fleet, context, id, input.tags);
      const { cachedSteps, step } = progress;
      return { engineId, cachedSteps, steps: step?.of ?? 0 };
    },
    recover: async ({ tags }, context) => {
      const made = await madeSince(fleet, context, tags);
      return made && { engineId: made.id, cachedSteps: null, steps: null };
    },
  };
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
 * The credentials that the build may need: those of the request, and the gateway's own for what an
 * inline Dockerfile names. What is in a context behind a URL or in a tar nobody here has read.
 */
async function authsFor(
  { authFor }: VerbEnvironment,
  context: BuildContextInput,
  requested: RequestCredentials | undefined,
): Promise<Pick<BuildOptions, 'auths'>> {
  const named = 'dockerfile' in context ? registriesIn(context.dockerfile) : [];
  const auths: Record<string, RegistryAuth> = {};
  for (const registry of new Set([...named, ...Object.keys(requested ?? {})])) {
    const auth = await authFor(registry, requested);
    if (auth) auths[registry === 'docker.io' ? DOCKER_HUB : registry] = auth;
  }
  return Object.keys(auths).length === 0 ? {} : { auths };
}

/** The name that Docker Hub has among credentials. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** The same error, with the step that it happened in. */
function inStep(error: unknown, step: BuildStep | null): unknown {
  if (!(error instanceof DockgraphError) || step === null) return error;
  const place = `step ${step.number}/${step.of}: ${step.text.slice(0, 200)}`;
  if (error.code === 'CANCELLED') {
    return new CancelledError(`stopped in ${place}; earlier steps stay in the engine's cache`, {
      ...(error.host !== undefined && { host: error.host }),
      cause: error,
    });
  }
  error.message = `${error.message} (${place})`;
  return error;
}
