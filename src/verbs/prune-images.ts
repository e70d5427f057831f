import {
  CancelledError,
  DockgraphError,
  EngineError,
  EngineUnsupportedError,
  HostUnreachableError,
  TimeoutError,
} from '../common/errors.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import { freedBytes } from '../fleet/freed-bytes.ts';
import { whyNotPrunable } from '../fleet/prune-plan.ts';
import { pruneSelector } from '../fleet/prune-selection.ts';
import type { PruneFilter } from '../fleet/prune-selection.ts';
import type { HostImageRecord, HostSlot } from '../fleet/records.ts';
import type { TaskContext, Verb } from '../operations/operation.ts';
import { toFamiliar } from '../registry/reference.ts';
import { freshHost } from '../fleet/fresh-host.ts';
import { removeUnusedImage } from './remove-unused-image.ts';
import type { UnusedImage, UnusedRemoval } from './remove-unused-image.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What `pruneImages` is asked for, as it is stored: a plan spelt out, or what to look for. */
export type PruneInput =
  | {
      plan: string;
      /** By host. */
      images: { [host: string]: UnusedImage[] };
    }
  | (PruneFilter & { plan: null });

/** What a prune did on one host. */
export type PruneOutcome = {
  /** As the engine says it. */
  untagged: string[];
  deleted: string[];
  /** Null where layer sizes were not known. */
  freedBytes: number | null;
  skipped: SkippedImage[];
};

/** An image that was to go and stayed. */
export type SkippedImage = {
  engineId: string;
  /** As docker prints them. */
  tags: string[];
  reason: string;
};

const MAX_NAMED = 10;

/** docker image prune, decided here: engines differ in what they take for unused. */
export function pruneVerb({ fleet }: VerbEnvironment): Verb<PruneInput, PruneOutcome> {
  return {
    kind: 'PRUNE_IMAGES',
    run: async (input, context) => {
      const { signal } = context;
      const host = await freshHost(fleet, context.host, signal);
      const reason = whyNotPrunable(host);
      if (reason !== null) {
        throw new EngineUnsupportedError(`${reason}; nothing is removed on a guess`, {
          host: context.host,
        });
      }
      const wanted = wantedOn(host.slot, input);
      const run = new PruneRun(host, context, wanted);
      await run.removeAll();
      await untilShown(fleet, context.host, signal, (now) => run.isShown(now));
      return run.outcome();
    },
    recover: async (input, { host: name, signal }) => {
      // What of a filter's images went, nobody knows any more; a plan's are known by name.
      if (input.plan === null) return null;
      const { slot } = await freshHost(fleet, name, signal);
      const wanted = wantedOn(slot, input);
      if (wanted.some(({ engineId }) => slot.images.has(engineId))) return null;
      return {
        untagged: wanted.flatMap(({ tags }) => tags.map(toFamiliar)),
        deleted: wanted.map(({ engineId }) => engineId),
        freedBytes: null,
        skipped: [],
      };
    },
  };
}

function wantedOn(slot: HostSlot, input: PruneInput): UnusedImage[] {
  if (input.plan !== null) return input.images[slot.name] ?? [];
  return pruneSelector(
    input,
    Date.now(),
  )(slot).map(({ id, tags }) => ({
    engineId: id,
    tags: tags.map(({ reference }) => reference),
  }));
}

/** One host's images, one after another. */
class PruneRun {
  readonly #host: HostRecord;
  readonly #context: TaskContext;
  readonly #wanted: readonly UnusedImage[];
  /** As they were: gone ones are not in the inventory any more. */
  readonly #records = new Map<string, HostImageRecord>();
  readonly #gone = new Set<UnusedImage>();
  readonly #untagged: string[] = [];
  readonly #deleted: string[] = [];
  readonly #skipped: SkippedImage[] = [];

