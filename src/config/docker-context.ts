import { createHash } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_PORTS, DEFAULT_SOCKET_PATH } from '../engine/endpoint.ts';
import type { EngineEndpoint, TlsEndpoint } from '../engine/endpoint.ts';
import { messageOf } from '../common/errors.ts';
import { MAX_HOST_NAME_LENGTH } from '../fleet/host-config.ts';
import type { HostConfig } from '../fleet/host-config.ts';
import { ConfigError } from './config-error.ts';
import { parseEndpointUrl, quote } from './endpoint-url.ts';
import { variable } from './environment.ts';
import type { Environment } from './environment.ts';
import { resolvePath } from './file-path.ts';
import { PemFiles } from './pem-files.ts';
import { SshConfig } from './ssh-config.ts';
import { readTextFile, readTextFileIfAny } from './text-file.ts';

/** The one host that the `docker` command would talk to. */
export interface DockerCliHost {
  host: HostConfig;
  /** What decided it, such as `DOCKER_HOST`, for people. */
  decidedBy: string;
  warnings: string[];
}

/** Certificates of a context or of DOCKER_CERT_PATH; undefined for a connection without TLS. */
type TlsMaterial = Pick<TlsEndpoint, 'caFile' | 'certFile' | 'keyFile' | 'skipVerify'>;

const DEFAULT_CONTEXT = 'default';
const MAX_BYTES = 1024 * 1024;

const configFileSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({
  Name: z.string(),
  Endpoints: z.record(
    z.string(),
    z.object({ Host: z.string().optional(), SkipTLSVerify: z.boolean().optional() }),
  ),
});

/** Folder of the docker CLI's own configuration. */
export function dockerConfigDir(environment: Environment): string {
  const { homeDir, workingDir } = environment;
  const dir = variable(environment, 'DOCKER_CONFIG');
  return dir === undefined ? join(homeDir, '.docker') : resolvePath(dir, workingDir, homeDir);
}

/**
 * Finds the host that the `docker` command would use: DOCKER_HOST, else the context of
 * DOCKER_CONTEXT, else the current context of config.json, else the local engine.
 * @throws ConfigError where docker would fail as well, or for an address we cannot dial
 */
export async function dockerCliHost(
  environment: Environment,
  defaultSocketPath: string = DEFAULT_SOCKET_PATH,
): Promise<DockerCliHost> {
  const warnings: string[] = [];
  const dockerHost = variable(environment, 'DOCKER_HOST')?.trim();
  if (dockerHost) {
    const tls = await environmentTls(environment);
    const address = withDockerDefaults(dockerHost);
    const endpoint = await toEndpoint(address, tls, 'DOCKER_HOST', environment, warnings);
    return { host: hostNamed(DEFAULT_CONTEXT, endpoint), decidedBy: 'DOCKER_HOST', warnings };
  }
  const { name, decidedBy } = await currentContext(environment, warnings);
  const endpoint =
    name === DEFAULT_CONTEXT
      ? await defaultEndpoint(environment, defaultSocketPath, warnings)
      : await contextEndpoint(name, decidedBy, environment, warnings);
  return { host: hostNamed(name, endpoint), decidedBy, warnings };
}

async function currentContext(
  environment: Environment,
  warnings: string[],
): Promise<{ name: string; decidedBy: string }> {
  const chosen = variable(environment, 'DOCKER_CONTEXT');
  if (chosen !== undefined) return { name: chosen, decidedBy: `DOCKER_CONTEXT=${chosen}` };
  const file = join(dockerConfigDir(environment), 'config.json');
  try {
    const text = await readTextFileIfAny(file, MAX_BYTES);
    const current = text && configFileSchema.parse(JSON.parse(text)).currentContext;
    if (current) return { name: current, decidedBy: `currentContext of ${file}` };
  } catch (error) {
    // So does docker: it warns of a config.json that it cannot read, and goes on without.
    warnings.push(`${file} is left out: ${reason(error)}`);
  }
  return { name: DEFAULT_CONTEXT, decidedBy: 'docker’s default' };
}

async function defaultEndpoint(
  environment: Environment,
  defaultSocketPath: string,
  warnings: string[],
): Promise<EngineEndpoint> {
  const tls = await environmentTls(environment);
  // docker's own default changes with DOCKER_TLS_VERIFY.
  const address = `tcp://localhost:${DEFAULT_PORTS.TLS}`;
  if (tls) return toEndpoint(address, tls, 'docker’s default with TLS', environment, warnings);
  // Docker Desktop's socket, where it did not ask for the right to put a link at the usual place.
  const ofDesktop = join(environment.homeDir, '.docker', 'run', 'docker.sock');
  const useDesktop = !(await exists(defaultSocketPath)) && (await exists(ofDesktop));
  return { transport: 'UNIX', socketPath: useDesktop ? ofDesktop : defaultSocketPath };
}

