import { BadUserInputError } from '../../common/errors.ts';
import type { RegistryAuth } from '../../engine/image-verbs.ts';
import { registryName } from '../../registry/reference.ts';
import type { RequestCredentials } from '../../verbs/verb-environment.ts';
import type { RegistryCredentials } from '../resolver-types.ts';

/** The credentials that a request brought, by registry; undefined where it brought none. */
export function credentialsOf(
  credentials: readonly RegistryCredentials[] | null | undefined,
): RequestCredentials | undefined {
  if (!credentials || credentials.length === 0) return undefined;
  return Object.fromEntries(
    credentials.map(({ registry, username, password, identityToken }): [string, RegistryAuth] => {
      // As in references, so that `docker.io` and `index.docker.io` are one.
      const host = registryName(registry);
      const serveraddress = host;
      if (identityToken != null && username == null && password == null) {
        return [host, { serveraddress, identitytoken: identityToken }];
      }
      if (username != null && password != null && identityToken == null) {
        return [host, { serveraddress, username, password }];
      }
      throw new BadUserInputError(
        `the credentials for ${host} are not whole; expected username and password, or identityToken`,
      );
    }),
  );
}
