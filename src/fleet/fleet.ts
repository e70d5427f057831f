import { isDeepStrictEqual } from 'node:util';
import { Broadcast } from '../common/broadcast.ts';
import { systemClock } from '../common/clock.ts';
import type { Clock } from '../common/clock.ts';
import { NotFoundError } from '../common/errors.ts';
import type { EngineEndpoint } from '../engine/endpoint.ts';
import type { Engine } from '../engine/engine.ts';
import type { HostConfig } from './host-config.ts';
import { DEFAULT_TIMINGS, HostMonitor } from './host-monitor.ts';
import type { HostStatus, LearnTag, MonitorTimings } from './host-monitor.ts';
import { ImageFactsCache } from './image-facts-cache.ts';
import { Inventory } from './inventory.ts';
import { LayerUsage } from './layer-usage.ts';
import type { HostSlot, InventoryChange } from './records.ts';

/** One configured host as the graph serves it; a live view, read it anew for each answer. */
export interface HostRecord {
  readonly config: HostConfig;
  readonly status: HostStatus;
  readonly slot: HostSlot;
  /** For the fields that need the engine itself. */
  readonly engine: Engine;
  /** Milliseconds since the epoch; null while the host is configured. */
  readonly removedAt: number | null;
}

/** An inventory change with the host that it happened on. */
export interface ImageChange {
  host: HostRecord;
  change: InventoryChange;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What a fleet is made with. */
export interface FleetOptions {
  openEngine: (endpoint: EngineEndpoint, host: string) => Engine;
  clock?: Clock;
  timings?: Partial<MonitorTimings>;
  /** Milliseconds between an engine's event and its arrival, for metrics. */
  onEvent?: (host: string, lagMs: number) => void;
  /** Told of every change of a host's state, for the log. */
  onState?: (host: HostRecord) => void;
}

/** What `configure` did. */
export interface ConfigureResult {
  added: string[];
  removed: string[];
  /** Reconnected because the endpoint changed, or relabelled. */
  changed: string[];
}

/** All hosts with their live inventory: what the graph is read from. */
export class Fleet {
  readonly inventory = new Inventory();
  readonly layerUsage = new LayerUsage(this.inventory);
  /** A host's state, configuration or inventory changed. */
  readonly hostChanges = new Broadcast<HostRecord>();
  /** Images and tags came, went or moved. The first listing of a host is no news. */
  readonly imageChanges = new Broadcast<ImageChange>();
  readonly #facts = new ImageFactsCache();
  readonly #hosts = new Map<string, LiveHost>();
  readonly #options: FleetOptions;
  readonly #clock: Clock;
  readonly #closing = new Set<Promise<void>>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** By name, in the order of the configuration. */
  get hosts(): ReadonlyMap<string, HostRecord> {
    return this.#hosts;
  }

  /** The host of that name; NotFoundError lists what there is. */
  host(name: string): HostRecord {
    const host = this.#hosts.get(name);
    if (host) return host;
    const names = [...this.#hosts.keys()];
    const listed = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
    throw new NotFoundError(
      `there is no host "${name.slice(0, 80)}"; ${names.length === 0 ? 'no hosts are configured' : `hosts: ${listed}`}`,
      { host: name.slice(0, 80) },
    );
  }

  /** The host with that index in a HostSet. */
  hostAt(index: number): HostRecord {
    return this.#hosts.get(this.inventory.slotAt(index).name)!;
  }

  /** Makes the fleet equal to `configs`: hosts come and go, those that stay are not disturbed. */
  configure(configs: readonly HostConfig[]): ConfigureResult {
    const result: ConfigureResult = { added: [], removed: [], changed: [] };
    const wanted = new Map(configs.map((config) => [config.name, config]));
    for (const [name, host] of this.#hosts) {
      const config = wanted.get(name);
      if (!config) {
        this.#remove(host);
        result.removed.push(name);
      } else if (!isDeepStrictEqual(config.endpoint, host.config.endpoint)) {
        this.#remove(host);
        this.#add(config);
        result.changed.push(name);
      } else if (!isDeepStrictEqual(config.labels, host.config.labels)) {
        host.config = config;
        this.hostChanges.publish(host);
        result.changed.push(name);
      }
    }
    for (const config of configs) {
      if (this.#hosts.has(config.name)) continue;
      this.#add(config);
      result.added.push(config.name);
    }
    this.#sortAs(configs);
    return result;
  }

  /** Looks at the host at once; returns the `inventoryLook` that will show it as it is from now on. */
  refresh(name: string): number {
    this.host(name);
    return this.#hosts.get(name)!.monitor.refresh();
  }

  /** To be called before that host's engine is asked for what changes a tag; see LearnTag. */
  beforeTagCall(name: string): LearnTag {
    this.host(name);
    return this.#hosts.get(name)!.monitor.beforeTagCall();
  }

  /** Resolves when no host is in its first try or first listing any more, or the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    const changes = this.hostChanges.subscribe({ signal, coalesceBy: ({ config }) => config.name });
    const isSettled = () =>
      [...this.#hosts.values()].every(({ status }) => {
        if (status.state === 'CONNECTING') return false;
        return status.state !== 'SYNCING' || status.inventoryAt !== null;
      });
    while (!isSettled() && !(await changes.next()).done);
    await changes.return();
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.values()) this.#release(host);
    await Promise.all(this.#closing);
  }

  #add(config: HostConfig): void {
    const { inventory } = this;
    const { openEngine, timings, onEvent, onState } = this.#options;
    const { name } = config;
    const slot = inventory.addHost(name);
    const engine = openEngine(config.endpoint, name);
    let lastState: string | undefined;
    const monitor = new HostMonitor({
      name,
      engine,
      inventory,
      facts: this.#facts,
      clock: this.#clock,
      timings: { ...DEFAULT_TIMINGS, ...timings },
      onStatus: ({ state, error }) => {
        if (host.removedAt !== null) return;
        const summary = `${state} ${error?.message}`;
        if (summary !== lastState) onState?.(host);
        lastState = summary;
        this.hostChanges.publish(host);
      },
      onChanges: (changes, initial) => {
        if (initial) return;
        const at = this.#clock.now();
        for (const change of changes) this.imageChanges.publish({ host, change, at });
      },
      ...(onEvent && { onEvent: (lagMs) => onEvent(name, lagMs) }),
    });
    const host: LiveHost = {
      config,
      slot,
      engine,
      monitor,
      removedAt: null,
      get status() {
        return monitor.status;
      },
    };
    this.#hosts.set(name, host);
    monitor.start();
    this.hostChanges.publish(host);
  }

  #remove(host: LiveHost): void {
    const { name } = host.config;
    this.#hosts.delete(name);
    host.removedAt = this.#clock.now();
    this.#release(host);
    this.inventory.removeHost(name);
    this.hostChanges.publish(host);
  }

  #release(host: LiveHost): void {
    const closed = host.monitor.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  #sortAs(configs: readonly HostConfig[]): void {
    const hosts = configs.map(({ name }) => [name, this.#hosts.get(name)!] as const);
    this.#hosts.clear();
    for (const [name, host] of hosts) this.#hosts.set(name, host);
  }
}

interface LiveHost {
  config: HostConfig;
  readonly status: HostStatus;
  readonly slot: HostSlot;
  readonly engine: Engine;
  readonly monitor: HostMonitor;
  removedAt: number | null;
}
