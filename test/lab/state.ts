import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import type { EngineRelease, ImageStore, TlsFiles } from './engine.ts';
import { freePorts } from './free-port.ts';
import type { LabPaths } from './paths.ts';
import type { Credentials } from './registry.ts';
import { registryAddress } from './registry.ts';
import { makeSshKeys, writeKnownHosts } from './ssh-keys.ts';

/** The engines of the lab. */
export const HOST_NAMES = ['alpha', 'bravo', 'charlie', 'delta', 'echo'] as const;

export type HostName = (typeof HOST_NAMES)[number];

/** How the ssh transport reaches a host: the `ssh` block of the hosts file. */
interface SshFiles {
  readonly identityFile: string;
  readonly knownHosts: string;
  /** Path of the engine's socket as the server sees it. */
  readonly socket: string;
}

/** One host as the hosts file and the tests see it. */
export interface HostState {
  readonly name: HostName;
  readonly endpoint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly release: EngineRelease;
  readonly store: ImageStore;
  readonly directory: string;
  /** The engine's own unix socket on this machine, whatever its endpoint is. */
  readonly socketPath: string;
  /** TCP port of the engine itself. */
  readonly port?: number | undefined;
  /** The client's side of mutual TLS. */
  readonly tls?: TlsFiles | undefined;
  readonly ssh?: SshFiles | undefined;
}

/** One registry of the lab. */
interface RegistryState {
  /** As image references begin. */
  readonly address: string;
  readonly port: number;
  readonly directory: string;
  readonly credentials?: Credentials | undefined;
  /** What it serves with; plain HTTP when left out. */
  readonly tls?: TlsFiles | undefined;
}

