import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CallReport } from '../engine/engine.ts';
import { createArchiveMetrics } from './archives/archive-metrics.ts';
import type { ArchiveReport } from './archives/archive-metrics.ts';
import type { TransferReport } from './archives/transfer.ts';
import { createUploadMetrics } from './uploads/upload-metrics.ts';
import { createTransferMetrics } from './transfer-metrics.ts';
import type { CopyReport } from '../transfer/transfer-image.ts';

/** What the hosts' gauges show of one host. */
export interface HostSample {
  name: string;
  /** `ONLINE`, `UNREACHABLE`, … */
  state: string;
  /** When its inventory was last known to be true, in milliseconds since the epoch. */
  lastSyncAt: number | null;
}

/** What metrics are made with. */
export interface MetricsOptions {
  /** Asked at every scrape. */
  hosts: () => Iterable<HostSample>;
  /** All host states, so that a state nobody is in shows as 0. */
  hostStates: readonly string[];
  /**
   * Operation names that get a series of their own. A fixed list: names come from clients, and
   * one series for each would let anybody fill our memory.
   */
  operations: readonly string[];
  /** Bytes of all uploads, asked at every scrape; none where there is no store of them. */
  uploadedBytes?: () => number;
  /** Metrics of the Node process as well; default true. */
  defaultMetrics?: boolean;
}

/** How clients follow events. */
export type SubscriptionTransport = 'websocket' | 'sse';

/** The instruments of this process. Durations come in as milliseconds and go out as seconds. */
export interface Metrics {
  registry: Registry;
  observeEngineCall(report: CallReport): void;
  /** From the engine's time of an event to its effect in the inventory. */
  observeEventLag(host: string, lagMs: number): void;
  observeOperation(name: string | null | undefined, durationMs: number, ok: boolean): void;
  subscriptionStarted(transport: SubscriptionTransport): void;
  subscriptionEnded(transport: SubscriptionTransport): void;
  archiveStarted(): void;
  archiveEnded(report: ArchiveReport): void;
  uploadStarted(): void;
  uploadEnded(report: TransferReport): void;
  observeCopy(report: CopyReport): void;
  /** Drops the series of a host that was taken out of the configuration. */
  forgetHost(host: string): void;
}

const CALL_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const LAG_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Makes the instruments in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.defaultMetrics !== false) collectDefaultMetrics({ register: registry });
  addHostGauges(registry, options);
  const engineCalls = new Histogram({
    name: 'dockgraph_engine_call_duration_seconds',
    help: 'Duration of calls to Docker engines.',
    labelNames: ['host', 'call', 'outcome'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const eventLag = new Histogram({
    name: 'dockgraph_event_lag_seconds',
    help: 'From the time an engine stamped on an event to its effect in the inventory.',
    labelNames: ['host'],
    buckets: LAG_BUCKETS,
    registers,
  });
  const operations = new Histogram({
    name: 'dockgraph_graphql_operation_duration_seconds',
    help: 'Duration of GraphQL queries and mutations by known operation name.',
    labelNames: ['operation', 'outcome'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const subscriptions = new Gauge({
    name: 'dockgraph_graphql_subscriptions_active',
    help: 'GraphQL subscriptions that are open.',
    labelNames: ['transport'],
    registers,
  });
  for (const transport of ['websocket', 'sse']) subscriptions.set({ transport }, 0);

  const archives = createArchiveMetrics(registry);
  const uploads = createUploadMetrics(registry, options.uploadedBytes ?? (() => 0));
  const transfers = createTransferMetrics(registry);
  const callsOf = new Map<string, Set<string>>();
  // Looking a series up by its labels costs more than the observation.
  const outcomesOf = new Map(
    ['anonymous', 'other', ...options.operations].map((operation) => [
      operation,
      {
        ok: operations.labels({ operation, outcome: 'ok' }),
        error: operations.labels({ operation, outcome: 'error' }),
      },
    ]),
  );
  const other = outcomesOf.get('other')!;
  const anonymous = outcomesOf.get('anonymous')!;

  return {
    registry,
    observeEngineCall({ host, call, outcome, durationMs }) {
      engineCalls.observe({ host, call, outcome }, durationMs / 1000);
      const calls = callsOf.get(host);
      if (calls) calls.add(call);
      else callsOf.set(host, new Set([call]));
    },
    observeEventLag(host, lagMs) {
      // Clocks of two machines differ: a lag below zero is no lag.
      eventLag.observe({ host }, Math.max(0, lagMs) / 1000);
    },
    observeOperation(name, durationMs, ok) {
      const outcomes = name ? (outcomesOf.get(name) ?? other) : anonymous;
      outcomes[ok ? 'ok' : 'error'].observe(durationMs / 1000);
    },
    subscriptionStarted: (transport) => subscriptions.inc({ transport }),
    subscriptionEnded: (transport) => subscriptions.dec({ transport }),
    archiveStarted: archives.started,
    archiveEnded: archives.ended,
    uploadStarted: uploads.started,
    uploadEnded: uploads.ended,
    observeCopy: transfers.observe,
    forgetHost(host) {
      archives.forgetHost(host);
      transfers.forgetHost(host);
      eventLag.remove({ host });
      for (const call of callsOf.get(host) ?? []) {
        for (const outcome of ['ok', 'error']) engineCalls.remove({ host, call, outcome });
      }
      callsOf.delete(host);
    },
  };
}

function addHostGauges(registry: Registry, { hosts, hostStates }: MetricsOptions): void {
  const registers = [registry];
  new Gauge({
    name: 'dockgraph_hosts',
    help: 'Configured hosts by state.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const state of hostStates) this.set({ state }, 0);
      for (const { state } of hosts()) this.inc({ state });
    },
  });
  new Gauge({
    name: 'dockgraph_host_seconds_since_sync',
    help: 'Age of what is known of a host. No sample before its first inventory.',
    labelNames: ['host'],
    registers,
    collect() {
      this.reset();
      for (const { name, lastSyncAt } of hosts()) {
        if (lastSyncAt === null) continue;
        this.set({ host: name }, Math.max(0, Date.now() - lastSyncAt) / 1000);
      }
    },
  });
}