  constructor(host: HostRecord, context: TaskContext, wanted: readonly UnusedImage[]) {
    this.#host = host;
    this.#context = context;
    this.#wanted = wanted;
    for (const { engineId } of wanted) {
      const record = host.slot.images.get(engineId);
      if (record) this.#records.set(engineId, record);
    }
  }

  async removeAll(): Promise<void> {
    const parents: UnusedImage[] = [];
    for (const image of this.#wanted) {
      const removal = await this.#remove(image);
      if (removal.kind === 'HAS_CHILDREN') parents.push(image);
      else this.#note(image, removal);
    }
    // Their children may have gone since.
    for (const image of parents) this.#note(image, await this.#remove(image));
  }

  isShown({ images, tags }: HostSlot): boolean {
    return Array.from(this.#gone).every((image) => {
      if (this.#deleted.includes(image.engineId)) return !images.has(image.engineId);
      return image.tags.every((tag) => tags.get(tag)?.id !== image.engineId);
    });
  }

  outcome(): PruneOutcome {
    const records = Array.from(this.#gone, ({ engineId }) => this.#records.get(engineId));
    const removed = records.filter((record) => record !== undefined);
    return {
      untagged: this.#untagged,
      deleted: this.#deleted,
      freedBytes: freedBytes(removed, this.#host.slot),
      skipped: this.#skipped,
    };
  }

  async #remove(image: UnusedImage): Promise<UnusedRemoval> {
    // Engines take a parent without a name along with its last child.
    if (this.#deleted.includes(image.engineId)) return { kind: 'GONE', untagged: [], deleted: [] };
    this.#tell();
    try {
      this.#context.signal.throwIfAborted();
      return await removeUnusedImage(this.#host, image, this.#context.signal);
    } catch (error) {
      if (this.#context.signal.aborted) throw new CancelledError(this.#soFar());
      throw this.#explain(error);
    }
  }

  #note(image: UnusedImage, removal: UnusedRemoval): void {
    if (removal.kind !== 'GONE') {
      const { engineId, tags } = image;
      this.#skipped.push({ engineId, tags: tags.map(toFamiliar), reason: removal.reason });
      this.#context.log(`Skipped: ${nameOf(image)}: ${removal.reason}`);
      return;
    }
    this.#gone.add(image);
    this.#untagged.push(...removal.untagged);
    this.#deleted.push(...removal.deleted);
    for (const name of removal.untagged) this.#context.log(`Untagged: ${name}`);
    for (const id of removal.deleted) this.#context.log(`Deleted: ${id}`);
  }

  #tell(): void {
    const done = this.#gone.size + this.#skipped.length;
    this.#context.progress({
      phase: 'REMOVING',
      currentBytes: null,
      totalBytes: null,
      percent: (100 * done) / this.#wanted.length,
      bytesPerSecond: null,
      etaSeconds: null,
      parts: [],
    });
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof DockgraphError) || this.#gone.size === 0) return error;
    const { host, details } = error;
    const message = `${error.message}; until then, ${this.#soFar()}`;
    const context = {
      ...(host !== undefined && { host }),
      ...(details && { details }),
      cause: error,
    };
    if (error instanceof HostUnreachableError) return new HostUnreachableError(message, context);
    if (error instanceof TimeoutError) return new TimeoutError(message, context);
    return new EngineError(message, { ...context, retryable: error.retryable });
  }

  #soFar(): string {
    const names = Array.from(this.#gone, nameOf);
    const listed = names.slice(0, MAX_NAMED).join(', ') + (names.length > MAX_NAMED ? ', …' : '');
    const stay = this.#wanted.length - names.length;
    if (names.length === 0) return `nothing was removed, all ${stay} images stay`;
    return `${names.length} of ${this.#wanted.length} images were removed (${listed}), the others stay`;
  }
}

function nameOf({ engineId, tags: [tag] }: UnusedImage): string {
  return tag === undefined ? engineId.slice(0, 19) : toFamiliar(tag);
}
