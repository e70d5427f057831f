import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { Daemon } from './daemon.ts';

/** A name and a password that a registry accepts. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** How one registry of the lab is run. */
interface RegistrySpec {
  readonly name: string;
  readonly directory: string;
  readonly port: number;
  /** Only these may use it; everyone may when left out. */
  readonly credentials?: Credentials | undefined;
  readonly throwAway: boolean;
}

/** One docker-registry (distribution 2.8) on a loopback port. */
export class Registry {
  readonly spec: RegistrySpec;
  readonly daemon: Daemon;

  constructor(spec: RegistrySpec) {
    this.spec = spec;
    this.daemon = new Daemon({
      name: spec.name,
      directory: spec.directory,
      command: ['/usr/bin/docker-registry', 'serve', join(spec.directory, 'config.yml')],
      throwAway: spec.throwAway,
    });
  }

  /** `127.0.0.1:PORT`, as image references begin. Engines take 127.0.0.0/8 without TLS. */
  get address(): string {
    return `127.0.0.1:${this.spec.port}`;
  }

  /** Starts it over whatever data its folder holds and waits until it answers. */
  async start(): Promise<void> {
    const { directory, credentials } = this.spec;
    await mkdir(join(directory, 'data'), { recursive: true });
    const htpasswd = join(directory, 'htpasswd');
    if (credentials !== undefined) await writeFile(htpasswd, await htpasswdLine(credentials));
    const config = {
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(directory, 'data') },
        delete: { enabled: true },
      },
      http: { addr: this.address, secret: randomBytes(16).toString('hex') },
      ...(credentials && { auth: { htpasswd: { realm: 'dockgraph-lab', path: htpasswd } } }),
    };
    // YAML is a superset of JSON.
    await writeFile(join(directory, 'config.yml'), JSON.stringify(config, undefined, 2));
    await this.daemon.start(() => this.answers());
  }

  /** Whether it answers as a registry of its kind should. */
  answers(): Promise<boolean> {
    const expected = this.spec.credentials === undefined ? 200 : 401;
    return new Promise((resolve) => {
      const probe = request(`http://${this.address}/v2/`, { timeout: 2000 }, (response) => {
        response.resume();
        resolve(response.statusCode === expected);
      });
      probe.on('timeout', () => probe.destroy());
      probe.on('error', () => resolve(false));
      probe.end();
    });
  }
}

/** The registry takes bcrypt only. Perl is on every Debian, and its crypt() knows bcrypt. */
async function htpasswdLine({ username, password }: Credentials): Promise<string> {
  const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  // The last of the 22 characters carries two bits only, so the random part is 21 long.
  const salt = `${[...randomBytes(21)].map((byte) => alphabet[byte % 64]).join('')}u`;
  const program = 'chomp($p = <STDIN>); print crypt($p, $ARGV[0])';
  const hash = await runCommand('perl', ['-e', program, `$2b$05$${salt}`], { input: password });
  if (!hash.startsWith('$2b$')) throw new Error('perl on this machine cannot hash with bcrypt');
  return `${username}:${hash}\n`;
}
