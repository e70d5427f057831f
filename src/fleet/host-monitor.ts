import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import type { Clock } from '../common/clock.ts';
import {
  DockgraphError,
  HostUnreachableError,
  NotFoundError,
  messageOf,
} from '../common/errors.ts';
import type { ErrorCode } from '../common/errors.ts';
import { backoffMs } from '../common/retry.ts';
import type { Backoff } from '../common/retry.ts';
import type {
  Engine,
  EngineEvent,
  EngineInfo,
  ImageFacts,
  ImageListing,
} from '../engine/engine.ts';
import { canonicalTag } from './canonical-tag.ts';
import type { ImageFactsCache } from './image-facts-cache.ts';
import type { Inventory, InventoryRow } from './inventory.ts';
import { LearnedTags } from './learned-tags.ts';
import { LookSchedule } from './look-schedule.ts';
import type { LookTimings } from './look-schedule.ts';
import type { InventoryChange } from './records.ts';

/**
 * - CONNECTING: the first try is under way.
 * - SYNCING: connected and subscribed to events, the first listing is not yet applied.
 * - ONLINE: the inventory is live.
 * - UNREACHABLE: the last try failed; tried again after a back-off.
 * - UNAUTHORIZED: the same, because a certificate, key or permission was refused.
 */
export const HOST_STATES = [
  'CONNECTING',
  'SYNCING',
  'ONLINE',
  'UNREACHABLE',
  'UNAUTHORIZED',
] as const;
export type HostState = (typeof HOST_STATES)[number];

/** Why a host is not in order. */
export interface HostError {
  code: ErrorCode;
  message: string;
  /** When this very error began; milliseconds since the epoch. */
  since: number;
}

/** What a host's monitor knows of it, beside the inventory itself. */
export interface HostStatus {
  state: HostState;
  error: HostError | null;
  /** When the listing that is served was made; null before the first. */
  inventoryAt: number | null;
  /** Which look at the host is served, counted from 1 in the order they began; 0 before the first. */
  inventoryLook: number;
  /** Round trip of the last ping; null before the first. */
  latencyMs: number | null;
  /** As last seen; null before the first connection. */
  engine: EngineInfo | null;
}

/** Intervals in milliseconds. */
export interface MonitorTimings extends LookTimings {
  pingMs: number;
  backoff: Backoff;
  /** A session that lasted this long makes the next back-off start from the beginning. */
  stableMs: number;
}

export const DEFAULT_TIMINGS: MonitorTimings = {
  debounceMs: 50,
  debounceMaxMs: 500,
  resyncMs: 300_000,
  pingMs: 15_000,
  backoff: { baseMs: 500, maxMs: 30_000 },
  stableMs: 10_000,
};

/** Tags that wait to be asked for: with more, a look is as soon. */
const MOST_TAGS_ASKED = 16;

/** What a monitor needs from its fleet. */
export interface MonitorContext {
  name: string;
  engine: Engine;
  inventory: Inventory;
  facts: ImageFactsCache;
  clock: Clock;
  timings: MonitorTimings;
  /** Image inspections under way at once on this host. */
  maxFactFetches?: number;
  onStatus: (status: HostStatus) => void;
  onChanges: (changes: InventoryChange[], initial: boolean) => void;
  /** Milliseconds between an event at the engine and its arrival here; clocks may differ. */
  onEvent?: (lagMs: number) => void;
}

/**
 * Puts into the inventory, ahead of the next look, where a tag (by canonical reference) points since
 * the engine's answer: at the image with that ID, or at none. False where something newer may be
 * known already, or where that cannot be told: a look will show it then.
 */
export type LearnTag = (reference: string, id: string | null) => boolean;

