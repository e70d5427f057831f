import { randomUUID } from 'node:crypto';
import { systemClock } from '../common/clock.ts';
import type { Clock } from '../common/clock.ts';
import type { Fleet, HostRecord } from './fleet.ts';
import { freedBytes } from './freed-bytes.ts';
import { sharing } from './layer-usage.ts';
import { pruneSelector } from './prune-selection.ts';
import type { PruneFilter, PruneSelector } from './prune-selection.ts';

/** An image that would go, as it was when the plan was made. */
export interface PlannedImage {
  host: string;
  engineId: string;
  /** Canonical. */
  tags: string[];
  /** Milliseconds since the epoch; 0 where the image says none. */
  createdAt: number;
  sizeBytes: number;
  /** Null where layer sizes are not known. */
  uniqueBytes: number | null;
}

/** What would go on one host, in the order in which it would. */
export interface PrunePlanHost {
  host: string;
  images: PlannedImage[];
  /** Null where layer sizes are not known. */
  freedBytes: number | null;
  /** Why nothing could be planned; null where it could. */
  reason: string | null;
}

/** What a prune would do, kept so that it can be applied as it is. */
export interface PrunePlan {
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  expiresAt: number;
  hosts: PrunePlanHost[];
  totalFreedBytes: number | null;
}

/** How many plans are kept, and for how long. */
export interface PlanLimits {
  maxPlans: number;
  /** Over all plans; the newest plan is kept however large. */
  maxImages: number;
  maxAgeMs: number;
}

const DEFAULT_LIMITS: PlanLimits = { maxPlans: 100, maxImages: 200_000, maxAgeMs: 15 * 60_000 };

/** Makes plans and keeps them in memory for a while. */
export class PrunePlans {
  readonly #limits: PlanLimits;
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #plans = new Map<string, PrunePlan>();

  constructor({ clock = systemClock, ...limits }: Partial<PlanLimits> & { clock?: Clock } = {}) {
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * What a prune would do on these hosts, from the inventory as it is.
   * @throws BadUserInputError for a filter that makes no sense
   */
  make(fleet: Fleet, hosts: readonly string[], filter: PruneFilter): PrunePlan {
    const createdAt = this.#clock.now();
    const select = pruneSelector(filter, createdAt);
    const planned = hosts.map((name) => planFor(fleet.host(name), select));
    const plan: PrunePlan = {
      id: randomUUID(),
      createdAt,
      expiresAt: createdAt + this.#limits.maxAgeMs,
      hosts: planned,
      totalFreedBytes: planned.reduce<number | null>(
        (sum, { freedBytes: bytes }) => (sum === null || bytes === null ? null : sum + bytes),
        0,
      ),
    };
    this.#plans.set(plan.id, plan);
    this.#drop(createdAt);
    return plan;
  }

  /** Undefined where it has expired or this process never made it. */
  find(id: string): PrunePlan | undefined {
    this.#drop(this.#clock.now());
    return this.#plans.get(id);
  }

  #drop(now: number): void {
    const { maxPlans, maxImages } = this.#limits;
    let images = this.#plans.values().reduce((sum, plan) => sum + imageCount(plan), 0);
    for (const plan of this.#plans.values()) {
      const isTooMuch = this.#plans.size > maxPlans || (images > maxImages && this.#plans.size > 1);
      if (plan.expiresAt > now && !isTooMuch) return;
      this.#plans.delete(plan.id);
      images -= imageCount(plan);
    }
  }
}

/** Why it is not known what a host's containers use now; null where it is. */
export function whyNotPrunable({ config: { name }, status, slot }: HostRecord): string | null {
  const { state, error } = status;
  if (state !== 'ONLINE') {
    const why = error ? `: ${error.message}` : '';
    return `${name} is ${state}, so what it holds and uses now is not known${why}`;
  }
  if (slot.containersKnown) return null;
  return `the engine of ${name} does not let its containers be listed, so what they use is not known`;
}

function planFor(host: HostRecord, select: PruneSelector): PrunePlanHost {
  const { slot, config } = host;
  const reason = whyNotPrunable(host);
  if (reason !== null) return { host: config.name, images: [], freedBytes: 0, reason };
  const chosen = select(slot);
  const images = chosen.map((hostImage): PlannedImage => {
    const { id, tags, createdAt, sizeBytes } = hostImage;
    return {
      host: config.name,
      engineId: id,
      tags: tags.map(({ reference }) => reference),
      createdAt,
      sizeBytes,
      uniqueBytes: sharing(hostImage)?.unique ?? null,
    };
  });
  return { host: config.name, images, freedBytes: freedBytes(chosen, slot), reason };
}

function imageCount({ hosts }: PrunePlan): number {
  return hosts.reduce((sum, { images }) => sum + images.length, 0);
}
