/*
 * Daemons for one test: that may be killed, restarted and filled. Each ends when it is disposed
 * of, and at the latest with the process that started it, however that one ends.
 */
import { mkdir, mkdtemp, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDaemon } from './daemon.ts';
import type {
  DockerOptions,
  EngineRelease,
  ImageStore,
  TlsFiles,
  TrustedRegistry,
} from './engine.ts';
import { Engine, removeControlGroups } from './engine.ts';
import { freePort } from './free-port.ts';
import { hasNewerEngine, newerEngineUsr } from './newer-engine.ts';
import { missingPackages } from './packages.ts';
import { labPaths, UP_COMMAND } from './paths.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess, isRunning } from './process-identity.ts';
import type { Credentials, TokenService } from './registry.ts';
import { Registry } from './registry.ts';
import { makeSshKey, writeKnownHosts } from './ssh-keys.ts';
import { Sshd } from './sshd.ts';
import { waitUntil } from './wait-until.ts';

/** What every throw-away daemon can do. Its port and data stay the same over stops and starts. */
export interface ThrowAway extends AsyncDisposable {
  /** On this machine; undefined while it is down. */
  readonly pid: number | undefined;
  /** Everything of it, its log (`daemon.log`) too; goes when it is disposed of. */
  readonly directory: string;
  /** Starts it again after {@link stop} or {@link kill}. */
  start(): Promise<void>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
  /** SIGKILL, as in a crash; its containers and ssh sessions end too. */
  kill(): Promise<void>;
  /** {@link stop} and {@link start}. */
  restart(): Promise<void>;
}

/** Options of {@link startEngine}. */
export interface EngineOptions {
  readonly release: EngineRelease;
  /** `classic` when left out; 20.10 has no other, and Podman only its own. */
  readonly store?: ImageStore | undefined;
  /** What its endpoint is; it listens on its unix socket in any case. Podman on nothing else. */
  readonly listen?: 'unix' | 'tcp' | undefined;
  /** The server's side of mutual TLS; only with `listen: 'tcp'`. */
  readonly tls?: TlsFiles | undefined;
  /** Registries whose authority it knows; none when left out. */
  readonly trusts?: readonly TrustedRegistry[] | undefined;
}

/** An engine of a test's own. */
export interface ThrowAwayEngine extends ThrowAway {
  readonly socketPath: string;
  /** `unix://…` or `tcp://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** The docker CLI against its unix socket; answers standard output, rejects with stderr. */
  docker(args: readonly string[], options?: DockerOptions): Promise<string>;
}

const STORES: Readonly<Record<EngineRelease, readonly ImageStore[]>> = {
  '20.10': ['classic'],
  '26.1': ['classic', 'containerd'],
  'podman 5.4': ['podman'],
};

/** Starts an empty engine; takes one to three seconds. */
export async function startEngine(options: EngineOptions): Promise<ThrowAwayEngine> {
  const { release, store = 'classic', listen = 'unix', tls, trusts = [] } = options;
  if (!STORES[release].includes(store)) {
    throw new Error(`an engine of ${release} has only the store ${STORES[release].join(', ')}`);
  }
  if (store === 'podman' && listen === 'tcp') throw new Error('Podman listens on one socket only');
  requireInstalled(release !== '20.10');
  const directory = await scratchFolder();
  const port = listen === 'tcp' ? await freePort() : undefined;
  const engine = new Engine({
    name: `throw-away-${release.replace(' ', '-')}`,
    directory,
    release,
    store,
    port,
    tls,
    trusts,
    newerUsr: newerEngineUsr(labPaths()),
    dockerConfig: directory,
    throwAway: true,
  });
  await startOrRemove(engine, directory);
  return Object.assign(controlsOf(engine, directory), {
    socketPath: engine.socketPath,
    endpoint: port === undefined ? `unix://${engine.socketPath}` : `tcp://127.0.0.1:${port}`,
    docker: (args: readonly string[], more?: DockerOptions) => engine.docker(args, more),
  });
}

/** Options of {@link startSshd}. */
export interface SshdOptions {
  /** Public key files that may log in as root; a new key (see `identityFile`) when left out. */
  readonly authorizedKeys?: readonly string[] | undefined;
  /** Private key file of the host; a new one when left out. */
  readonly hostKey?: string | undefined;
  /** For a server that comes back on the port of another one under another key. */
  readonly port?: number | undefined;
  readonly forbidForwarding?: boolean | undefined;
  /** The engine socket that is /var/run/docker.sock over there; none when left out. */
  readonly dockerSocket?: string | undefined;
  /** After how many bytes it asks for new keys, such as `16M`; OpenSSH's default when left out. */
  readonly rekeyLimit?: string | undefined;
}

