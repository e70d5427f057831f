import type { ArchiveKnowledge, ImageContents } from '../archive/image-archive.ts';
import {
  CancelledError,
  DigestMismatchError,
  EngineError,
  HostUnreachableError,
  messageOf,
} from '../common/errors.ts';
import type { TakenContent, TakenImage } from '../engine/image-verbs.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { ImageRecord, LayerRecord } from '../fleet/records.ts';
import type { ReadImage } from './image-read.ts';
import { LayerSizes } from './layer-sizes.ts';
import { layerBytes } from './planned-copy.ts';
import { configBlobs, graphOf, readContent } from './read-content.ts';
import { NotTakenError, readLayers } from './read-layers.ts';
import { expectedImage, sourceKey } from './transfer-source.ts';
import type { TransferSource } from './transfer-source.ts';

/** Of one take: they are in memory until the last target has them. */
const MAX_TAKE_BYTES = 32 * 1024 * 1024;
/** Of all takes at once. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Of smaller images a save is as quick. */
const MIN_IMAGE_BYTES = 32 * 1024 * 1024;
/** A push compresses, which takes an engine as long as a save of so many times as much. */
const WORTH = 8;
/** A tar has more than the files in it: for each a header, and what fills up its last block. */
const OVERHEAD = 1.25;
const OVERHEAD_BYTES = 4 * 1024 * 1024;
/** For so long a host that could not do it, or not for an image, is not asked for that again. */
const SHUN_MS = 10 * 60_000;

/**
 * Copies that take only what is missing from the source. Engines save whole images, which takes them
 * longer than anything else in a copy of a small change. They do push part by part, though: where few
 * bytes are missing the source is made to push those to us. What cannot be had so comes by a save.
 */
export class LayerTakes {
  readonly #sizes = new LayerSizes();
  #bytes = 0;
  /** Until when, on the clock of `performance`, by host and by image of a host. */
  readonly #shunned = new Map<string, number>();
  /** By host. */
  readonly #underWay = new Map<string, Set<AbortController>>();

