import { isAbsolute, join } from 'node:path';
import { ConfigError } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';
import { nearest } from './did-you-mean.ts';
import { parseHostPort, quote } from './endpoint-url.ts';
import { variable } from './environment.ts';
import type { Environment } from './environment.ts';
import { resolvePath } from './file-path.ts';

/** All that `dockgraph serve` can be told. */
export interface Settings {
  /** Absolute path of the hosts file; without one the docker CLI's host is served. */
  configFile?: string;
  listen: ListenAddress;
  /** Absolute path of the folder for what outlives a restart. Not made here. */
  dataDir: string;
  /** Absolute path of the tokens file; without one nobody has to sign in. */
  tokensFile?: string;
  /** Origins of pages that may call from a browser, such as `https://ops.example.com`. */
  allowedOrigins: string[];
  /** Absolute path of registry credentials that are asked before the docker CLI's own. */
  registryConfigFile?: string;
  /** Beginnings of the URLs that engines may be told to fetch, for imports and builds. */
  importUrls: string[];
  /** Bytes of one upload, and of all of them. */
  uploads: { maxBytes: number; maxTotalBytes: number };
  /** Registries that the gateway itself may ask; none by default. */
  registries: AskableRegistry[];
  /** Absolute path of the folder with a folder `HOST:PORT` for each registry with its own authority. */
  registryCertsDir: string;
  logLevel: LogLevel;
  limits: { maxCost: number; maxDepth: number };
  /** Between two full looks at a host, in milliseconds. */
  resyncMs: number;
  /** The longest that one plain call to an engine may take, in milliseconds. */
  callTimeoutMs: number;
}

/** A registry that the gateway may ask. */
export interface AskableRegistry {
  /** `host[:port]`, as it stands in references. */
  host: string;
  /** Whether it is asked without TLS. */
  plainHttp: boolean;
}

/** Where the server listens. Port 0 is any free one. */
export interface ListenAddress {
  /** Name or address; IPv6 without brackets. */
  host: string;
  port: number;
}

/** pino's levels. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const GIBIBYTE = 1024 ** 3;
/** Where docker keeps them. */
const DEFAULT_REGISTRY_CERTS = '/etc/docker/certs.d';
const DEFAULT_LISTEN: ListenAddress = { host: '127.0.0.1', port: 4000 };

/** Flags of `dockgraph serve`; a flag wins over its variable. */
export interface ServeFlags {
  config?: string;
  listen?: string;
  'data-dir'?: string;
  tokens?: string;
}

/** Every variable that is read, with what it means, as `--help` prints it. */
export const VARIABLES = {
  DOCKGRAPH_CONFIG: 'hosts file (--config)',
  DOCKGRAPH_LISTEN: 'HOST:PORT to listen on (--listen), default 127.0.0.1:4000',
  DOCKGRAPH_DATA_DIR: 'folder for state (--data-dir), default ~/.local/share/dockgraph',
  DOCKGRAPH_TOKENS_FILE: 'bearer tokens, one NAME: sha256:HEX a line (--tokens)',
  DOCKGRAPH_ALLOWED_ORIGINS: 'origins of browser pages that may call, with commas between',
  DOCKGRAPH_REGISTRY_CONFIG:
    "registry credentials in the shape of docker's config.json, asked first",
  DOCKGRAPH_IMPORT_URLS: 'beginnings of URLs that engines may fetch, with commas between',
  DOCKGRAPH_UPLOAD_MAX_BYTES: 'most that one upload may have, default 2147483648 (2 GiB)',
  DOCKGRAPH_UPLOADS_MAX_BYTES: 'most that all uploads may have, default 10737418240 (10 GiB)',
  DOCKGRAPH_REGISTRIES: 'registries that dockgraph itself may ask, with commas between',
  DOCKGRAPH_REGISTRY_CERTS:
    'folder with HOST:PORT/ca.crt for registries, default /etc/docker/certs.d',
  DOCKGRAPH_LOG_LEVEL: `${LOG_LEVELS.join(', ')}; default info`,
  DOCKGRAPH_MAX_COST: 'most that a query may cost, default 2000000',
  DOCKGRAPH_MAX_DEPTH: 'most levels in a query, default 15',
  DOCKGRAPH_RESYNC_SECONDS: 'seconds between full looks at a host, default 300',
  DOCKGRAPH_CALL_TIMEOUT_SECONDS: 'seconds that a call to an engine may take, default 30',
} as const;

