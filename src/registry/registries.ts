import { AllowedRegistries } from './allowed-registries.ts';
import type { AllowedRegistry } from './allowed-registries.ts';
import type { CredentialSource } from './credentials.ts';
import { registryName } from './reference.ts';
import { authoritiesOf } from './registry-authorities.ts';
import { RegistryClient } from './registry-client.ts';
import { RegistryConnection } from './registry-connection.ts';

/** What the gateway needs to ask registries itself. */
export interface RegistriesOptions {
  /** Those that it may ask; no others. */
  allowed: readonly AllowedRegistry[];
  credentials: CredentialSource;
  /** Folder with a folder `HOST:PORT` for each registry that has an authority of its own. */
  certificates: string;
  /** Milliseconds for each request to a registry. */
  deadlineMs?: number;
}

/** The registries that the gateway may ask itself, as docker would: same names, same credentials. */
export class Registries {
  readonly #allowed: AllowedRegistries;
  readonly #options: RegistriesOptions;

  constructor(options: RegistriesOptions) {
    this.#options = options;
    this.#allowed = new AllowedRegistries(options.allowed);
  }

  /**
   * A registry by its name in references, for one request of the graph. Nothing is asked yet.
   * @throws BadReferenceError where it is no name; ForbiddenError where it may not be asked
   */
  async open(name: string): Promise<RegistryClient> {
    const registry = registryName(name);
    // Before anything is read that a name could lead to.
    this.#allowed.schemesOf(registry);
    const { credentials, certificates, deadlineMs } = this.#options;
    const connection = new RegistryConnection({
      registry,
      allowed: this.#allowed,
      credential: () => credentials.find(registry),
      authorities: await authoritiesOf(certificates, registry),
      certificates,
      deadlineMs,
    });
    return new RegistryClient(connection);
  }
}
