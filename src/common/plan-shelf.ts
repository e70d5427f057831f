import { randomUUID } from 'node:crypto';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';

/** What every plan has: made once, looked at, applied within a while. */
export interface Plan {
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  expiresAt: number;
}

/** How many plans are kept, and for how long. */
export interface ShelfLimits {
  maxPlans: number;
  /** Over all plans; the newest plan is kept however heavy. */
  maxWeight: number;
  maxAgeMs: number;
}

const DEFAULT_LIMITS: ShelfLimits = {
  maxPlans: 100,
  maxWeight: 200_000,
  maxAgeMs: 15 * 60_000,
};

/** Keeps plans in memory for a while. */
export class PlanShelf<P extends Plan> {
  readonly #limits: ShelfLimits;
  readonly #clock: Clock;
  readonly #weigh: (plan: P) => number;
  /** Oldest first. */
  readonly #plans = new Map<string, P>();

  /** `weigh`: how many things a plan holds. */
  constructor(
    weigh: (plan: P) => number,
    { clock = systemClock, ...limits }: Partial<ShelfLimits> & { clock?: Clock } = {},
  ) {
    this.#weigh = weigh;
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** What a plan that is made now begins with. */
  stamp(): Plan {
    const createdAt = this.#clock.now();
    return { id: randomUUID(), createdAt, expiresAt: createdAt + this.#limits.maxAgeMs };
  }

  keep(plan: P): P {
    this.#plans.set(plan.id, plan);
    this.#drop();
    return plan;
  }

  /** Undefined where it has expired or this process never made it. */
  find(id: string): P | undefined {
    this.#drop();
    return this.#plans.get(id);
  }

  #drop(): void {
    const now = this.#clock.now();
    const { maxPlans, maxWeight } = this.#limits;
    let weight = this.#plans.values().reduce((sum, plan) => sum + this.#weigh(plan), 0);
    for (const plan of this.#plans.values()) {
      const isTooMuch = this.#plans.size > maxPlans || (weight > maxWeight && this.#plans.size > 1);
      if (plan.expiresAt > now && !isTooMuch) return;
      this.#plans.delete(plan.id);
      weight -= this.#weigh(plan);
    }
  }
}
