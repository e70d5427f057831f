import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerConfigDir } from './config/docker-context.ts';
import type { Environment } from './config/environment.ts';
import { loadHosts } from './config/hosts-source.ts';
import type { Settings } from './config/settings.ts';
import { readTokensFile } from './config/tokens-file.ts';
import { watchFile } from './config/watch-file.ts';
import { messageOf } from './common/errors.ts';
import { openEngine } from './engine/open-engine.ts';
import { Fleet } from './fleet/fleet.ts';
import type { HostRecord } from './fleet/fleet.ts';
import { HOST_STATES } from './fleet/host-monitor.ts';
import { openSqliteStore } from './operations/sqlite-store.ts';
import type { OperationSnapshot } from './operations/operation-snapshot.ts';
import { Operations } from './operations/operations.ts';
import { openFolderStore } from './uploads/folder-store.ts';
import type { UploadStore } from './uploads/upload-store.ts';
import { Transfers, transferVerb } from './transfer/transfer-image.ts';
import { allVerbs } from './verbs/all-verbs.ts';
import { uploadNamedBy } from './verbs/uploaded-tar.ts';
import { createGraphqlApi } from './graphql/create-api.ts';
import { KNOWN_OPERATIONS } from './http/known-operations.ts';
import type { Logger } from './http/logger.ts';
import { createMetrics } from './http/metrics.ts';
import type { Metrics } from './http/metrics.ts';
import { CredentialSource } from './registry/credentials.ts';
import { Registries } from './registry/registries.ts';
import { startServer } from './http/server.ts';
import type { Server } from './http/server.ts';

/** Longer than any `waitSeconds` and than the slowest call to an engine. */
const REQUEST_TIMEOUT_MS = 660_000;

/** A running dockgraph. */
export interface Gateway {
  /** Such as `http://127.0.0.1:4000`. */
  url: string;
  fleet: Fleet;
  /** Finishes what is under way for up to `graceMs`, then closes server and engines. */
  close(options: { graceMs: number }): Promise<void>;
}

/** dockgraph's version, from its package. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;

/**
 * Wires everything together and starts it. Resolves when the server listens: hosts that are not
 * reached yet show as CONNECTING and hold nothing up.
 * @throws ConfigError, UnsafeListenError, or the system's error where it cannot listen
 */
