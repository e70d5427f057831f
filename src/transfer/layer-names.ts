import { ImageArchiveReader } from '../archive/image-archive-reader.ts';
import type { ArchiveKnowledge } from '../archive/image-archive.ts';
import { SharedWork } from '../common/shared-work.ts';
import type { ImageRecord } from '../fleet/records.ts';
import type { HeldLayers } from './held-layers.ts';
import type { LayerTakes } from './layer-takes.ts';
import { expectedImage, sourceKey } from './transfer-source.ts';
import type { TransferSource } from './transfer-source.ts';

const MAX_IMAGES = 1_000;

/**
 * How sources name the layers of their images in archives. Containerd's store names them by their
 * compressed digests, and which is which only its manifest tells. Where much can be left out, the
 * store is asked for that; where it cannot be, a first read goes as far as the manifest, which comes
 * somewhere in between.
 */
export class LayerNames {
  readonly #takes: LayerTakes;
  readonly #known = new Map<string, ArchiveKnowledge>();
  readonly #looks = new SharedWork<never, ArchiveKnowledge | undefined>();

  constructor(takes: LayerTakes) {
    this.#takes = takes;
  }

  keep(source: TransferSource, knowledge: ArchiveKnowledge): void {
    const key = sourceKey(source);
    this.#known.delete(key);
    this.#known.set(key, knowledge);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_IMAGES) this.#known.delete(oldest!);
  }

  /** What is known, or can be found out and is worth it. */
  async find(
    source: TransferSource,
    image: ImageRecord,
    { held }: HeldLayers,
    signal: AbortSignal,
  ): Promise<ArchiveKnowledge | undefined> {
    const known = this.#known.get(sourceKey(source));
    if (known || source.host.slot.imageStore !== 'CONTAINERD') return known;
    if (!isWorthALook(image, held)) return undefined;
    return this.#looks.run(
      sourceKey(source),
      signal,
      () => {},
      (shared) => this.#look(source, image, shared),
    );
  }

  /** Whether the held layers will be told from the others before they pass. */
  canTell(source: TransferSource, image: ImageRecord, { held }: HeldLayers): boolean {
    if (held.size === 0 || source.host.slot.imageStore !== 'CONTAINERD') return true;
    return this.#known.has(sourceKey(source)) || isWorthALook(image, held);
  }

  async #look(
    source: TransferSource,
    image: ImageRecord,
    signal: AbortSignal,
  ): Promise<ArchiveKnowledge | undefined> {
    let knowledge = await this.#takes.knowledge(source, image, signal);
    if (knowledge) {
      this.keep(source, knowledge);
      return knowledge;
    }
    const reader = new ImageArchiveReader(expectedImage(source, image), {
      layerBegin: () => {},
      layerBytes: () => {},
      layerEnd: () => {},
      known: (found) => {
        knowledge = found;
      },
    });
    try {
      const save = await source.host.engine.verbs.saveImages([source.hostImage.id], { signal });
      for await (const chunk of save as AsyncIterable<Buffer>) {
        reader.push(chunk);
        // Leaving the loop destroys the save, and so stops the engine.
        if (knowledge) break;
      }
    } catch {
      // The copy goes without it; what is wrong with the archive, the read for the copy says.
      signal.throwIfAborted();
    }
    if (knowledge) this.keep(source, knowledge);
    return knowledge;
  }
}

/** A first read costs half of the image on average: it should save as much. */
function isWorthALook(image: ImageRecord, held: ReadonlySet<string>): boolean {
  const saved = bytesOf(image, (diffId) => held.has(diffId));
  return saved > 0 && saved * 2 >= bytesOf(image, () => true);
}

function bytesOf({ layers }: ImageRecord, counts: (diffId: string) => boolean): number {
  return layers.reduce(
    (sum, { diffId, sizeBytes }) => sum + (counts(diffId) ? (sizeBytes ?? 0) : 0),
    0,
  );
}