/** An OpenSSH server of a test's own. */
export interface ThrowAwaySshd extends ThrowAway {
  readonly port: number;
  /** `ssh://root@127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Private key file of the host. */
  readonly hostKey: string;
  /** A known_hosts file with this server in it. */
  readonly knownHosts: string;
  /** A private key that it lets in; not there when `authorizedKeys` was given. */
  readonly identityFile: string | undefined;
}

/** Starts an OpenSSH server; takes a fraction of a second. */
export async function startSshd(options: SshdOptions = {}): Promise<ThrowAwaySshd> {
  requireInstalled(false);
  const directory = await scratchFolder();
  const port = options.port ?? (await freePort());
  const hostKey = options.hostKey ?? (await makeSshKey(directory, 'host')).file;
  const user = options.authorizedKeys ? undefined : await makeSshKey(directory, 'user');
  const knownHosts = await writeKnownHosts(join(directory, 'known_hosts'), [
    [port, { file: hostKey, publicFile: `${hostKey}.pub` }],
  ]);
  const sshd = new Sshd({
    name: 'throw-away-sshd',
    directory,
    port,
    hostKey,
    authorizedKeys: options.authorizedKeys ?? [`${user?.publicFile}`],
    forbidForwarding: options.forbidForwarding ?? false,
    dockerSocket: options.dockerSocket,
    rekeyLimit: options.rekeyLimit,
    throwAway: true,
  });
  await startOrRemove(sshd, directory);
  return Object.assign(controlsOf(sshd, directory), {
    port,
    endpoint: `ssh://root@127.0.0.1:${port}`,
    hostKey,
    knownHosts,
    identityFile: user?.file,
  });
}

/** A registry of a test's own. */
export interface ThrowAwayRegistry extends ThrowAway {
  /** `127.0.0.1:PORT`, as image references begin. */
  readonly address: string;
}

/** Starts an empty registry that asks for `htpasswd` or `tokens`, when given; takes a fraction of a second. */
export async function startRegistry(
  options: {
    readonly htpasswd?: Credentials | undefined;
    readonly tokens?: TokenService | undefined;
  } = {},
): Promise<ThrowAwayRegistry> {
  requireInstalled(false);
  const directory = await scratchFolder();
  const registry = new Registry({
    name: 'throw-away-registry',
    directory,
    port: await freePort(),
    credentials: options.htpasswd,
    tokens: options.tokens,
    throwAway: true,
  });
  await startOrRemove(registry, directory);
  return Object.assign(controlsOf(registry, directory), { address: registry.address });
}

type Service = Engine | Sshd | Registry;

async function startOrRemove(service: Service, directory: string): Promise<void> {
  try {
    await service.start();
  } catch (error) {
    await removeScratch(directory);
    throw error;
  }
}

function controlsOf(service: Service, directory: string): ThrowAway {
  return {
    get pid() {
      return service.daemon.pid;
    },
    directory,
    start: () => service.start(),
    stop: () => service.daemon.stop(),
    kill: () => service.daemon.kill(),
    restart: async () => {
      await service.daemon.stop();
      await service.start();
    },
    [Symbol.asyncDispose]: async () => {
      await service.daemon.kill();
      await removeScratch(directory);
    },
  };
}

function requireInstalled(newerEngines: boolean): void {
  const missing = missingPackages();
  if (newerEngines && !hasNewerEngine(labPaths())) missing.push('the newer engines');
  if (missing.length > 0) {
    throw new Error(`Not on this machine: ${missing.join(', ')}. Run: ${UP_COMMAND}`);
  }
}

async function scratchFolder(): Promise<string> {
  const { scratch } = labPaths();
  await removeOrphans(scratch);
  const directory = await waitUntil(() => makeFolder(scratch), {
    what: `a folder in ${scratch}`,
    deadlineMs: 5000,
  });
  await writeFile(join(directory, 'owner.json'), JSON.stringify(identifyProcess(process.pid)));
  return directory;
}

/** Undefined when another process removed the (empty) parent at just that moment. */
async function makeFolder(parent: string): Promise<string | undefined> {
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'd-')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** A process that was killed left its folders; its daemons went with it. */
async function removeOrphans(scratch: string): Promise<void> {
  for (const name of await readdir(scratch).catch(() => [])) {
    const owner = await readFile(join(scratch, name, 'owner.json'), 'utf8').catch(() => '');
    // Empty: its owner is about to write it.
    if (owner === '' || isRunning(JSON.parse(owner) as ProcessIdentity)) continue;
    await removeScratch(join(scratch, name));
  }
}

async function removeScratch(directory: string): Promise<void> {
  await removeDaemon(directory);
  await removeControlGroups(directory);
  const { scratch, root } = labPaths();
  // Only empty folders go: where no lab is up, nothing of ours stays.
  await rmdir(scratch).catch(() => undefined);
  await rmdir(root).catch(() => undefined);
}