  /** Whether a copy should go this way. */
  isWorth(
    source: TransferSource,
    target: HostRecord,
    image: ImageRecord,
    missing: readonly LayerRecord[],
  ): boolean {
    if (missing.length === image.layers.length || !this.#mayAsk(source)) return false;
    const all = layerBytes(image.layers);
    const bytes = layerBytes(missing);
    if (all === null || bytes === null || all < MIN_IMAGE_BYTES || bytes > MAX_TAKE_BYTES) {
      return false;
    }
    // A containerd store has everything at hand as it is pushed, and says all that a manifest does.
    if (source.host.slot.imageStore === 'CONTAINERD') return bytes * 2 <= all;
    const isNamed = ({ diffId }: LayerRecord) => this.#sizes.of(diffId) !== undefined;
    const held = image.layers.filter((layer) => !missing.includes(layer));
    if (target.slot.imageStore !== 'CLASSIC' && !held.every(isNamed)) return false;
    // Engines push from the top, a few at once: what lies below others would wait for them.
    const top = image.layers.slice(image.layers.length - missing.length);
    return bytes * WORTH <= all && top.every((layer) => missing.includes(layer));
  }

  /** What an image was found to consist of. */
  learn({ layers }: ImageContents): void {
    this.#sizes.learn(layers);
  }

  /** Reads the image so. */
  read(source: TransferSource, image: ImageRecord): ReadImage {
    const { verbs } = source.host.engine;
    if (source.host.slot.imageStore === 'CONTAINERD') {
      return readContent(image, expectedImage(source, image), (layers, choose, signal, use) =>
        this.#with(source, layers, signal, use, (maxBytes, either) =>
          verbs.takeContent(takenImage(source), { choose, maxBytes, signal: either }),
        ),
      );
    }
    return readLayers(image, source.hostImage.id, this.#sizes, (layers, signal, use) =>
      this.#with(source, layers, signal, use, (maxBytes, either) => {
        const diffIds = new Set(layers.map(({ diffId }) => diffId));
        return verbs.takeLayers(takenImage(source), { diffIds, maxBytes, signal: either });
      }),
    );
  }

  /** Which blob of a containerd store is which layer; undefined where that cannot be had so. */
  async knowledge(
    source: TransferSource,
    image: ImageRecord,
    signal: AbortSignal,
  ): Promise<ArchiveKnowledge | undefined> {
    if (!this.#mayAsk(source)) return undefined;
    const { verbs } = source.host.engine;
    const take = (maxBytes: number, either: AbortSignal) =>
      verbs.takeContent(takenImage(source), { choose: configBlobs, maxBytes, signal: either });
    try {
      return await this.#with(source, [], signal, readKnowledge, take);
    } catch (error) {
      if (error instanceof NotTakenError) return undefined;
      throw error;
    }

    async function readKnowledge(taken: TakenContent): Promise<ArchiveKnowledge | undefined> {
      return graphOf(taken, expectedImage(source, image)).graph.knowledge ?? undefined;
    }
  }

  #mayAsk(source: TransferSource): boolean {
    const { host, hostImage } = source;
    if (host.slot.imageStore === 'PODMAN' || hostImage.tags.length === 0) return false;
    const now = performance.now();
    return [host.config.name, sourceKey(source)].every(
      (key) => now >= (this.#shunned.get(key) ?? 0),
    );
  }

  #shun(key: string): void {
    const now = performance.now();
    for (const [other, until] of this.#shunned) if (until <= now) this.#shunned.delete(other);
    this.#shunned.set(key, now + SHUN_MS);
  }

  /** Has room for what is taken for as long as it is used. */
  async #with<Taken, T>(
    source: TransferSource,
    layers: readonly LayerRecord[],
    signal: AbortSignal,
    use: (taken: Taken) => Promise<T>,
    take: (maxBytes: number, signal: AbortSignal) => Promise<Taken>,
  ): Promise<T> {
    const maxBytes = Math.ceil((layerBytes(layers) ?? Infinity) * OVERHEAD) + OVERHEAD_BYTES;
    if (this.#bytes + maxBytes > MAX_BYTES) {
      throw new NotTakenError('the layers are too large for memory with what is there');
    }
    this.#bytes += maxBytes;
    try {
      return await use(await this.#orNotTaken(source, signal, (either) => take(maxBytes, either)));
    } finally {
      this.#bytes -= maxBytes;
    }
  }

  /** A host that turns out not to be able to do it lets nobody wait for its turn any longer. */
  async #orNotTaken<Taken>(
    source: TransferSource,
    signal: AbortSignal,
    take: (signal: AbortSignal) => Promise<Taken>,
  ): Promise<Taken> {
    const { name } = source.host.config;
    const stop = new AbortController();
    const underWay = this.#underWay.get(name) ?? new Set();
    this.#underWay.set(name, underWay.add(stop));
    try {
      return await take(AbortSignal.any([signal, stop.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NotTakenError) throw error;
      if (isOfImage(error)) this.#shun(sourceKey(source));
      else if (isOfHost(error)) {
        this.#shun(name);
        for (const other of underWay) other.abort();
      }
      throw new NotTakenError(messageOf(error), { cause: error });
    } finally {
      underWay.delete(stop);
      if (underWay.size === 0) this.#underWay.delete(name);
    }
  }
}

/** Whether it may go well with another image. */
function isOfImage(error: unknown): boolean {
  return error instanceof EngineError || error instanceof DigestMismatchError;
}

/** Whether it would go no better for a while: what breaks off or is given up may go well next time. */
function isOfHost(error: unknown): boolean {
  return !(error instanceof HostUnreachableError || error instanceof CancelledError);
}

function takenImage({ hostImage: { id, tags } }: TransferSource): TakenImage {
  return { id, name: tags[0]!.reference };
}
