import type { PassingLayer } from '../archive/image-archive.ts';
import { shortDigest } from '../common/digest.ts';
import type { ProgressMessage } from '../engine/image-verbs.ts';
import type { LayerRecord } from '../fleet/records.ts';
import type { PartProgress, TaskContext } from '../operations/operation.ts';

/** What a copy is doing. SAVING: the source prepares the archive. LOADING: the target unpacks it. */
export type CopyPhase = 'SAVING' | 'SENDING' | 'LOADING' | 'VERIFYING';

/** What of a copy went over the connection so far, and what was left out. */
export interface CopyBytes {
  bytesSent: number;
  bytesSaved: number;
}

/** Bytes are told no more often than that. */
const TELL_MS = 100;

/** How far the copy of one image to one target is, layer by layer. */
export class CopyProgress {
  readonly #context: Pick<TaskContext, 'progress'>;
  readonly #parts = new Map<string, PartProgress>();
  readonly #bytes: () => CopyBytes;
  #phase: CopyPhase = 'SAVING';
  #part: PartProgress | null = null;
  #toldAt = 0;

  /** `held`: diff IDs that will not be sent. Sizes are the engine's until a layer passes. */
  constructor(
    context: Pick<TaskContext, 'progress'>,
    layers: readonly LayerRecord[],
    held: ReadonlySet<string>,
    bytes: () => CopyBytes,
  ) {
    this.#context = context;
    this.#bytes = bytes;
    for (const { diffId, sizeBytes } of layers) {
      const id = shortDigest(diffId);
      const isHeld = held.has(diffId);
      this.#parts.set(id, {
        id,
        status: isHeld ? 'Already exists' : 'Waiting',
        currentBytes: isHeld ? null : 0,
        totalBytes: isHeld ? null : sizeBytes,
      });
    }
    this.#tell();
  }

  get phase(): CopyPhase {
    return this.#phase;
  }

  enter(phase: CopyPhase): void {
    this.#phase = phase;
    this.#tell();
  }

  /** A layer begins to pass. */
  layer({ diffId, name, sizeBytes }: PassingLayer, isSent: boolean): void {
    this.#part = null;
    if (!isSent) return;
    const id = shortDigest(diffId ?? name);
    this.#part = { id, status: 'Sending', currentBytes: 0, totalBytes: sizeBytes };
    this.#parts.set(id, this.#part);
    this.#tell();
  }

  layerBytes(bytes: number): void {
    const part = this.#part;
    if (part === null) return;
    part.currentBytes = (part.currentBytes ?? 0) + bytes;
    const isWhole = part.currentBytes === part.totalBytes;
    if (isWhole) part.status = 'Sent';
    if (isWhole || performance.now() - this.#toldAt >= TELL_MS) this.#tell();
  }

  /** What the target says while it unpacks. */
  loading({ id, status, currentBytes, totalBytes }: ProgressMessage): void {
    const part = this.#parts.get(id);
    if (!part) return;
    part.status = currentBytes !== null && currentBytes === totalBytes ? 'Loaded' : status;
    this.#tell();
  }

  #tell(): void {
    this.#toldAt = performance.now();
    let current = 0;
    let total = 0;
    const parts = [...this.#parts.values()];
    for (const { currentBytes, totalBytes } of parts) {
      current += currentBytes ?? 0;
      total += Math.max(totalBytes ?? 0, currentBytes ?? 0);
    }
    this.#context.progress({
      phase: this.#phase,
      currentBytes: current,
      totalBytes: total,
      percent: null,
      bytesPerSecond: null,
      etaSeconds: null,
      parts,
      ...this.#bytes(),
    });
  }
}