async function contextEndpoint(
  name: string,
  decidedBy: string,
  environment: Environment,
  warnings: string[],
): Promise<EngineEndpoint> {
  const contexts = join(dockerConfigDir(environment), 'contexts');
  const folder = createHash('sha256').update(name).digest('hex');
  const file = join(contexts, 'meta', folder, 'meta.json');
  const text = await readTextFileIfAny(file, MAX_BYTES);
  if (text === undefined) {
    const known = await contextNames(join(contexts, 'meta'));
    throw ConfigError.of(
      `there is no docker context ${quote(name)} (named by ${decidedBy}); ` +
        `known are ${[DEFAULT_CONTEXT, ...known].join(', ')}`,
    );
  }
  const { docker } = parseContext(text, file).Endpoints;
  if (docker === undefined) {
    throw ConfigError.of(`the context ${quote(name)} has no docker endpoint`, { file });
  }
  const dir = join(contexts, 'tls', folder, 'docker');
  const tls = await existingMaterial(dir);
  const material = docker.SkipTLSVerify ? { ...tls, skipVerify: true } : tls;
  const host = docker.Host || `unix://${DEFAULT_SOCKET_PATH}`;
  const what = `the docker context ${quote(name)}`;
  return toEndpoint(host, material, what, environment, warnings);
}

function parseContext(text: string, file: string): z.infer<typeof contextSchema> {
  try {
    return contextSchema.parse(JSON.parse(text));
  } catch (error) {
    throw ConfigError.of(`is no docker context: ${reason(error)}`, { file });
  }
}

async function contextNames(metaDir: string): Promise<string[]> {
  const folders = await readdir(metaDir).catch(() => []);
  const names: string[] = [];
  for (const folder of folders) {
    const file = join(metaDir, folder, 'meta.json');
    // Only for the message: one that cannot be read is no reason for another error.
    const text = await readTextFile(file, MAX_BYTES).catch(() => '');
    const parsed = text === '' ? undefined : contextSchema.safeParse(jsonOrNothing(text));
    if (parsed?.success) names.push(parsed.data.Name);
  }
  return names.toSorted();
}

/** DOCKER_TLS_VERIFY and DOCKER_TLS: like docker, anything in them means yes, also `0`. */
async function environmentTls(environment: Environment): Promise<TlsMaterial | undefined> {
  const verify = variable(environment, 'DOCKER_TLS_VERIFY') !== undefined;
  if (!verify && variable(environment, 'DOCKER_TLS') === undefined) return undefined;
  const { homeDir, workingDir } = environment;
  const path = variable(environment, 'DOCKER_CERT_PATH');
  const dir = path ? resolvePath(path, workingDir, homeDir) : dockerConfigDir(environment);
  const material = (await existingMaterial(dir)) ?? {};
  if (!verify) return { ...material, skipVerify: true };
  // docker asks for this one; the client's certificate and key may be missing.
  return { ...material, caFile: join(dir, 'ca.pem') };
}

async function existingMaterial(dir: string): Promise<TlsMaterial | undefined> {
  const [caFile, certFile, keyFile] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map(async (name) => {
      const file = join(dir, name);
      return (await exists(file)) ? file : undefined;
    }),
  );
  if (!caFile && !certFile && !keyFile) return undefined;
  return { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
}

async function toEndpoint(
  address: string,
  tls: TlsMaterial | undefined,
  what: string,
  environment: Environment,
  warnings: string[],
): Promise<EngineEndpoint> {
  try {
    const url = parseEndpointUrl(address);
    if (url.scheme === 'unix') {
      return { transport: 'UNIX', socketPath: url.socketPath ?? DEFAULT_SOCKET_PATH };
    }
    if (url.scheme === 'ssh') {
      const sshConfig = new SshConfig(environment);
      const endpoint = await sshConfig.resolve(url);
      warnings.push(...sshConfig.warnings);
      return endpoint;
    }
    const { host, port } = url;
    if (!tls) return { transport: 'TCP', host, port: port ?? DEFAULT_PORTS.TCP };
    await checkMaterial(tls);
    return { transport: 'TLS', host, port: port ?? DEFAULT_PORTS.TLS, ...tls };
  } catch (error) {
    throw error instanceof ConfigError ? error.about(what) : error;
  }
}

async function checkMaterial({ caFile, certFile, keyFile }: TlsMaterial): Promise<void> {
  const pemFiles = new PemFiles();
  if (caFile !== undefined) await pemFiles.certificate(caFile);
  if (certFile !== undefined && keyFile !== undefined) await pemFiles.pair(certFile, keyFile);
}

/** DOCKER_HOST may leave out more than a URL elsewhere: `host:port`, `tcp://:port`. */
function withDockerDefaults(address: string): string {
  const tcp = address.includes('://') ? address : `tcp://${address}`;
  // With a host docker's default port is that without TLS, also where TLS is asked for.
  const [, host, port] = /^tcp:\/\/(\[[^\]]*\]|[^:/]*)(:\d+)?\/?$/.exec(tcp) ?? [];
  if (host === undefined) return tcp;
  return `tcp://${host || 'localhost'}${port ?? `:${DEFAULT_PORTS.TCP}`}`;
}

/** A context's name as a host's: docker allows "+" and any length. */
function hostNamed(context: string, endpoint: EngineEndpoint): HostConfig {
  const valid = context.replace(/[^a-zA-Z0-9_.-]/g, '-').replace(/^[^a-zA-Z0-9]+/, '');
  const name = valid.slice(0, MAX_HOST_NAME_LENGTH) || DEFAULT_CONTEXT;
  return { name, labels: {}, endpoint };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function reason(error: unknown): string {
  return error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    : messageOf(error);
}
