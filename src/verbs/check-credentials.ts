import { ForbiddenError } from '../common/errors.ts';
import { liveHost } from '../fleet/live-host.ts';
import type { Verb } from '../operations/operation.ts';
import type { RequestCredentials, VerbEnvironment } from './verb-environment.ts';

/** What `checkRegistryCredentials` is asked for, as it is stored. */
export type CheckInput = {
  /** As they stand in references. */
  registries: string[];
};

/** A registry that took the credentials. */
export type CheckedRegistry = {
  registry: string;
  /** Whether they came with the request; else they are the gateway's own. */
  fromRequest: boolean;
};

/** What a check found on one host. */
export type CheckOutcome = { checked: CheckedRegistry[] };

/** docker login without keeping anything: whether registries take the credentials of a host. */
export function checkVerb({
  fleet,
  authFor,
}: VerbEnvironment): Verb<CheckInput, CheckOutcome, RequestCredentials> {
  return {
    kind: 'CHECK_REGISTRY_CREDENTIALS',
    run: async ({ registries }, { host, signal }, requested) => {
      const { engine } = await liveHost(fleet, host, signal);
      const checked: CheckedRegistry[] = [];
      for (const registry of registries) {
        const auth = await authFor(registry, requested);
        if (!auth) {
          throw new ForbiddenError(`there are no credentials for ${registry} to check`, {
            host,
            details: { registry, hint: `give credentials for ${registry}` },
          });
        }
        await engine.verbs.checkAuth(auth, { signal });
        checked.push({ registry, fromRequest: requested?.[registry] !== undefined });
      }
      return { checked };
    },
  };
}
