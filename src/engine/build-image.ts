import type { IncomingHttpHeaders } from 'node:http';
import { BadUserInputError, EngineUnsupportedError } from '../common/errors.ts';
import { buildKitBuild, buildKitNetwork } from './buildkit/buildkit-build.ts';
import { classicBuild } from './classic-build.ts';
import type { BuildOptions, BuildResult } from './image-verbs.ts';
import type { VerbCalls } from './verb-calls.ts';

/**
 * `docker build`: by BuildKit where the engine has it, else by the classic builder. The classic one
 * also takes what BuildKit cannot: networks of a name for its steps, and engines behind a proxy
 * that lets no session pass.
 */
export async function buildImage(calls: VerbCalls, options: BuildOptions): Promise<BuildResult> {
  const { host } = calls;
  const { remote, context, networkMode, signal, onLog } = options;
  if ((remote === undefined) === (context === undefined)) {
    throw new BadUserInputError('a build has one context: a URL or a tar', { host });
  }
  const networkIsKnown = buildKitNetwork(networkMode) !== null;
  if (networkIsKnown && hasBuildKit(await calls.pingHeaders(signal))) {
    let isBegun = false;
    try {
      const id = await buildKitBuild(calls, options, () => {
        isBegun = true;
      });
      return { id, builder: 'BUILDKIT' };
    } catch (error) {
      if (isBegun || !(error instanceof EngineUnsupportedError)) throw error;
      onLog?.(`the classic builder is used: ${error.message}`);
    }
  }
  return { id: await classicBuild(calls, options), builder: 'CLASSIC' };
}

/** As the docker command decides: what the engine says, else whatever runs no Windows. */
function hasBuildKit(ping: IncomingHttpHeaders): boolean {
  const builder = ping['builder-version'] ?? '';
  if (builder !== '') return builder === '2';
  return ping['ostype'] !== 'windows' && ping['libpod-api-version'] === undefined;
}