/** Keeps one host's part of the inventory live for as long as it runs. */
export class HostMonitor {
  readonly #context: MonitorContext;
  readonly #stop = new AbortController();
  readonly #limit: LimitFunction;
  #status: HostStatus = {
    state: 'CONNECTING',
    error: null,
    inventoryAt: null,
    inventoryLook: 0,
    latencyMs: null,
    engine: null,
  };
  #factKeys = new Set<string>();
  readonly #schedule: LookSchedule;
  #looks = 0;
  readonly #learned = new LearnedTags();
  #running: Promise<void> | undefined;

  constructor(context: MonitorContext) {
    this.#context = context;
    this.#schedule = new LookSchedule(context.clock, context.timings);
    this.#limit = pLimit(context.maxFactFetches ?? 4);
  }

  get status(): HostStatus {
    return this.#status;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Looks at the host at once: tries to connect without waiting for the back-off, or lists again.
   * Returns which look that is. One that is under way began before: what it shows may be older.
   */
  refresh(): number {
    this.#schedule.hurry();
    return this.#looks + 1;
  }

  /** To be called before the engine is asked for what changes a tag, or tells where it points. */
  beforeTagCall(): LearnTag {
    const asked = this.#learned.now();
    return (reference, id) => {
      const { inventory, name, onChanges, onStatus } = this.#context;
      if (this.#stop.signal.aborted || this.#status.state !== 'ONLINE') return false;
      const slot = inventory.slot(name);
      // Podman lists tags under other names than they were given.
      if (!slot || slot.imageStore === 'PODMAN') return false;
      if (id !== null && !slot.images.has(id)) return false;
      const isShown = (slot.tags.get(reference)?.id ?? null) === id;
      const look = this.#looks;
      if (!this.#learned.learn(reference, id, { asked, isShown, look })) return false;
      const changes = inventory.applyTag(name, reference, id);
      if (changes.length > 0) {
        onStatus(this.#status);
        onChanges(changes, false);
      }
      // What else has changed with it, the next look tells.
      this.#schedule.mark({ images: true, containers: false });
      return true;
    };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#context.engine.close();
    await this.#running;
    this.#context.facts.exchange(this.#factKeys, []);
    this.#factKeys = new Set();
  }

  async #run(): Promise<void> {
    const { clock, timings } = this.#context;
    const { signal } = this.#stop;
    let attempt = 0;
    while (!signal.aborted) {
      const session = new AbortController();
      const abort = () => session.abort();
      signal.addEventListener('abort', abort, { once: true });
      let onlineSince: number | null = null;
      try {
        await this.#session(session.signal, () => {
          onlineSince = clock.now();
        });
      } catch (error) {
        if (signal.aborted) break;
        const wasStable = onlineSince !== null && clock.now() - onlineSince >= timings.stableMs;
        if (wasStable) attempt = 0;
        this.#fail(error);
      } finally {
        session.abort();
        signal.removeEventListener('abort', abort);
      }
      await this.#schedule.sleep(backoffMs(attempt++, timings.backoff), signal);
    }
  }

  /** One connection's life: rejects when it ends, whatever the reason. */
  async #session(signal: AbortSignal, onOnline: () => void): Promise<never> {
    const { engine, inventory, name } = this.#context;
    const info = await engine.connect({ signal });
    inventory.setImageStore(name, info.imageStore);
    this.#set({ engine: info, state: 'SYNCING' });
    const ended = Promise.withResolvers<never>();
    // Subscribed before the listing, so that nothing can change unseen between the two.
    const events = await engine.events({ signal });
    this.#schedule.mark({ images: true, containers: true });
    this.#follow(events, signal).then(
      () => ended.reject(new HostUnreachableError('the event stream ended', { host: name })),
      ended.reject,
    );
    // Handled here because the session may fail elsewhere first.
    ended.promise.catch(() => undefined);
    await Promise.race([this.#look(signal), ended.promise]);
    this.#set({ state: 'ONLINE', error: null });
    onOnline();
    return await Promise.race([this.#keepLive(signal), this.#keepAlive(signal), ended.promise]);
  }

  async #follow(events: AsyncIterable<EngineEvent>, signal: AbortSignal): Promise<void> {
    for await (const event of events) {
      this.#context.onEvent?.(this.#context.clock.now() - event.at);
      this.#schedule.mark({ images: event.type === 'image', containers: true });
      void this.#askForTag(event, signal);
    }
  }

  /**
   * A containerd store takes a hundred times longer to list its images than to find one: where the
   * tag points that an event is about, is asked ahead of the look.
   */
  async #askForTag({ type, action, attributes }: EngineEvent, signal: AbortSignal): Promise<void> {
    const { engine, inventory, name } = this.#context;
    if (this.#status.engine?.imageStore !== 'CONTAINERD') return;
    if (type !== 'image' || !/^(?:tag|untag)$/.test(action)) return;
    const reference = canonicalTag(attributes.name ?? '');
    if (reference === null || this.#limit.pendingCount >= MOST_TAGS_ASKED) return;
    try {
      await this.#limit(async () => {
        const learn = this.beforeTagCall();
        const id = await engine.imageId(reference, { signal });
        // Whether an image stays without its last tag, only the look tells.
        const owner = inventory.slot(name)?.tags.get(reference);
        if (id !== null || (owner && owner.tags.length > 1)) learn(reference, id);
      });
    } catch {
      // The look will tell what there is.
    }
  }

  async #keepLive(signal: AbortSignal): Promise<never> {
    const { clock } = this.#context;
    let lookMs = 0;
    for (;;) {
      await this.#schedule.due(lookMs, signal);
      const startedAt = clock.now();
      await this.#look(signal);
      lookMs = clock.now() - startedAt;
    }
  }

  async #keepAlive(signal: AbortSignal): Promise<never> {
    const { engine, clock, timings } = this.#context;
    for (;;) {
      this.#set({ latencyMs: await engine.ping({ signal }) });
      // Spread, so that a thousand hosts are not pinged in one burst.
      await clock.sleep(timings.pingMs * (0.8 + 0.4 * Math.random()), signal);
    }
  }

  /** Lists what is dirty, fetches the facts that nobody has, and applies both. */
  async #look(signal: AbortSignal): Promise<void> {
    const { engine, inventory, clock, name, onChanges } = this.#context;
    const { images, containers } = this.#schedule.begin();
    const inventoryLook = ++this.#looks;
    const listedAt = clock.now();
    const [listings, users] = await Promise.all([
      images ? engine.listImages({ signal }) : undefined,
      containers ? this.#containerCounts(signal) : undefined,
    ]);
    const listed = listings && (await this.#rows(listings, signal));
    // A host that was taken out meanwhile has no place in the inventory any more.
    signal.throwIfAborted();
    const rows = listed && this.#learned.over(listed, inventoryLook);
    if (rows === null) {
      // Nobody can say whether it is older or newer than what is known. The next one is newer.
      this.refresh();
      return;
    }
    const changes: InventoryChange[] = [];
    if (listings && rows) {
      changes.push(...inventory.applyImages(name, rows));
      this.#learned.applied();
      const keys = new Set(listings.map((listing) => this.#factsKey(listing)));
      if (keys.size !== this.#factKeys.size || !keys.isSubsetOf(this.#factKeys)) {
        this.#context.facts.exchange(this.#factKeys, keys);
        this.#factKeys = keys;
      }
    }
    if (users !== undefined) changes.push(...inventory.applyContainers(name, users));
    const initial = this.#status.inventoryAt === null;
    this.#set({ inventoryAt: listedAt, inventoryLook });
    if (changes.length > 0) onChanges(changes, initial);
  }

  /** A socket proxy may refuse containers: null. */
  async #containerCounts(signal: AbortSignal): Promise<Map<string, number> | null> {
    const counts = new Map<string, number>();
    try {
      for (const { imageId } of await this.#context.engine.listContainers({ signal })) {
        counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
      }
    } catch (error) {
      if (!(error instanceof DockgraphError) || error.code !== 'ENGINE_UNSUPPORTED') throw error;
      return null;
    }
    return counts;
  }

  async #rows(listings: ImageListing[], signal: AbortSignal): Promise<InventoryRow[]> {
    const rows = await Promise.all(
      listings.map(async (listing): Promise<InventoryRow | null> => {
        const factsKey = this.#factsKey(listing);
        const known = this.#context.facts.get(factsKey);
        if (known) return { listing, factsKey, facts: known };
        try {
          const facts = await this.#fetchFacts(factsKey, listing.id, signal);
          return { listing, factsKey, facts };
        } catch (error) {
          if (error instanceof HostUnreachableError || signal.aborted) throw error;
          // Removed since it was listed; its event is on its way.
          if (error instanceof NotFoundError) return null;
          return { listing, factsKey, facts: null };
        }
      }),
    );
    return rows.filter((row) => row !== null);
  }

  #fetchFacts(key: string, id: string, signal: AbortSignal): Promise<ImageFacts> {
    const { facts, engine, clock } = this.#context;
    const fetch = () => engine.imageFacts(id, { signal });
    // The limit goes around it all: who waits for another host waits for a call that is under way.
    return this.#limit(() => facts.obtain(key, { clock, fetch }));
  }

  /**
   * In a containerd store one ID may be an index: what it means depends on the host's platform, and
   * on which platforms' content is there, of which the size tells. Podman does not tell all.
   */
  #factsKey({ id, sizeBytes }: ImageListing): string {
    const { engine } = this.#status;
    if (engine?.imageStore === 'PODMAN') return `${id}@podman`;
    if (engine?.imageStore !== 'CONTAINERD') return id;
    return `${id}@${engine.os}/${engine.architecture}#${sizeBytes}`;
  }

  #fail(error: unknown): void {
    const { clock, name } = this.#context;
    const known =
      error instanceof DockgraphError
        ? error
        : new HostUnreachableError(messageOf(error), { host: name, cause: error });
    const message = known.message;
    const before = this.#status.error;
    const since =
      before?.message === message && before.code === known.code ? before.since : clock.now();
    const state =
      known.code === 'HOST_AUTH_FAILED' ? ('UNAUTHORIZED' as const) : ('UNREACHABLE' as const);
    this.#set({ state, error: { code: known.code, message, since } });
  }

  #set(change: Partial<HostStatus>): void {
    const before = this.#status;
    this.#status = { ...before, ...change };
    const { state, error, inventoryLook } = this.#status;
    const isNew = state !== before.state || error !== before.error;
    if (isNew || inventoryLook !== before.inventoryLook) this.#context.onStatus(this.#status);
  }
}
