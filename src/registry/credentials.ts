import { askCredentialHelper } from './credential-helper.ts';
import { DockerConfigFile } from './docker-config.ts';
import type { DockerConfig, StoredAuth } from './docker-config.ts';

/** Credentials for one registry. Never logged, stored or answered. */
export type RegistryCredential =
  | { serveraddress: string; username: string; password: string }
  | { serveraddress: string; identitytoken: string };

/** Docker Hub's name in references, the one under which its credentials are kept, and others. */
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const DOCKER_HUB_HOSTS: readonly string[] = [
  DOCKER_HUB,
  'index.docker.io',
  'registry-1.docker.io',
  'hub.docker.com',
];
/** Helpers may ask a service or unlock a keychain: not for every image of a request. */
const KEEP_MS = 60_000;
const MAX_KEPT = 100;

/** Times, for tests. */
export interface CredentialTimes {
  helperDeadlineMs?: number;
  keepMs?: number;
}

/**
 * Finds credentials as the docker CLI does, file by file: `credHelpers` for the registry, else
 * `credsStore`, else `auths`. The first file that has some wins.
 */
export class CredentialSource {
  readonly #files: DockerConfigFile[];
  readonly #times: CredentialTimes;
  readonly #kept = new Map<string, { until: number; found: RegistryCredential | undefined }>();
  /** Helpers that are being asked: a hundred hosts that pull at once ask one of them once. */
  readonly #asked = new Map<string, Promise<RegistryCredential | undefined>>();

  /** @param paths of files in the shape of docker's config.json, the first to be asked first */
  constructor(paths: readonly string[], times: CredentialTimes = {}) {
    this.#files = paths.map((path) => new DockerConfigFile(path));
    this.#times = times;
  }

  /** The credentials for a registry as it stands in references; undefined where there are none. */
  async find(registry: string): Promise<RegistryCredential | undefined> {
    for (const [at, file] of this.#files.entries()) {
      const config = await file.read();
      const found = await this.#inFile(config, registry, `${at} ${registry}`);
      if (found) return found;
    }
    return undefined;
  }

  async #inFile(
    config: DockerConfig,
    registry: string,
    key: string,
  ): Promise<RegistryCredential | undefined> {
    const address = registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry;
    const helper = config.credHelpers[address] ?? config.credHelpers[registry] ?? config.credsStore;
    if (helper !== undefined) {
      const found = await this.#byHelper(helper, address, `${key} ${helper}`);
      if (found) return found;
    }
    const entry = config.auths[address] ?? authOf(config.auths, registry);
    return entry && toCredential(entry, address);
  }

  async #byHelper(
    helper: string,
    address: string,
    key: string,
  ): Promise<RegistryCredential | undefined> {
    const kept = this.#kept.get(key);
    if (kept && kept.until > Date.now()) return kept.found;
    const asked = this.#asked.get(key) ?? this.#ask(helper, address, key);
    this.#asked.set(key, asked);
    return asked;
  }

  async #ask(
    helper: string,
    address: string,
    key: string,
  ): Promise<RegistryCredential | undefined> {
    try {
      const answer = await askCredentialHelper(helper, address, this.#times.helperDeadlineMs);
      const found = answer && helperCredential(answer, address);
      this.#kept.delete(key);
      this.#kept.set(key, { until: Date.now() + (this.#times.keepMs ?? KEEP_MS), found });
      if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
      return found;
    } finally {
      this.#asked.delete(key);
    }
  }
}

/** `docker login` keeps some registries with a scheme and a path. */
function authOf(auths: DockerConfig['auths'], registry: string): StoredAuth | undefined {
  const host = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const names = registry === DOCKER_HUB ? DOCKER_HUB_HOSTS : [registry];
  return Object.entries(auths).find(([key]) => names.includes(host(key)))?.[1];
}

function helperCredential(
  { username, secret }: { username: string; secret: string },
  serveraddress: string,
): RegistryCredential {
  // Docker's sign for a token in place of a password.
  if (username === '<token>') return { serveraddress, identitytoken: secret };
  return { serveraddress, username, password: secret };
}

function toCredential(entry: StoredAuth, serveraddress: string): RegistryCredential | undefined {
  const { identitytoken, auth, username, password } = entry;
  if (identitytoken) return { serveraddress, identitytoken };
  if (auth) {
    const text = Buffer.from(auth, 'base64').toString();
    const colon = text.indexOf(':');
    if (colon <= 0) return undefined;
    // Old versions of docker filled it up with zeros.
    const password = text.slice(colon + 1).replace(/\0+$/, '');
    return { serveraddress, username: text.slice(0, colon), password };
  }
  return username && password ? { serveraddress, username, password } : undefined;
}
