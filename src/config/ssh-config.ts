import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PORTS, DEFAULT_SOCKET_PATH } from '../engine/endpoint.ts';
import type { SshEndpoint, SshHop } from '../engine/endpoint.ts';
import { ConfigError } from './config-error.ts';
import { parsePort, parseSshDestination, quote } from './endpoint-url.ts';
import type { SshDestination } from './endpoint-url.ts';
import { variable } from './environment.ts';
import type { Environment } from './environment.ts';
import { resolvePath } from './file-path.ts';
import { SshConfigFiles } from './ssh-config-files.ts';
import type { SshOptions } from './ssh-config-files.ts';

/** What is said of an SSH endpoint outside ssh_config; all of it wins over ssh_config. */
export interface SshTarget extends SshDestination {
  socketPath?: string | undefined;
  /** Absolute paths. */
  identityFiles?: readonly string[] | undefined;
  knownHostsFiles?: readonly string[] | undefined;
  passphraseFile?: string | undefined;
  /** `[user@]host[:port]` with commas between, nearest first; `none` for a direct connection. */
  jump?: string | undefined;
}

/** Keys and known hosts of a hop for which ssh_config names none. */
interface HopFallback {
  identityFiles?: readonly string[] | undefined;
  knownHostsFiles?: readonly string[] | undefined;
  passphraseFile?: string | undefined;
}

/** What an option's % tokens stand for. */
type Tokens = Record<string, string>;

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const MAX_JUMPS = 16;

/**
 * Completes SSH endpoints the way the `ssh` program does: from the URL and the hosts file first, then
 * ~/.ssh/config and /etc/ssh/ssh_config, then ssh's defaults. Host keys are always verified:
 * StrictHostKeyChecking is not looked at.
 */
