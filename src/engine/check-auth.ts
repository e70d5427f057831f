import { BadUserInputError } from '../common/errors.ts';
import type { CallOptions } from './engine.ts';
import type { RegistryAuth } from './image-verbs.ts';
import { addressed } from './registry-auth.ts';
import type { VerbCalls } from './verb-calls.ts';
import { refusalOf } from './verb-errors.ts';

const TIMEOUT_MS = 60_000;

/** `docker login`, as far as the engine goes: asks the registry whether it takes the credentials. */
export async function checkAuth(
  calls: VerbCalls,
  auth: RegistryAuth,
  { signal }: CallOptions,
): Promise<void> {
  const { host } = calls;
  if (!('serveraddress' in auth)) {
    // An engine would ask Docker Hub.
    throw new BadUserInputError('a registry token cannot be checked: it names no registry', {
      host,
    });
  }
  const registry = auth.serveraddress.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  await calls.plain({
    name: 'checkAuth',
    what: `checking credentials for ${registry} through ${host}`,
    timeoutMs: TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host, registry, hasAuth: true }),
    ask: async (docker): Promise<unknown> => docker.checkAuth(addressed(auth)),
  });
}
