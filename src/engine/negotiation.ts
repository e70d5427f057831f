import { EngineError, EngineUnsupportedError } from '../common/errors.ts';
import {
  agreeOnApiVersion,
  isApiVersion,
  OUR_MAX_API_VERSION,
  OUR_MIN_API_VERSION,
} from './api-version.ts';
import type { EngineInfo, ImageStore } from './engine.ts';
import type { EngineAnswer, EngineTransport } from './engine-transport.ts';

/** `/version`, as far as we read it. */
export interface EngineVersionJson {
  Version?: string | null;
  ApiVersion?: string | null;
  MinAPIVersion?: string | null;
  Os?: string | null;
  Arch?: string | null;
  Components?: { Name?: string | null }[] | null;
}

/** `/info`, as far as we read it. */
export interface EngineInfoJson {
  ServerVersion?: string | null;
  OSType?: string | null;
  Architecture?: string | null;
  OperatingSystem?: string | null;
  DockerRootDir?: string | null;
  Driver?: string | null;
  DriverStatus?: (string[] | null)[] | null;
  NCPU?: number | null;
  MemTotal?: number | null;
  RegistryConfig?: {
    Mirrors?: string[] | null;
    InsecureRegistryCIDRs?: string[] | null;
    IndexConfigs?: Record<string, { Secure?: boolean | null } | null> | null;
  } | null;
}

/** What an engine is and which API version we speak with it. */
export async function negotiate(
  transport: EngineTransport,
  signal: AbortSignal,
): Promise<EngineInfo> {
  const { host } = transport;
  const version = await readVersion(transport, signal);
  const { ApiVersion: max, MinAPIVersion: min } = version;
  if (!isApiVersion(max)) {
    throw new EngineError(`${host} names no API version; is it a Docker engine?`, {
      host,
      retryable: false,
    });
  }
  const range = { max, min: isApiVersion(min) ? min : null };
  const apiVersion = agreeOnApiVersion(range);
  if (apiVersion === null) {
    throw new EngineUnsupportedError(
      `${host} speaks Docker API ${range.min ?? 'any'} to ${max}, dockgraph speaks ` +
        `${OUR_MIN_API_VERSION} to ${OUR_MAX_API_VERSION}: there is no version in common`,
      { host, details: { engine: range, ours: [OUR_MIN_API_VERSION, OUR_MAX_API_VERSION] } },
    );
  }
  return engineInfo(apiVersion, version, await readInfo(transport, apiVersion, signal));
}

async function readVersion(
  transport: EngineTransport,
  signal: AbortSignal,
): Promise<EngineVersionJson> {
  // Unversioned: it is the one path whose version nobody needs to know yet.
  const request = { method: 'GET', path: '/version' } as const;
  const answer = await transport.ask(request, signal);
  if (!isRefused(answer)) return transport.parse(request, answer) ?? {};

  const { headers } = await transport.ask({ method: 'GET', path: '/_ping' }, signal);
  const ping = pingVersion(headers);
  // What /version said is the better explanation where /_ping says nothing either.
  return isApiVersion(ping.ApiVersion) ? ping : (transport.parse(request, answer) ?? {});
}

/** `/_ping` tells its versions in headers, also through proxies that let nothing else pass. */
function pingVersion(headers: EngineAnswer['headers']): EngineVersionJson {
  const one = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    ApiVersion: one('api-version'),
    Version: /^(?:Docker|Libpod)\/(\S+)/.exec(one('server') ?? '')?.[1] ?? null,
    Os: one('ostype'),
    Components: one('libpod-api-version') === null ? null : [{ Name: PODMAN }],
  };
}

async function readInfo(
  transport: EngineTransport,
  apiVersion: string,
  signal: AbortSignal,
): Promise<EngineInfoJson | null> {
  const request = { method: 'GET', path: `/v${apiVersion}/info` } as const;
  const answer = await transport.ask(request, signal);
  // A proxy that hides it takes nothing away that the inventory needs.
  return isRefused(answer) ? null : (transport.parse(request, answer) as EngineInfoJson);
}

function isRefused({ status }: EngineAnswer): boolean {
  return status === 401 || status === 403 || status === 404;
}

/** `/version` and `/info` as our record; `/info` may have been refused. */
export function engineInfo(
  apiVersion: string,
  version: EngineVersionJson,
  info: EngineInfoJson | null,
): EngineInfo {
  const registries = info?.RegistryConfig;
  const insecureIndexes = Object.entries(registries?.IndexConfigs ?? {})
    .filter(([, index]) => index?.Secure === false)
    .map(([name]) => name);
  return {
    version: version.Version ?? info?.ServerVersion ?? 'unknown',
    apiVersion,
    os: version.Os ?? info?.OSType ?? 'linux',
    architecture: goArchitecture(version.Arch ?? info?.Architecture ?? ''),
    operatingSystem: info?.OperatingSystem?.trim() || null,
    dataRoot: info?.DockerRootDir || null,
    storageDriver: info?.Driver ?? null,
    imageStore: imageStoreOf(version, info),
    cpus: info?.NCPU ?? null,
    memoryBytes: info?.MemTotal ?? null,
    registryMirrors: registries?.Mirrors ?? [],
    insecureRegistries: [...(registries?.InsecureRegistryCIDRs ?? []), ...insecureIndexes],
  };
}

const PODMAN = 'Podman Engine';
const CONTAINERD_DRIVER = 'io.containerd.snapshotter.v1';

function imageStoreOf(version: EngineVersionJson, info: EngineInfoJson | null): ImageStore {
  if (version.Components?.some(({ Name }) => Name === PODMAN)) return 'PODMAN';
  const driverType = info?.DriverStatus?.find((row) => row?.[0] === 'driver-type')?.[1];
  return driverType === CONTAINERD_DRIVER ? 'CONTAINERD' : 'CLASSIC';
}

/** `/info` gives the kernel's name of the machine where `/version` gives Go's. */
function goArchitecture(name: string): string {
  const known: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' };
  return known[name] ?? name;
}
