import type { HostConfig } from '../fleet/host-config.ts';
import { dockerCliHost } from './docker-context.ts';
import type { Environment } from './environment.ts';
import { parseHostsFile, MAX_HOSTS_FILE_BYTES } from './hosts-file.ts';
import type { HostsFile } from './hosts-file.ts';
import { readTextFile } from './text-file.ts';
import { watchFile } from './watch-file.ts';
import type { WatchFileOptions } from './watch-file.ts';

/** Where the hosts come from. */
export type HostsOrigin =
  | { kind: 'FILE'; file: string }
  /** The docker CLI's host; `decidedBy` says what chose it, such as `DOCKER_HOST`. */
  | { kind: 'DOCKER_CLI'; decidedBy: string };

/** The hosts to serve, and how to hear of changes to them. */
export interface HostsSource {
  hosts: HostConfig[];
  origin: HostsOrigin;
  /** What is legal and yet hardly meant, for people. */
  warnings: string[];
  /**
   * Tells of the hosts again whenever the file changed. A file that cannot be used goes to
   * `onError` (a ConfigError), and the hosts that were told last remain. Absent where there is no
   * file: what the docker CLI would use is looked up at start only.
   */
  watch?: (
    onHosts: (hosts: HostConfig[], warnings: string[]) => void,
    onError: (error: unknown) => void,
    options: WatchFileOptions,
  ) => void;
}

/**
 * Loads the hosts: of the file if one is given, else the one that the docker CLI would use.
 * @param configFile absolute path
 * @throws ConfigError
 */
export async function loadHosts(
  configFile: string | undefined,
  environment: Environment,
): Promise<HostsSource> {
  if (configFile === undefined) {
    const { host, decidedBy, warnings } = await dockerCliHost(environment);
    return { hosts: [host], origin: { kind: 'DOCKER_CLI', decidedBy }, warnings };
  }
  const reader = new HostsFileLoader(configFile, environment);
  const { hosts, warnings } = await reader.load();
  return {
    hosts,
    origin: { kind: 'FILE', file: configFile },
    warnings,
    watch: (onHosts, onError, options) => reader.watch(onHosts, onError, options),
  };
}

class HostsFileLoader {
  private readonly file: string;
  private readonly environment: Environment;
  private text: string | undefined;

  constructor(file: string, environment: Environment) {
    this.file = file;
    this.environment = environment;
  }

  async load(): Promise<HostsFile> {
    this.text = await this.read();
    return parseHostsFile(this.text, this.file, this.environment);
  }

  watch(
    onHosts: (hosts: HostConfig[], warnings: string[]) => void,
    onError: (error: unknown) => void,
    options: WatchFileOptions,
  ): void {
    const { signal } = options;
    let running = Promise.resolve();
    // One after the other: a slow load must not overtake a later one.
    const inTurn = (work: () => Promise<HostsFile | undefined>) => {
      running = running.then(async () => {
        if (signal.aborted) return;
        try {
          const loaded = await work();
          if (loaded !== undefined && !signal.aborted) onHosts(loaded.hosts, loaded.warnings);
        } catch (error) {
          if (!signal.aborted) onError(error);
        }
      });
    };
    // The same text is loaded again, too: certificates that it names may have been mended, and
    // touching the file is how to say so.
    watchFile(this.file, () => inTurn(() => this.load()), options);
    // What changed between the first load and this moment was watched by nobody.
    inTurn(async () => ((await this.read()) === this.text ? undefined : this.load()));
  }

  private read(): Promise<string> {
    return readTextFile(this.file, MAX_HOSTS_FILE_BYTES);
  }
}
