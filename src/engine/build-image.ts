import type { IncomingHttpHeaders } from 'node:http';
import { BadUserInputError, EngineUnsupportedError } from '../common/errors.ts';
import { compareApiVersions } from './api-version.ts';
import { buildKitBuild, buildKitNetwork } from './buildkit/buildkit-build.ts';
import { classicBuild } from './classic-build.ts';
import type { BuildOptions, BuildResult } from './image-verbs.ts';
import type { VerbCalls } from './verb-calls.ts';

/**
 * `docker build`: by BuildKit where the engine has it, else by the classic builder. The classic one
 * also gets what BuildKit does not take, and engines behind a proxy that lets no session pass.
 */
export async function buildImage(calls: VerbCalls, options: BuildOptions): Promise<BuildResult> {
  const { host } = calls;
  const { remote, context, signal, onLog } = options;
  if ((remote === undefined) === (context === undefined)) {
    throw new BadUserInputError('a build has one context: a URL or a tar', { host });
  }
  if (isForBuildKit(options, calls.apiVersion) && hasBuildKit(await calls.pingHeaders(signal))) {
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

/** Whether BuildKit takes a build like this: no network of a name, nor always a folder of Git's. */
function isForBuildKit({ networkMode, remote }: BuildOptions, apiVersion: string): boolean {
  if (buildKitNetwork(networkMode) === null) return false;
  const isFolder = remote !== undefined && /#[^:]*:./.test(remote);
  return !isFolder || compareApiVersions(apiVersion, GIT_FOLDERS_SINCE) >= 0;
}

/** Of engine 23.0; the BuildKit of 20.10 only takes whole repositories. */
const GIT_FOLDERS_SINCE = '1.42';

/** As the docker command decides: what the engine says, else whatever runs no Windows. */
function hasBuildKit(ping: IncomingHttpHeaders): boolean {
  const builder = ping['builder-version'] ?? '';
  if (builder !== '') return builder === '2';
  return ping['ostype'] !== 'windows' && ping['libpod-api-version'] === undefined;
}
