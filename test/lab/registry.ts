import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get as getPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getByTls } from 'node:https';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { Daemon } from './daemon.ts';
import type { TlsFiles } from './engine.ts';

/** A name and a password that a registry accepts. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Whose tokens a registry accepts. */
export interface TokenService {
  /** Where it sends clients for a token. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** The certificate of the key that tokens are signed with, as PEM. */
  readonly certificate: string;
}

/** How one registry of the lab is run. */
interface RegistrySpec {
  readonly name: string;
  readonly directory: string;
  readonly port: number;
  /** Only these may use it; everyone may when left out. */
  readonly credentials?: Credentials | undefined;
  /** Only those with a token of this service may use it. */
  readonly tokens?: TokenService | undefined;
  /** Certificates to serve with; plain HTTP when left out. */
  readonly tls?: TlsFiles | undefined;
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

  /** As image references begin. */
  get address(): string {
    return registryAddress(this.spec);
  }

  /** Starts it over whatever data its folder holds and waits until it answers. */
  async start(): Promise<void> {
    const { directory, credentials, port, tls, tokens } = this.spec;
    await mkdir(join(directory, 'data'), { recursive: true });
    const htpasswd = join(directory, 'htpasswd');
    if (credentials !== undefined) await writeFile(htpasswd, await htpasswdLine(credentials));
    const bundle = join(directory, 'token-issuer.pem');
    if (tokens !== undefined) await writeFile(bundle, tokens.certificate);
    const config = {
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(directory, 'data') },
        delete: { enabled: true },
      },
      http: {
        addr: `127.0.0.1:${port}`,
        secret: randomBytes(16).toString('hex'),
        ...(tls && { tls: { certificate: tls.cert, key: tls.key } }),
      },
      ...(credentials && { auth: { htpasswd: { realm: 'dockgraph-lab', path: htpasswd } } }),
      ...(tokens && {
        auth: {
          token: {
            realm: tokens.realm,
            service: tokens.service,
            issuer: tokens.issuer,
            rootcertbundle: bundle,
          },
        },
      }),
    };
    // YAML is a superset of JSON.
    await writeFile(join(directory, 'config.yml'), JSON.stringify(config, undefined, 2));
    await this.daemon.start(() => this.answers());
  }

  /** Whether it answers as a registry of its kind should. */
  async answers(): Promise<boolean> {
    const { credentials, tls, tokens } = this.spec;
    const expected = (credentials ?? tokens) ? 401 : 200;
    const ca = tls && (await readFile(tls.ca));
    return new Promise((resolve) => {
      const read = (response: IncomingMessage) => {
        response.resume();
        resolve(response.statusCode === expected);
      };
      const timeout = 2000;
      const probe = tls
        ? getByTls(`https://${this.address}/v2/`, { timeout, ca }, read)
        : getPlain(`http://${this.address}/v2/`, { timeout }, read);
      probe.on('timeout', () => probe.destroy());
      probe.on('error', () => resolve(false));
    });
  }
}

/**
 * `HOST:PORT` of a registry on loopback. Engines take 127.0.0.0/8 without TLS and without looking
 * at certificates; 0.0.0.0 is the same machine, and to them a registry like any other.
 */
export function registryAddress({ port, tls }: Pick<RegistrySpec, 'port' | 'tls'>): string {
  return `${tls ? '0.0.0.0' : '127.0.0.1'}:${port}`;
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
