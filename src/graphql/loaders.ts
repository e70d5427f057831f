import DataLoader from 'dataloader';
import { HostAuthFailedError, HostUnreachableError } from '../common/errors.ts';
import type { ContainerListing, DiskUsage, RemoteImage } from '../engine/engine.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { parseReference } from '../registry/reference.ts';
import type { GraphqlParts } from './context.ts';

/** A reference with the host whose engine asks for it. */
export interface RemoteKey {
  host: HostRecord;
  reference: string;
}

/** What is not in the inventory: fetched from engines on demand, each thing once a request. */
export interface Loaders {
  containersByHost: DataLoader<HostRecord, ContainerListing[]>;
  diskUsageByHost: DataLoader<HostRecord, DiskUsage>;
  remoteByReference: DataLoader<RemoteKey, RemoteImage, string>;
  registryByName: DataLoader<string, RegistryClient>;
}

/** The loaders of one request; `signal` ends their calls when the asker has gone. */
export function createLoaders(
  { credentials, registries }: Pick<GraphqlParts, 'credentials' | 'registries'>,
  signal: AbortSignal,
): Loaders {
  return {
    containersByHost: new DataLoader(eachOf(({ engine }) => engine.listContainers({ signal }))),
    diskUsageByHost: new DataLoader(eachOf(({ engine }) => engine.diskUsage({ signal }))),
    remoteByReference: new DataLoader(
      (keys) =>
        settle(keys, async ({ host, reference }) => {
          assertReachable(host);
          const auth = await credentials.find(parseReference(reference).registry);
          return host.engine.remoteImage(reference, { signal, ...(auth && { auth }) });
        }),
      { cacheKeyFn: ({ host, reference }) => `${host.config.name}\0${reference}` },
    ),
    registryByName: new DataLoader((names) => settle(names, (name) => registries.open(name))),
  };
}

function eachOf<T>(load: (host: HostRecord) => Promise<T>) {
  return (hosts: readonly HostRecord[]) =>
    settle(hosts, (host) => {
      assertReachable(host);
      return load(host);
    });
}

/** One key's failure is its own: the others still get their values. */
async function settle<K, T>(
  keys: readonly K[],
  load: (key: K) => Promise<T>,
): Promise<(T | Error)[]> {
  const results = await Promise.allSettled(keys.map(async (key) => load(key)));
  return results.map((result) =>
    result.status === 'fulfilled' ? result.value : (result.reason as Error),
  );
}

/** Answers at once for a host that is known to be down, instead of waiting for a time-out. */
function assertReachable({ config, status }: HostRecord): void {
  if (status.state === 'ONLINE' || status.state === 'SYNCING') return;
  const reason = status.error?.message ?? 'it has not been reached yet';
  const message = `host "${config.name}" is ${status.state}: ${reason}`;
  const Condition = status.state === 'UNAUTHORIZED' ? HostAuthFailedError : HostUnreachableError;
  throw new Condition(message, { host: config.name });
}