export class SshConfig {
  private readonly files: SshConfigFiles;
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
    this.files = new SshConfigFiles(environment);
  }

  /** What was left out of ssh_config, for people. */
  get warnings(): string[] {
    return [...this.files.warnings];
  }

  /** @throws ConfigError for what ssh_config says and cannot be done, such as ProxyCommand */
  async resolve(target: SshTarget): Promise<SshEndpoint> {
    const { hop, jumps } = await this.resolveHop(target, target, []);
    return {
      transport: 'SSH',
      ...hop,
      remoteSocketPath: target.socketPath ?? DEFAULT_SOCKET_PATH,
      jumps,
    };
  }

  private async resolveHop(
    target: SshTarget,
    fallback: HopFallback,
    trail: readonly string[],
  ): Promise<{ hop: SshHop; jumps: SshHop[] }> {
    const options = await this.files.options(target.host, target.user);
    const host = expand(first(options.HostName) ?? target.host, 'HostName', { h: target.host });
    const user = target.user ?? first(options.User) ?? this.environment.userName;
    const port = target.port ?? configuredPort(options, target.host) ?? DEFAULT_PORTS.SSH;
    const step = `${user}@${host}:${port}`;
    if (trail.includes(step)) {
      throw ConfigError.of(`ProxyJump goes in a circle: ${[...trail, step].join(' → ')}`);
    }
    const jumps = await this.resolveJumps(target, options, fallback, [...trail, step]);
    const tokens = this.tokensFor({ alias: target.host, host, user, port, options });
    const keys = await this.keysFor(target, options, fallback, tokens);
    const agentSocket = this.agentSocket(options, tokens);
    const hostKeyAlias = first(options.HostKeyAlias);
    const hop: SshHop = {
      host,
      port,
      user,
      ...keys,
      ...(agentSocket !== undefined && { agentSocket }),
      knownHostsFiles: this.knownHosts(target, options, fallback, tokens),
      ...(hostKeyAlias !== undefined && { hostKeyAlias }),
    };
    return { hop, jumps };
  }

  private async resolveJumps(
    target: SshTarget,
    options: SshOptions,
    fallback: HopFallback,
    trail: readonly string[],
  ): Promise<SshHop[]> {
    const list = target.jump ?? proxyJump(options, target.host);
    if (list === undefined || list.toLowerCase() === 'none') return [];
    const hops: SshHop[] = [];
    for (const [index, text] of list.split(',').entries()) {
      const destination = parseSshDestination(text.trim());
      // Only the nearest machine is reached from here, so only its own ProxyJump is followed;
      // the others are reached through the one before them.
      const direct = index === 0 ? {} : { jump: 'none' };
      const { hop, jumps } = await this.resolveHop({ ...destination, ...direct }, fallback, trail);
      hops.push(...jumps, hop);
    }
    if (hops.length > MAX_JUMPS) {
      throw ConfigError.of(`${quote(list)} leads over more than ${MAX_JUMPS} machines`);
    }
    return hops;
  }

  private async keysFor(
    target: SshTarget,
    options: SshOptions,
    fallback: HopFallback,
    tokens: Tokens,
  ): Promise<Pick<SshHop, 'identityFiles' | 'passphraseFile'>> {
    const { homeDir } = this.environment;
    const configured = await this.configuredKeys(options, tokens);
    const identityFiles =
      target.identityFiles ??
      configured ??
      fallback.identityFiles ??
      (await existing(DEFAULT_KEYS.map((name) => join(homeDir, '.ssh', name))));
    const passphraseFile = target.passphraseFile ?? fallback.passphraseFile;
    return {
      identityFiles: [...identityFiles],
      ...(passphraseFile !== undefined && { passphraseFile }),
    };
  }

  private async configuredKeys(options: SshOptions, tokens: Tokens): Promise<string[] | undefined> {
    const named = list(options.IdentityFile);
    if (named.length === 0) return undefined;
    const files = new Set(
      named
        .filter((file) => file.toLowerCase() !== 'none')
        .map((file) => this.filePath(file, 'IdentityFile', tokens)),
    );
    // A public key only chooses among the agent's keys.
    const keys = [...files].filter((file) => !file.endsWith('.pub'));
    const there = await existing(keys);
    // ssh passes over keys that are not there. When none is, the dial shall be able to name them.
    return there.length > 0 ? there : keys;
  }

  private knownHosts(
    target: SshTarget,
    options: SshOptions,
    fallback: HopFallback,
    tokens: Tokens,
  ): string[] {
    const { homeDir, systemSshDir } = this.environment;
    const user = list(options.UserKnownHostsFile);
    const explicit = target.knownHostsFiles ?? (user.length === 0 && fallback.knownHostsFiles);
    if (explicit) return [...explicit];
    const system = list(options.GlobalKnownHostsFile);
    const files = (named: string[], keyword: string, defaults: string[]) =>
      named.length === 0
        ? defaults
        : named
            .filter((file) => file.toLowerCase() !== 'none')
            .map((file) => this.filePath(file, keyword, tokens));
    return [
      ...files(user, 'UserKnownHostsFile', [
        join(homeDir, '.ssh', 'known_hosts'),
        join(homeDir, '.ssh', 'known_hosts2'),
      ]),
      ...files(system, 'GlobalKnownHostsFile', [join(systemSshDir, 'ssh_known_hosts')]),
    ];
  }

  private agentSocket(options: SshOptions, tokens: Tokens): string | undefined {
    const named = first(options.IdentityAgent);
    if (named === undefined || named === 'SSH_AUTH_SOCK') {
      // IdentitiesOnly bars the keys that an agent merely happens to hold. An agent that
      // ssh_config names itself is meant to be asked.
      const only = named === undefined && first(options.IdentitiesOnly)?.toLowerCase() === 'yes';
      return only ? undefined : variable(this.environment, 'SSH_AUTH_SOCK');
    }
    if (named.toLowerCase() === 'none') return undefined;
    const [, name] = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(named) ?? [];
    if (name !== undefined) return variable(this.environment, name);
    return this.filePath(named, 'IdentityAgent', tokens);
  }

  /** A file that ssh_config names: tokens, `${VARIABLE}` and `~` expanded. */
  private filePath(text: string, keyword: string, tokens: Tokens): string {
    const { homeDir } = this.environment;
    const path = expand(text, keyword, tokens).replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = variable(this.environment, name);
      if (value !== undefined) return value;
      throw ConfigError.of(`${keyword} ${quote(text)} in ssh_config: $${name} is not set`);
    });
    // ssh takes relative names from its working folder; from home is where people mean them.
    return resolvePath(path, homeDir, homeDir);
  }

  private tokensFor({
    alias,
    host,
    user,
    port,
    options,
  }: {
    alias: string;
    host: string;
    user: string;
    port: number;
    options: SshOptions;
  }): Tokens {
    const { homeDir, userName } = this.environment;
    const local = hostname();
    return {
      d: homeDir,
      h: host,
      i: String(process.getuid?.() ?? ''),
      j: first(options.ProxyJump) ?? '',
      k: first(options.HostKeyAlias) ?? alias,
      L: local.split('.')[0] ?? local,
      l: local,
      n: alias,
      p: String(port),
      r: user,
      u: userName,
    };
  }
}

/** ssh_config's ProxyJump, unless a ProxyCommand stands before it: of the two the first wins. */
function proxyJump(options: SshOptions, host: string): string | undefined {
  const winner = Object.keys(options).find((key) => key === 'ProxyJump' || key === 'ProxyCommand');
  if (winner !== 'ProxyCommand') return first(options.ProxyJump);
  const command = list(options.ProxyCommand).join(' ');
  if (command.toLowerCase() === 'none') return undefined;
  throw ConfigError.of(
    `ssh_config sets ProxyCommand ${quote(command)} for ${quote(host)}, which is not supported; ` +
      'use ProxyJump there, or ssh.jump in the hosts file',
  );
}

function configuredPort(options: SshOptions, host: string): number | undefined {
  const port = first(options.Port);
  return port === undefined ? undefined : parsePort(port, `Port ${port} for ${host} in ssh_config`);
}

function expand(text: string, keyword: string, tokens: Tokens): string {
  return text.replace(/%(.?)/g, (whole, letter: string) => {
    if (letter === '%') return '%';
    const value = tokens[letter];
    if (value !== undefined) return value;
    throw ConfigError.of(`${keyword} ${quote(text)} in ssh_config: unknown token ${whole}`);
  });
}

async function existing(files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => there[index]);
}

function first(value: string | string[] | undefined): string | undefined {
  return list(value)[0];
}

function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
