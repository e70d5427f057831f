import { ForbiddenError } from '../common/errors.ts';

/** The setting that says which registries the gateway itself may ask. */
const SETTING = 'DOCKGRAPH_REGISTRIES';

const DOCKER_HUB = 'docker.io';
/** Where Docker Hub's registry and its tokens are: nobody has to know these names. */
const DOCKER_HUB_HOSTS = ['registry-1.docker.io', 'auth.docker.io'];

/** One entry of the list. */
export interface AllowedRegistry {
  /** `host[:port]` as it stands in references. */
  host: string;
  /** Whether it is asked without TLS. */
  plainHttp: boolean;
}

/** How a host may be asked, the first way first. */
export type Scheme = 'https' | 'http';

/**
 * Which registries the gateway may connect to. Only those that its operator listed: who asks the
 * graph, what an engine says of its mirrors, and what one registry says of another decide nothing.
 */
export class AllowedRegistries {
  readonly #entries: readonly AllowedRegistry[];
  readonly #byHost = new Map<string, AllowedRegistry>();

  constructor(entries: readonly AllowedRegistry[]) {
    this.#entries = entries;
    for (const entry of entries) this.#byHost.set(hostOf(entry.host), entry);
    if (!this.#byHost.has(DOCKER_HUB)) return;
    for (const host of DOCKER_HUB_HOSTS) this.#byHost.set(host, { host, plainHttp: false });
  }

  /**
   * How this registry may be asked; TLS alone unless it was listed otherwise. On loopback plain
   * HTTP comes after TLS, as docker has it.
   * @throws ForbiddenError, which says how to allow it
   */
  schemesOf(registry: string): readonly Scheme[] {
    const entry = this.#byHost.get(hostOf(registry));
    if (entry)
      return entry.plainHttp ? ['http'] : isLoopback(registry) ? ['https', 'http'] : ['https'];
    const names = this.#entries.map(({ host }) => host);
    const known = names.length === 0 ? 'none is allowed' : `allowed are ${names.join(', ')}`;
    throw new ForbiddenError(`the gateway may not ask the registry ${registry}; ${known}`, {
      details: { registry, hint: `add ${registry} to ${SETTING} of the gateway` },
    });
  }

  /**
   * Refuses a token service that is neither at the registry's own host and port nor listed, or not
   * by a way in which that host may be asked: credentials go there.
   * @throws ForbiddenError
   */
  assertTokenService(registry: string, asked: URL, realm: URL): void {
    const host = hostOf(realm.host);
    const isOwn = host === asked.host && realm.protocol === asked.protocol;
    if (isOwn) return;
    const isListed = this.#byHost.has(host);
    if (isListed && this.schemesOf(host).some((scheme) => realm.protocol === `${scheme}:`)) return;
    const why = isListed ? 'in the clear' : 'which is not allowed';
    throw new ForbiddenError(
      `the registry ${registry} wants a token from ${realm.protocol}//${realm.host}, ${why}; ` +
        'nothing was sent there',
      { details: { registry, hint: `if that is right, add ${realm.host} to ${SETTING}` } },
    );
  }
}

/** As URLs have it: in lower case, without the port of HTTPS. */
function hostOf(registry: string): string {
  return URL.parse(`https://${registry}`)?.host ?? registry;
}

function isLoopback(registry: string): boolean {
  const { hostname } = new URL(`https://${registry}`);
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
