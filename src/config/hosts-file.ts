import { dirname } from 'node:path';
import { DEFAULT_PORTS, DEFAULT_SOCKET_PATH } from '../engine/endpoint.ts';
import type { EngineEndpoint, TlsEndpoint } from '../engine/endpoint.ts';
import type { HostConfig } from '../fleet/host-config.ts';
import { ConfigError, formatProblem } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';
import { parseEndpointUrl, parseSshDestination } from './endpoint-url.ts';
import type { EndpointUrl, SshDestination } from './endpoint-url.ts';
import type { Environment } from './environment.ts';
import { resolvePath } from './file-path.ts';
import { checkFileShape, checkHostShape, formatPath } from './hosts-schema.ts';
import type { HostEntry } from './hosts-schema.ts';
import { PemFiles } from './pem-files.ts';
import { SshConfig } from './ssh-config.ts';
import type { SshTarget } from './ssh-config.ts';
import { readTextFile } from './text-file.ts';
import { parseYaml } from './yaml-document.ts';
import type { DataPath, YamlDocument } from './yaml-document.ts';

/** What a hosts file says. */
export interface HostsFile {
  hosts: HostConfig[];
  /** What is legal and yet hardly meant, for people. */
  warnings: string[];
}

/** The largest hosts file that is read, in bytes. */
export const MAX_HOSTS_FILE_BYTES = 10 * 1024 * 1024;

/**
 * Reads and checks a hosts file.
 * @param file absolute path
 * @throws ConfigError with every mistake in it, each with line and column
 */
export async function readHostsFile(file: string, environment: Environment): Promise<HostsFile> {
  return parseHostsFile(await readTextFile(file, MAX_HOSTS_FILE_BYTES), file, environment);
}

/** The same for a text; paths in it are relative to the folder of `file`. */
export async function parseHostsFile(
  text: string,
  file: string,
  environment: Environment,
): Promise<HostsFile> {
  return new HostsFileReader(parseYaml(text, file), file, environment).read();
}

class HostsFileReader {
  private readonly document: YamlDocument;
  private readonly file: string;
  private readonly environment: Environment;
  private readonly sshConfig: SshConfig;
  private readonly pemFiles = new PemFiles();
  /** By place and message without key path: a mistake in a shared anchor is told once. */
  private readonly problems = new Map<string, ConfigProblem>();
  /** Line of each name, to name both when one comes again. */
  private readonly lineByName = new Map<string, number>();

  constructor(document: YamlDocument, file: string, environment: Environment) {
    this.document = document;
    this.file = file;
    this.environment = environment;
    this.sshConfig = new SshConfig(environment);
  }

  async read(): Promise<HostsFile> {
    const { hosts: entries, problems } = checkFileShape(this.document.data);
    for (const { path, part, message } of problems) this.report(path, message, part);
    const hosts: HostConfig[] = [];
    for (const [index, data] of entries.entries()) {
      const host = await this.readHost(data, ['hosts', index]);
      if (host !== undefined) hosts.push(host);
    }
    if (this.problems.size > 0) throw new ConfigError(this.inFileOrder());
    return { hosts, warnings: this.warningsFor(hosts) };
  }

  private async readHost(data: unknown, path: DataPath): Promise<HostConfig | undefined> {
    const { entry, problems } = checkHostShape(data, path);
    for (const { path, part, message } of problems) this.report(path, message, part);
    if (entry.name !== undefined) this.checkUnique(entry.name, [...path, 'name']);
    const endpoint = await this.readEndpoint(entry, path);
    if (entry.name === undefined || endpoint === undefined) return undefined;
    return { name: entry.name, labels: entry.labels ?? {}, endpoint };
  }

  private checkUnique(name: string, path: DataPath): void {
    const { line } = this.document.locate(path);
    const earlier = this.lineByName.get(name);
    if (earlier === undefined) this.lineByName.set(name, line);
    else this.report(path, `duplicate name "${name}", first used on line ${earlier}`);
  }

  private async readEndpoint(
    entry: Partial<HostEntry>,
    path: DataPath,
  ): Promise<EngineEndpoint | undefined> {
    const url = this.parseUrl(entry.endpoint, [...path, 'endpoint']);
    if (entry.tls && url && url.scheme !== 'tcp') {
      this.report([...path, 'tls'], `only a tcp:// endpoint takes it, not ${url.scheme}://`, 'key');
    }
    if (entry.ssh && url && url.scheme !== 'ssh') {
      this.report(
        [...path, 'ssh'],
        `only an ssh:// endpoint takes it, not ${url.scheme}://`,
        'key',
      );
    }
    const tlsFiles = entry.tls && (await this.readTls(entry.tls, [...path, 'tls']));
    const sshFiles = entry.ssh && (await this.readSsh(entry.ssh, [...path, 'ssh']));
    if (url === undefined) return undefined;
    if (url.scheme === 'unix') {
      return { transport: 'UNIX', socketPath: url.socketPath ?? DEFAULT_SOCKET_PATH };
    }
    if (url.scheme === 'tcp') {
      const { host, port } = url;
      return tlsFiles === undefined
        ? { transport: 'TCP', host, port: port ?? DEFAULT_PORTS.TCP }
        : { transport: 'TLS', host, port: port ?? DEFAULT_PORTS.TLS, ...tlsFiles };
    }
    const socketPath = entry.ssh?.socket ?? url.socketPath;
    if (url.socketPath !== undefined && url.socketPath !== socketPath) {
      this.report([...path, 'ssh', 'socket'], `the endpoint names "${url.socketPath}"`);
    }
    const target = { ...url, ...sshFiles, socketPath };
    return this.attempt([...path, 'endpoint'], () => this.sshConfig.resolve(target));
  }