type VariableName = keyof typeof VARIABLES;

/**
 * Settles the settings from flags, variables and defaults.
 * @throws ConfigError with everything that is wrong in them
 */
export function readSettings(flags: ServeFlags, environment: Environment): Settings {
  return new SettingsReader(flags, environment).read();
}

/** The hosts file that flags and variables name, as an absolute path. */
export function configFileOf(flags: ServeFlags, environment: Environment): string | undefined {
  const file = flags.config ?? variable(environment, 'DOCKGRAPH_CONFIG');
  return file && resolvePath(file, environment.workingDir, environment.homeDir);
}

/** One warning for each DOCKGRAPH_ variable that nothing reads: usually a slip in its name. */
export function unknownVariables({ variables }: Environment): string[] {
  const known = Object.keys(VARIABLES);
  return Object.keys(variables)
    .filter((name) => name.startsWith('DOCKGRAPH_') && !known.includes(name))
    .toSorted()
    .map((name) => `${name} is not known and left out; nearest is ${nearest(name, known)?.word}`);
}

/**
 * Parses where to listen. The address is never left out: `:4000` means every interface to some
 * programs and loopback to others.
 * @throws ConfigError
 */
export function parseListenAddress(text: string): ListenAddress {
  const expected = 'expected HOST:PORT, such as 127.0.0.1:4000, [::1]:4000 or 0.0.0.0:4000';
  if (/^:?\d*$/.test(text)) {
    throw ConfigError.of(`${quote(text)} does not say which address to listen on; ${expected}`);
  }
  const [, host, portText] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(portText);
  if (host === undefined || port > 65535 || host.includes('/')) {
    throw ConfigError.of(`${quote(text)} is no HOST:PORT with a port up to 65535; ${expected}`);
  }
  return { host: parseHostPort(host, text).host, port };
}

class SettingsReader {
  private readonly problems: ConfigProblem[] = [];
  private readonly flags: ServeFlags;
  private readonly environment: Environment;

  constructor(flags: ServeFlags, environment: Environment) {
    this.flags = flags;
    this.environment = environment;
  }

  read(): Settings {
    const configFile = configFileOf(this.flags, this.environment);
    const tokensFile = this.path('tokens', 'DOCKGRAPH_TOKENS_FILE');
    const registryConfigFile = this.path(undefined, 'DOCKGRAPH_REGISTRY_CONFIG');
    const settings: Settings = {
      ...(configFile !== undefined && { configFile }),
      listen: this.listen(),
      dataDir: this.path('data-dir', 'DOCKGRAPH_DATA_DIR') ?? this.defaultDataDir(),
      ...(tokensFile !== undefined && { tokensFile }),
      allowedOrigins: this.origins('DOCKGRAPH_ALLOWED_ORIGINS'),
      ...(registryConfigFile !== undefined && { registryConfigFile }),
      importUrls: this.importUrls('DOCKGRAPH_IMPORT_URLS'),
      uploads: {
        maxBytes: this.integer('DOCKGRAPH_UPLOAD_MAX_BYTES', 2 * GIBIBYTE, Number.MAX_SAFE_INTEGER),
        maxTotalBytes: this.integer(
          'DOCKGRAPH_UPLOADS_MAX_BYTES',
          10 * GIBIBYTE,
          Number.MAX_SAFE_INTEGER,
        ),
      },
      registries: this.registries('DOCKGRAPH_REGISTRIES'),
      registryCertsDir: this.path(undefined, 'DOCKGRAPH_REGISTRY_CERTS') ?? DEFAULT_REGISTRY_CERTS,
      logLevel: this.logLevel('DOCKGRAPH_LOG_LEVEL'),
      limits: {
        maxCost: this.integer('DOCKGRAPH_MAX_COST', 2_000_000, Number.MAX_SAFE_INTEGER),
        maxDepth: this.integer('DOCKGRAPH_MAX_DEPTH', 15, 100),
      },
      // Longer waits would not fit a timer, which then fires at once.
      resyncMs: this.integer('DOCKGRAPH_RESYNC_SECONDS', 300, 86_400) * 1000,
      callTimeoutMs: this.integer('DOCKGRAPH_CALL_TIMEOUT_SECONDS', 30, 3600) * 1000,
    };
    if (this.problems.length > 0) throw new ConfigError(this.problems);
    return settings;
  }

