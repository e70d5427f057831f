import type { ProgressMessage } from '../engine/image-verbs.ts';
import type { PartProgress, TaskContext } from '../operations/operation.ts';

const MAX_PARTS = 200;

/** Words of layers whose transfer is not over. */
const MOVING = /^(?:Pulling fs layer|Waiting|Downloading|Retrying|Preparing|Pushing)/;

interface Part extends PartProgress {
  /** Bytes of the transfer, apart from those of unpacking. */
  moved: number;
  size: number;
  unpacked: number;
}

/**
 * Adds the engine's words about single layers up to how far a pull or push is. A pulled layer
 * counts twice, once for its transfer and once for its unpacking, or the figures would stand at
 * 100 % for as long as the unpacking takes.
 */
export class LayerProgress {
  readonly #context: TaskContext;
  readonly #unpacks: boolean;
  readonly #parts = new Map<string, Part>();

  constructor(context: TaskContext, { unpacks }: { unpacks: boolean }) {
    this.#context = context;
    this.#unpacks = unpacks;
  }

  take(message: ProgressMessage): void {
    if (message.id === '') this.#context.log(message.status);
    // `latest: Pulling from library/nginx` is about the tag, not a layer.
    if (message.id !== '' && !message.status.startsWith('Pulling from ')) this.#update(message);
    this.#tell();
  }

  #update({ id, status, currentBytes, totalBytes }: ProgressMessage): void {
    let part = this.#parts.get(id);
    if (!part) {
      if (this.#parts.size >= MAX_PARTS) return;
      part = { id, status, currentBytes, totalBytes, moved: 0, size: 0, unpacked: 0 };
      this.#parts.set(id, part);
    }
    Object.assign(part, { status, currentBytes, totalBytes });
    if (/^(?:Downloading|Pushing)/.test(status)) {
      part.size = Math.max(part.size, totalBytes ?? 0);
      part.moved = Math.max(part.moved, currentBytes ?? 0);
    } else if (status.startsWith('Extracting')) {
      part.size = Math.max(part.size, totalBytes ?? 0);
      part.moved = part.size;
      part.unpacked = Math.max(part.unpacked, currentBytes ?? 0);
    } else if (/^(?:Download complete|Verifying|Pushed)/.test(status)) {
      part.moved = part.size;
    } else if (status.startsWith('Pull complete')) {
      part.moved = part.size;
      part.unpacked = part.size;
    }
  }

  #tell(): void {
    let moved = 0;
    let size = 0;
    let unpacked = 0;
    for (const part of this.#parts.values()) {
      moved += part.moved;
      size += part.size;
      unpacked += part.unpacked;
    }
    const parts = [...this.#parts.values()];
    const isMoving = parts.some((part) => MOVING.test(part.status));
    // A layer that waits has no size yet: a share of what is known so far would fall back later.
    const isKnown = size > 0 && parts.every((part) => part.size > 0 || !MOVING.test(part.status));
    const done = this.#unpacks ? (moved + unpacked) / 2 : moved;
    this.#context.progress({
      phase: this.#unpacks ? (isMoving ? 'DOWNLOADING' : 'EXTRACTING') : 'PUSHING',
      currentBytes: size === 0 ? null : moved,
      totalBytes: size === 0 ? null : size,
      percent: isKnown ? Math.min(100, (100 * done) / size) : null,
      bytesPerSecond: null,
      etaSeconds: null,
      parts: parts.map(({ id, status, currentBytes, totalBytes }) => ({
        id,
        status,
        currentBytes,
        totalBytes,
      })),
    });
  }
}