/** One OpenSSH server of the lab. */
export interface SshdState {
  readonly directory: string;
  readonly port: number;
  /** `ssh://root@127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly hostKey: string;
  readonly authorizedKeys: readonly string[];
  readonly forbidForwarding: boolean;
}

/** Material that must be refused, and ways to charlie that are not the plain one. */
export interface NegativeMaterial {
  readonly tls: {
    /** A client certificate by a CA that bravo does not know. */
    readonly foreignClient: TlsFiles;
    /** A client certificate by the right CA that ended in 2020. */
    readonly expiredClient: TlsFiles;
    /** The right client certificate, but as `ca` one that did not sign bravo's certificate. */
    readonly wrongCa: TlsFiles;
  };
  readonly ssh: {
    /** Knows all servers of the lab, under another key. */
    readonly wrongKnownHosts: string;
    readonly emptyKnownHosts: string;
    readonly unauthorizedKey: string;
    /** Authorized, but encrypted. */
    readonly keyWithPassphrase: { readonly file: string; readonly passphrase: string };
    /** Leads to charlie's engine; refuses all forwarding, but `docker system dial-stdio` works. */
    readonly noForwarding: { readonly port: number; readonly endpoint: string };
    /** Forwards TCP, to charlie's sshd for one; `destination` is what ProxyJump would take. */
    readonly jump: {
      readonly port: number;
      readonly endpoint: string;
      readonly destination: string;
    };
  };
}

/** Everything that `up` decides, once: ports, keys, certificates. */
export interface LabState {
  readonly version: number;
  readonly hosts: Readonly<Record<HostName, HostState>>;
  readonly registries: Readonly<Record<'open' | 'locked' | 'tls', RegistryState>>;
  readonly sshds: Readonly<Record<'charlie' | 'noForwarding' | 'jump', SshdState>>;
  /** The server's side of bravo's mutual TLS. */
  readonly serverTls: TlsFiles;
  readonly negative: NegativeMaterial;
}

/** Of the shape above: `up` starts afresh over a state of another version. */
const STATE_VERSION = 2;

const CREDENTIALS: Credentials = { username: 'lab', password: 'only-for-the-lab' };

/** Reads what an earlier `up` decided; undefined when there is none of this version. */
export async function readState(paths: LabPaths): Promise<LabState | undefined> {
  const text = await readFile(paths.stateFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as LabState;
  return state.version === STATE_VERSION ? state : undefined;
}

/** Decides ports, makes keys and certificates, and keeps it all in the state file. */
export async function createState(paths: LabPaths): Promise<LabState> {
  await mkdir(paths.root, { recursive: true, mode: 0o755 });
  const [certificates, keys, ports] = await Promise.all([
    makeCertificates(join(paths.root, 'tls')),
    makeSshKeys(join(paths.root, 'ssh')),
    freePorts(9),
  ]);
  const [bravo, delta, echo, open, locked, tls, charlieSsh, noForwarding, jump] = ports as Ports;
  const servers = [
    [charlieSsh, keys.hosts.charlie],
    [noForwarding, keys.hosts.noForwarding],
    [jump, keys.hosts.jump],
  ] as const;
  const inSsh = (name: string) => join(paths.root, 'ssh', name);
  const knownHosts = await writeKnownHosts(inSsh('known_hosts'), servers);
  const wrongKnownHosts = await writeKnownHosts(
    inSsh('known_hosts.wrong'),
    servers.map(([port]) => [port, keys.otherHost] as const),
  );
  const emptyKnownHosts = await writeKnownHosts(inSsh('known_hosts.empty'), []);

  const host = (name: HostName) => {
    const directory = join(paths.root, name);
    return { name, directory, socketPath: join(directory, 'docker.sock') };
  };
  const older = { release: '20.10', store: 'classic' } as const;
  const alpha = host('alpha');
  const charlie = host('charlie');
  const sshd = (name: 'charlie' | 'noForwarding' | 'jump', port: number): SshdState => ({
    directory: join(paths.root, `sshd-${name.toLowerCase()}`),
    port,
    endpoint: `ssh://root@127.0.0.1:${port}`,
    hostKey: keys.hosts[name].file,
    authorizedKeys: [keys.user.publicFile, keys.userWithPassphrase.publicFile],
    forbidForwarding: name === 'noForwarding',
  });
  const sshds = {
    charlie: sshd('charlie', charlieSsh),
    noForwarding: sshd('noForwarding', noForwarding),
    jump: sshd('jump', jump),
  };
  const registry = (
    name: string,
    port: number,
    secured: Pick<RegistryState, 'credentials' | 'tls'> = {},
  ): RegistryState => ({
    address: registryAddress({ port, tls: secured.tls }),
    port,
    directory: join(paths.root, `registry-${name}`),
    ...secured,
  });

  const state: LabState = {
    version: STATE_VERSION,
    hosts: {
      alpha: {
        ...alpha,
        ...older,
        endpoint: `unix://${alpha.socketPath}`,
        labels: { env: 'prod', zone: 'a' },
      },
      bravo: {
        ...host('bravo'),
        ...older,
        ...tcp(bravo),
        labels: { env: 'prod', zone: 'b' },
        tls: certificates.client,
      },
      charlie: {
        ...charlie,
        ...older,
        endpoint: sshds.charlie.endpoint,
        labels: { env: 'staging', zone: 'a' },
        ssh: { identityFile: keys.user.file, knownHosts, socket: '/var/run/docker.sock' },
      },
      delta: {
        ...host('delta'),
        ...tcp(delta),
        release: '26.1',
        store: 'classic',
        labels: { env: 'prod', zone: 'b' },
      },
      echo: {
        ...host('echo'),
        ...tcp(echo),
        release: '26.1',
        store: 'containerd',
        labels: { env: 'staging', zone: 'b' },
      },
    },
    registries: {
      open: registry('open', open),
      locked: registry('locked', locked, { credentials: CREDENTIALS }),
      tls: registry('tls', tls, { credentials: CREDENTIALS, tls: certificates.registry }),
    },
    sshds,
    serverTls: certificates.server,
    negative: {
      tls: {
        foreignClient: certificates.foreignClient,
        expiredClient: certificates.expiredClient,
        wrongCa: certificates.wrongCa,
      },
      ssh: {
        wrongKnownHosts,
        emptyKnownHosts,
        unauthorizedKey: keys.unauthorized.file,
        keyWithPassphrase: {
          file: keys.userWithPassphrase.file,
          passphrase: keys.userWithPassphrase.passphrase ?? '',
        },
        noForwarding: { port: noForwarding, endpoint: sshds.noForwarding.endpoint },
        jump: { port: jump, endpoint: sshds.jump.endpoint, destination: `root@127.0.0.1:${jump}` },
      },
    },
  };
  await writeWhole(paths.stateFile, `${JSON.stringify(state, undefined, 2)}\n`);
  return state;
}

function tcp(port: number) {
  return { endpoint: `tcp://127.0.0.1:${port}`, port };
}

type Ports = [number, number, number, number, number, number, number, number, number];

/** So that a reader never sees half a file. */
export async function writeWhole(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}