  private listen(): ListenAddress {
    const [name, text] =
      this.flags.listen === undefined
        ? ['DOCKGRAPH_LISTEN', variable(this.environment, 'DOCKGRAPH_LISTEN')]
        : ['--listen', this.flags.listen];
    if (text === undefined) return DEFAULT_LISTEN;
    try {
      return parseListenAddress(text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.problems.push(...error.about(name).problems);
      return DEFAULT_LISTEN;
    }
  }

  private path(flag: keyof ServeFlags | undefined, name: VariableName): string | undefined {
    const { workingDir, homeDir } = this.environment;
    const path = (flag && this.flags[flag]) ?? variable(this.environment, name);
    return path && resolvePath(path, workingDir, homeDir);
  }

  private defaultDataDir(): string {
    const base = variable(this.environment, 'XDG_DATA_HOME');
    // By its specification a relative one is invalid and passed over.
    if (base !== undefined && isAbsolute(base)) return join(base, 'dockgraph');
    return join(this.environment.homeDir, '.local', 'share', 'dockgraph');
  }

  private items(name: VariableName): string[] {
    const items = variable(this.environment, name)?.split(',') ?? [];
    return items.map((item) => item.trim()).filter((item) => item !== '');
  }

  private importUrls(name: VariableName): string[] {
    return this.items(name).flatMap((text) => {
      const url = URL.parse(text);
      const isPlain =
        url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
      if (isPlain && url.hostname !== '' && /^(?:https?|git):$/.test(url.protocol))
        return [url.href];
      const shown = text.replace(/\/\/[^/]*@/, '//***@');
      this.report(name, shown, 'the beginning of a URL such as https://files.example.com/images/');
      return [];
    });
  }

  private registries(name: VariableName): AskableRegistry[] {
    return this.items(name).flatMap((text) => {
      const [, scheme, host = ''] = /^(?:(https?):\/\/)?([^/]*)$/i.exec(text) ?? [];
      const url = URL.parse(`https://${host}`);
      const isPlain =
        url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
      if (isPlain && host !== '' && /^[\w.:[\]-]+$/.test(host)) {
        return [{ host: host.toLowerCase(), plainHttp: scheme?.toLowerCase() === 'http' }];
      }
      const shown = text.replace(/[^/]*@/, '***@');
      this.report(name, shown, 'a registry such as registry:5000, or http://registry:5000');
      return [];
    });
  }

  private origins(name: VariableName): string[] {
    return this.items(name).flatMap((text) => {
      const origin = URL.canParse(text) ? new URL(text).origin : 'null';
      // Compared without letter case and a closing slash, which browsers never send.
      if (origin !== 'null' && /^https?:/.test(origin) && sameOrigin(text, origin)) return [origin];
      this.report(name, text, 'an origin such as https://ops.example.com');
      return [];
    });
  }

  private logLevel(name: VariableName): LogLevel {
    const text = variable(this.environment, name) ?? 'info';
    const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
    if (level === undefined) this.report(name, text, `one of ${LOG_LEVELS.join(', ')}`);
    return level ?? 'info';
  }

  private integer(name: VariableName, preset: number, max: number): number {
    const text = variable(this.environment, name);
    if (text === undefined) return preset;
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= max) return value;
    this.report(name, text, `a whole number from 1 to ${max}`);
    return preset;
  }

  private report(name: VariableName, text: string, expected: string): void {
    this.problems.push({ message: `${name}: expected ${expected}; found ${quote(text)}` });
  }
}

function sameOrigin(text: string, origin: string): boolean {
  const written = text.toLowerCase().replace(/\/$/, '');
  return written === origin || written === `${origin}:${origin.startsWith('https') ? 443 : 80}`;
}
