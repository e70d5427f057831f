import type { DockerOptions, TlsFiles } from './engine.ts';
import { engineGet } from './engine.ts';
import type { LabPaths } from './paths.ts';
import { labPaths, UP_COMMAND } from './paths.ts';
import type { SeededImage } from './seed/seeded.ts';
import { missingSeed, readSeeded } from './seed/seeded.ts';
import { engineOf, servicesOf } from './services.ts';
import type { HostName, HostState, LabState, NegativeMaterial, SshdState } from './state.ts';
import { HOST_NAMES, readState } from './state.ts';

/** One host of the lab, with everything about its engine. */
export interface LabHost extends HostState {
  /** What the engine says of itself, such as `20.10.24+dfsg1`. */
  readonly engineVersion: string;
  readonly apiVersion: string;
  /** Of dockerd, on this machine. Tests that kill an engine take one of their own. */
  readonly pid: number;
}

/** One registry of the lab. */
export interface LabRegistry {
  /** As image references begin. */
  readonly address: string;
  /** File of the authority that signed its certificate; undefined where it speaks plain HTTP. */
  readonly ca?: string | undefined;
  /** Undefined where everyone may push and pull. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** The running, seeded lab. Shared by all tests: leave it as you found it. */
export interface Lab {
  readonly root: string;
  /** A dockgraph.yaml with all five hosts. */
  readonly hostsFile: string;
  readonly hosts: Readonly<Record<HostName, LabHost>>;
  readonly registries: Readonly<Record<'open' | 'locked' | 'tls', LabRegistry>>;
  readonly sshds: Readonly<Record<'charlie' | 'noForwarding' | 'jump', SshdState>>;
  readonly negative: NegativeMaterial;
  /** The server's side of bravo's mutual TLS, for throw-away engines. */
  readonly serverTls: TlsFiles;
  /** What `seed` put in, with the IDs on each host. */
  readonly images: readonly SeededImage[];
  /** One of them by its key in the plan. */
  readonly image: (key: string) => SeededImage;
  /**
   * Runs the docker CLI against the engine's own unix socket; answers standard output and rejects
   * with the CLI's standard error.
   */
  readonly docker: (
    host: HostName,
    args: readonly string[],
    options?: DockerOptions,
  ) => Promise<string>;
}

/** The lab, proven to be up and seeded; else an error with the command that makes it so. */
export async function lab(paths: LabPaths = labPaths()): Promise<Lab> {
  const state = await readState(paths);
  if (state === undefined) throw notReady(`there is none at ${paths.root}`);
  const services = await servicesOf(paths, state);
  await Promise.all(
    services.map(async ({ name, service, answers }) => {
      if (!service.daemon.running || !(await answers())) throw notReady(`${name} is down`);
    }),
  );
  const images = await readSeeded(paths);
  if (images === undefined) throw notReady('it is not seeded');
  const missing = await missingSeed(state, images);
  if (missing.length > 0) throw notReady(missing.join('; '));
  const hosts = await Promise.all(
    HOST_NAMES.map(async (name) => [name, await labHost(paths, state, name)] as const),
  );
  const { registries, sshds, negative, serverTls } = state;
  return {
    root: paths.root,
    hostsFile: paths.hostsFile,
    hosts: Object.fromEntries(hosts) as Record<HostName, LabHost>,
    registries: {
      open: { address: registries.open.address },
      locked: { address: registries.locked.address, ...registries.locked.credentials },
      tls: {
        address: registries.tls.address,
        ca: registries.tls.tls?.ca,
        ...registries.tls.credentials,
      },
    },
    sshds,
    negative,
    serverTls,
    images,
    image: (key) => {
      const found = images.find((image) => image.key === key);
      if (found === undefined) throw new Error(`the seed plan has no image "${key}"`);
      return found;
    },
    docker: (host, args, options) => engineOf(paths, state, host).docker(args, options),
  };
}

async function labHost(paths: LabPaths, state: LabState, name: HostName): Promise<LabHost> {
  const engine = engineOf(paths, state, name);
  await engine.daemon.attach();
  const version = JSON.parse(await engineGet(engine.socketPath, '/version')) as EngineVersion;
  const pid = engine.daemon.pid;
  if (pid === undefined) throw notReady(`${name} is down`);
  return {
    ...state.hosts[name],
    engineVersion: version.Version,
    apiVersion: version.ApiVersion,
    pid,
  };
}

interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
}

function notReady(why: string): Error {
  return new Error(`The lab of real engines is not ready: ${why}. Run: ${UP_COMMAND}`);
}