  private parseUrl(text: string | undefined, path: DataPath): EndpointUrl | undefined {
    if (text === undefined) return undefined;
    try {
      return parseEndpointUrl(text);
    } catch (error) {
      this.reportError(path, error);
      return undefined;
    }
  }

  private async readTls(
    { ca, cert, key }: NonNullable<HostEntry['tls']>,
    path: DataPath,
  ): Promise<Pick<TlsEndpoint, 'caFile' | 'certFile' | 'keyFile'>> {
    if (cert !== undefined && key === undefined) {
      this.report(
        [...path, 'cert'],
        'a certificate needs its key: expected "key" beside it',
        'key',
      );
    }
    if (key !== undefined && cert === undefined) {
      this.report(
        [...path, 'key'],
        'a key needs its certificate: expected "cert" beside it',
        'key',
      );
    }
    const { pemFiles } = this;
    const caFile = await this.checkFile(ca, [...path, 'ca'], (file) => pemFiles.certificate(file));
    const certFile = await this.checkFile(cert, [...path, 'cert'], (file) =>
      pemFiles.certificate(file),
    );
    const keyFile = await this.checkFile(key, [...path, 'key'], (file) => pemFiles.key(file));
    if (certFile !== undefined && keyFile !== undefined) {
      await this.attempt([...path, 'key'], () => pemFiles.pair(certFile, keyFile));
    }
    return {
      ...(caFile !== undefined && { caFile }),
      ...(certFile !== undefined && { certFile }),
      ...(keyFile !== undefined && { keyFile }),
    };
  }

  private async readSsh(
    { identityFile, knownHosts, passphraseFile, jump }: NonNullable<HostEntry['ssh']>,
    path: DataPath,
  ): Promise<Omit<SshTarget, keyof SshDestination>> {
    const { pemFiles } = this;
    return {
      jump: this.readJump(jump, [...path, 'jump']),
      identityFiles: await this.checkFiles(identityFile, [...path, 'identityFile'], (file) =>
        pemFiles.sshKey(file),
      ),
      knownHostsFiles: await this.checkFiles(knownHosts, [...path, 'knownHosts'], (file) =>
        pemFiles.readable(file),
      ),
      passphraseFile: await this.checkFile(passphraseFile, [...path, 'passphraseFile'], (file) =>
        pemFiles.readable(file),
      ),
    };
  }

  private readJump(items: string[] | undefined, path: DataPath): string | undefined {
    const jump = items?.join(',');
    if (jump === undefined || jump.toLowerCase() === 'none') return jump;
    try {
      for (const text of jump.split(',')) parseSshDestination(text.trim());
      return jump;
    } catch (error) {
      this.reportError(path, error);
      return 'none';
    }
  }

  private async checkFiles(
    files: string[] | undefined,
    path: DataPath,
    check: (file: string) => Promise<void>,
  ): Promise<string[] | undefined> {
    if (files === undefined) return undefined;
    const checked: string[] = [];
    for (const [index, file] of files.entries()) {
      const absolute = await this.checkFile(file, [...path, index], check);
      if (absolute !== undefined) checked.push(absolute);
    }
    return checked;
  }

  /** The file's absolute path, or undefined when it was reported. */
  private async checkFile(
    file: string | undefined,
    path: DataPath,
    check: (file: string) => Promise<void>,
  ): Promise<string | undefined> {
    if (file === undefined) return undefined;
    const absolute = resolvePath(file, dirname(this.file), this.environment.homeDir);
    return this.attempt(path, async () => {
      await check(absolute);
      return absolute;
    });
  }

  private async attempt<T>(path: DataPath, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.reportError(path, error);
      return undefined;
    }
  }

  /** A mistake found further down, told at the place here that led to it. */
  private reportError(path: DataPath, error: unknown): void {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) {
      // One that lies in another file, such as ssh_config, is told there.
      if (problem.file !== undefined) this.problems.set(formatProblem(problem), problem);
      else this.report(path, problem.message);
    }
  }

  private report(path: DataPath, message: string, part: 'key' | 'value' = 'value'): void {
    const where = formatPath(path);
    const place = { file: this.file, ...this.document.locate(path, part) };
    const key = formatProblem({ ...place, message });
    if (this.problems.has(key)) return;
    this.problems.set(key, { ...place, message: where === '' ? message : `${where}: ${message}` });
  }

  /** This file's from top to bottom, then those of other files. */
  private inFileOrder(): ConfigProblem[] {
    const rank = ({ file, line = 0, column = 0 }: ConfigProblem) =>
      file === this.file ? line * 1e6 + Math.min(column, 1e6 - 1) : Infinity;
    return [...this.problems.values()].toSorted((a, b) => Math.sign(rank(a) - rank(b)) || 0);
  }

  private warningsFor(hosts: HostConfig[]): string[] {
    const warnings = this.sshConfig.warnings;
    if (hosts.length === 0) warnings.push(`${this.file} names no hosts`);
    const nameByEndpoint = new Map<string, string>();
    for (const { name, endpoint } of hosts) {
      const key = JSON.stringify(endpoint);
      const other = nameByEndpoint.get(key);
      if (other === undefined) nameByEndpoint.set(key, name);
      else warnings.push(`${this.file}: "${other}" and "${name}" are the same engine`);
    }
    return warnings;
  }
}
