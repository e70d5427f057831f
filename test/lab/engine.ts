import { existsSync, readFileSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { CommandOptions } from './command.ts';
import { runCommand } from './command.ts';
import { Daemon } from './daemon.ts';
import { PODMAN_ETC, podmanCommand } from './podman.ts';

/** A release line of Docker Engine, or of Podman, that the lab can run. */
export type EngineRelease = '20.10' | '26.1' | 'podman 5.4';

/** Which image store an engine keeps its images in; 20.10 knows only the classic one. */
export type ImageStore = 'classic' | 'containerd' | 'podman';

/** Certificate files of one side of a mutual TLS connection. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A registry with the authority that an engine is to know it by. */
export interface TrustedRegistry {
  /** `HOST:PORT`. */
  readonly address: string;
  /** Certificate file. */
  readonly ca: string;
}

/** How one engine of the lab is run. */
interface EngineSpec {
  readonly name: string;
  readonly directory: string;
  readonly release: EngineRelease;
  readonly store: ImageStore;
  /** Loopback TCP port it listens on besides its unix socket; Podman cannot. */
  readonly port?: number | undefined;
  /** The server's side of mutual TLS on that port. */
  readonly tls?: TlsFiles | undefined;
  /** Registries whose authority its /etc/docker/certs.d has. */
  readonly trusts: readonly TrustedRegistry[];
  /** /usr of the newer releases. */
  readonly newerUsr: string;
  readonly dockerConfig: string;
  readonly throwAway: boolean;
}

/** Options of a docker CLI call. */
export type DockerOptions = Pick<CommandOptions, 'input' | 'signal'>;

/** The CLI of the machine's own docker.io package; it negotiates with newer engines. */
const DOCKER = '/usr/bin/docker';

/** One dockerd with its own containerd, or one Podman, as if on a machine of its own. */
export class Engine {
  readonly spec: EngineSpec;
  readonly daemon: Daemon;
  readonly socketPath: string;

  constructor(spec: EngineSpec) {
    this.spec = spec;
    this.socketPath = join(spec.directory, 'docker.sock');
    this.daemon = new Daemon({
      name: spec.name,
      directory: spec.directory,
      command:
        spec.store === 'podman'
          ? podmanCommand(spec.directory, this.socketPath)
          : this.#dockerdCommand(),
      usr: spec.release === '20.10' ? undefined : spec.newerUsr,
      etc: { ...ETC[spec.store], ...certificatesOf(spec.trusts) },
      throwAway: spec.throwAway,
    });
  }

  /** Starts it over whatever data its folder holds and waits until it answers. */
  async start(): Promise<void> {
    await this.daemon.kill();
    // Written by a daemon that may have been killed; its numbers mean nothing in a new namespace.
    for (const stale of ['docker.pid', 'docker.sock', 'exec']) {
      await rm(join(this.spec.directory, stale), { recursive: true, force: true });
    }
    await this.daemon.start(() => answersPing(this.socketPath));
  }

  /** Runs the docker CLI against its unix socket; answers standard output. */
  docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
    const { dockerConfig, directory, store } = this.spec;
    const [command, ...rest] = args;
    // Podman can be told so for each container only.
    const parent = store === 'podman' ? [`--cgroup-parent=${controlGroup(directory)}`] : [];
    const argv = command === 'run' ? [command, ...parent, ...rest] : args;
    return runCommand(DOCKER, ['-H', `unix://${this.socketPath}`, ...argv], {
      ...options,
      // Away from the configuration of whoever runs us.
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: dockerConfig,
        DOCKER_CONFIG: dockerConfig,
        DOCKER_BUILDKIT: '0',
      },
    });
  }

  #dockerdCommand(): [string, ...string[]] {
    const { directory, port, tls } = this.spec;
    return [
      '/usr/sbin/dockerd',
      `--data-root=${join(directory, 'data')}`,
      `--exec-root=${join(directory, 'exec')}`,
      `--pidfile=${join(directory, 'docker.pid')}`,
      `--cgroup-parent=${controlGroup(directory)}`,
      `--host=unix://${this.socketPath}`,
      ...(port === undefined ? [] : [`--host=tcp://127.0.0.1:${port}`]),
      ...(tls === undefined
        ? // Said out loud, or 20.10 waits for 15 seconds before it listens without TLS.
          ['--tls=false']
        : ['--tlsverify', `--tlscacert=${tls.ca}`, `--tlscert=${tls.cert}`, `--tlskey=${tls.key}`]),
      '--bridge=none',
      '--iptables=false',
      '--ip-forward=false',
      '--ip-masq=false',
    ];
  }
}

/** What it finds in its /etc, by store. */
const ETC: Readonly<Record<ImageStore, Readonly<Record<string, string>>>> = {
  classic: { 'docker/daemon.json': '{}\n' },
  containerd: { 'docker/daemon.json': '{"features":{"containerd-snapshotter":true}}\n' },
  podman: PODMAN_ETC,
};

/** Where engines look for a registry's authority. */
function certificatesOf(trusts: readonly TrustedRegistry[]): Record<string, string> {
  return Object.fromEntries(
    trusts.map(({ address, ca }) => [`docker/certs.d/${address}/ca.crt`, readFileSync(ca, 'utf8')]),
  );
}

/** Whether an engine answers on this unix socket. */
export function answersPing(socketPath: string): Promise<boolean> {
  return engineGet(socketPath, '/_ping').then(
    () => true,
    () => false,
  );
}

/** GET of an engine's API over its unix socket; rejects when the answer is not 200. */
export function engineGet(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const get = request({ socketPath, path, timeout: 10_000 }, (response) => {
      const body: Buffer[] = [];
      response.on('data', (chunk: Buffer) => body.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(body).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`GET ${path}: ${response.statusCode} ${text}`));
      });
    });
    get.on('timeout', () => get.destroy(new Error(`GET ${path}: no answer`)));
    get.on('error', reject);
    get.end();
  });
}

/** Its containers' control group: one per engine, so that they can be told apart and removed. */
function controlGroup(directory: string): string {
  return `/dockgraph-lab${directory.replaceAll('/', '-')}`;
}

/** An engine that was killed leaves the (empty) control groups of its containers behind. */
export async function removeControlGroups(directory: string): Promise<void> {
  const base = '/sys/fs/cgroup';
  const name = controlGroup(directory);
  const controllers = await readdir(base).catch(() => []);
  for (const folder of [base, ...controllers.map((controller) => join(base, controller))]) {
    if (existsSync(join(folder, name))) await removeGroup(join(folder, name));
  }
}

/** Only rmdir removes a control group; its files are not files. */
async function removeGroup(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeGroup(join(folder, entry.name));
  }
  await rmdir(folder).catch(() => undefined);
}
