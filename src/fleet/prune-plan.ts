import type { Clock } from '../common/clock.ts';
import { PlanShelf } from '../common/plan-shelf.ts';
import type { Plan, ShelfLimits } from '../common/plan-shelf.ts';
import { sumKnown } from '../common/sum-known.ts';
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
export interface PrunePlan extends Plan {
  hosts: PrunePlanHost[];
  totalFreedBytes: number | null;
}

/** Makes plans and keeps them in memory for a while. */
export class PrunePlans {
  readonly #shelf: PlanShelf<PrunePlan>;

  constructor(options: Partial<ShelfLimits> & { clock?: Clock } = {}) {
    this.#shelf = new PlanShelf(imageCount, options);
  }

  /**
   * What a prune would do on these hosts, from the inventory as it is.
   * @throws BadUserInputError for a filter that makes no sense
   */
  make(fleet: Fleet, hosts: readonly string[], filter: PruneFilter): PrunePlan {
    const stamp = this.#shelf.stamp();
    const select = pruneSelector(filter, stamp.createdAt);
    const planned = hosts.map((name) => planFor(fleet.host(name), select));
    return this.#shelf.keep({
      ...stamp,
      hosts: planned,
      totalFreedBytes: sumKnown(planned.map(({ freedBytes: bytes }) => bytes)),
    });
  }

  /** Undefined where it has expired or this process never made it. */
  find(id: string): PrunePlan | undefined {
    return this.#shelf.find(id);
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
