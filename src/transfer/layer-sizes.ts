import type { ArchivedLayer } from '../archive/image-archive.ts';

/** 128 bytes each. */
const MAX_LAYERS = 50_000;

/**
 * How large the tars of layers are, by diff ID: a manifest has to say it also of layers that are not
 * sent. No engine tells; whoever has seen a layer pass knows it for ever.
 */
export class LayerSizes {
  readonly #sizes = new Map<string, number>();

  learn(layers: readonly ArchivedLayer[]): void {
    for (const { diffId, digest, sizeBytes } of layers) {
      if (digest !== diffId || sizeBytes === null) continue;
      this.#sizes.delete(diffId);
      this.#sizes.set(diffId, sizeBytes);
      const [oldest] = this.#sizes.keys();
      if (this.#sizes.size > MAX_LAYERS) this.#sizes.delete(oldest!);
    }
  }

  /** Bytes; undefined where it has not been seen. */
  of(diffId: string): number | undefined {
    return this.#sizes.get(diffId);
  }
}