export async function startGateway(
  settings: Settings,
  environment: Environment,
  logger: Logger,
): Promise<Gateway> {
  const source = await loadHosts(settings.configFile, environment);
  const tokens = settings.tokensFile ? await readTokensFile(settings.tokensFile) : undefined;
  for (const warning of [...source.warnings, ...(tokens?.warnings ?? [])]) logger.warn(warning);

  const fleet: Fleet = new Fleet({
    openEngine: (endpoint, host) =>
      openEngine(endpoint, {
        host,
        callTimeoutMs: settings.callTimeoutMs,
        onCall: (report) => metrics.observeEngineCall(report),
      }),
    timings: { resyncMs: settings.resyncMs },
    onEvent: (host, lagMs) => metrics.observeEventLag(host, lagMs),
    onState: (host) => logState(logger, host),
  });
  const metrics: Metrics = createGatewayMetrics(fleet, () => uploads.usedBytes);
  const credentials = new CredentialSource([
    ...(settings.registryConfigFile ? [settings.registryConfigFile] : []),
    join(dockerConfigDir(environment), 'config.json'),
  ]);
  const store = await openSqliteStore(settings.dataDir);
  const uploads: UploadStore = await openFolderStore({
    // The store's lock keeps other gateways out of here too.
    folder: join(settings.dataDir, 'uploads'),
    ...settings.uploads,
    neededBy: async () => uploadsNeeded(await store.unfinished()),
    onError: (error) => logger.error({ err: error }, 'uploads were not tidied up'),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const transfers = new Transfers(fleet, { onCopy: (report) => metrics.observeCopy(report) });
  const operations = new Operations({
    store,
    verbs: [
      ...allVerbs({
        fleet,
        authFor: async (registry, requested) => requested?.[registry] ?? credentials.find(registry),
        importUrls: settings.importUrls,
        uploads,
      }),
      transferVerb(transfers),
    ],
    onMasked: (error, place) =>
      logger.error({ err: error, ...place }, 'unexpected error in a task'),
  });
  const registries = new Registries({
    allowed: settings.registries,
    credentials,
    certificates: settings.registryCertsDir,
  });
  const api = createGraphqlApi(
    { fleet, operations, transfers, uploads, registries, credentials },
    settings.limits,
  );
  fleet.configure(source.hosts);
  const closeBehindServer = async (graceMs: number) => {
    await operations.drain(graceMs);
    await uploads.close();
    await store.close();
    await fleet.close();
  };
  // Before anybody can ask for a change; what an earlier gateway left waits for its hosts.
  await operations.start();
  const server = await startServer({
    api,
    fleet,
    uploads,
    listen: settings.listen,
    tokens: tokens?.tokens,
    allowedOrigins: settings.allowedOrigins,
    logger,
    metrics,
    version: VERSION,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    // A host that is down never makes the gateway unready: the others are served.
    readiness: () => ({ ready: true, reasons: [] }),
    fleetHealth: () => ({ hostsByState: countStates(fleet) }),
  }).catch(async (error: unknown) => {
    await closeBehindServer(0);
    throw error;
  });

  const watching = new AbortController();
  logger.info({ hosts: source.hosts.length, origin: source.origin }, 'hosts loaded');
  source.watch?.(
    (hosts, warnings) => {
      const result = fleet.configure(hosts);
      for (const name of result.removed) metrics.forgetHost(name);
      for (const warning of warnings) logger.warn(warning);
      logger.info(result, 'hosts file reloaded');
    },
    (error) => logger.error(`hosts file not reloaded, the old hosts stay: ${messageOf(error)}`),
    { signal: watching.signal },
  );
  if (settings.tokensFile) watchTokens(settings.tokensFile, server, logger, watching.signal);

  return {
    url: server.url,
    fleet,
    close: async (options) => {
      watching.abort();
      // Answers that wait for an operation need it to go on, and it needs its hosts.
      await Promise.all([server.close(options), operations.drain(options.graceMs)]);
      await closeBehindServer(0);
    },
  };
}

function uploadsNeeded(operations: readonly OperationSnapshot[]): Map<string, string> {
  return new Map(
    operations.flatMap((operation) => {
      const upload = uploadNamedBy(operation);
      return upload === null ? [] : [[upload, operation.id] as const];
    }),
  );
}

function watchTokens(file: string, server: Server, logger: Logger, signal: AbortSignal): void {
  const reload = async () => {
    try {
      const { tokens, warnings } = await readTokensFile(file);
      server.replaceTokens(tokens);
      for (const warning of warnings) logger.warn(warning);
      logger.info({ tokens: tokens.length }, 'tokens file reloaded');
    } catch (error) {
      logger.error(`tokens file not reloaded, the old tokens stay: ${messageOf(error)}`);
    }
  };
  watchFile(file, () => void reload(), { signal });
}

function createGatewayMetrics(fleet: Fleet, uploadedBytes: () => number): Metrics {
  return createMetrics({
    hosts: () =>
      fleet.hosts.values().map(({ config, status }) => ({
        name: config.name,
        state: status.state,
        lastSyncAt: status.inventoryAt,
      })),
    hostStates: HOST_STATES,
    operations: KNOWN_OPERATIONS,
    uploadedBytes,
  });
}

function countStates(fleet: Fleet): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of fleet.hosts.values()) {
    counts[status.state] = (counts[status.state] ?? 0) + 1;
  }
  return counts;
}

function logState(logger: Logger, { config, status }: HostRecord): void {
  const { state, error } = status;
  const fields = { host: config.name, state, ...(error && { code: error.code }) };
  if (state === 'UNREACHABLE' || state === 'UNAUTHORIZED') logger.warn(fields, error?.message);
  else logger.info(fields, `host ${config.name} is ${state}`);
}
