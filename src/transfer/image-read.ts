import type { ImageArchiveVisitor, ImageContents, PassingLayer } from '../archive/image-archive.ts';
import { isZstd } from '../archive/layer-unpacker.ts';
import { UniversalArchive } from '../archive/universal-archive.ts';
import { archiveProblem } from './archive-problem.ts';
import { SharedChunks } from './shared-chunks.ts';
import { TargetFeed } from './target-feed.ts';

/** Bytes that the fastest target of a read may be ahead of the slowest. */
const WINDOW_BYTES = 16 * 1024 * 1024;
/** For so long a target may hold the others up; then it goes on alone. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 250;

/** A target was too slow for the others: its upload is void, and it needs a read of its own. */
export class DetachedError extends Error {}

/** A layer is compressed in a way that the target cannot unpack. */
export class NotUnpackableError extends Error {}

/** What a read is told of a target. */
export interface ReadTargetOptions {
  /** Whether the target needs no bytes of this layer. */
  leavesOut: (layer: PassingLayer) => boolean;
  /** Whether the source's own manifest is kept, which gives the same ID on a containerd store. */
  keepOriginal: boolean;
  /** Whether the target can unpack layers that zstd compressed. */
  takesZstd: boolean;
  maxBytesPerSecond: number | null;
  /** A layer begins to pass; whether it is sent. */
  onLayer: (layer: PassingLayer, isSent: boolean) => void;
  /** So many bytes of the layer have been given. */
  onLayerBytes: (bytes: number) => void;
}

/** One target of a read. */
export interface ReadTarget {
  /** The archive for it, ends only when all of it is proven. */
  readonly feed: TargetFeed;
  readonly archive: UniversalArchive;
  /** Resolves when the source has begun to send: time to open the upload. */
  readonly started: Promise<void>;
  /** What the image is; rejects with why the read failed, or with DetachedError. */
  readonly contents: Promise<ImageContents>;
}

interface Target extends ReadTargetOptions {
  feed: TargetFeed;
  archive: UniversalArchive;
  takesLayer: boolean;
  /** Whether nothing of the layer has been given yet. */
  isAtStart: boolean;
  /** Time in which others had nothing to do because of this one. */
  heldUpMs: number;
  /** Time for which it has taken nothing at all. */
  silentMs: number;
  contents: PromiseWithResolvers<ImageContents>;
}

/** What somebody who reads an image is given. */
export interface Reading {
  /** Gets the layers as they come. */
  readonly visitor: ImageArchiveVisitor;
  /** Aborts when nobody wants it any more; then it is not to be read further. */
  readonly signal: AbortSignal;
  /** Resolves when nobody joins any more: to be waited for before a layer is given. */
  readonly gathered: () => Promise<void>;
  /** Bytes come now: targets open their uploads. */
  readonly begin: () => void;
  /** So many bytes have come. A promise where they have to wait before more of them come. */
  readonly took: (bytes: number) => Promise<void> | null;
  /** For chunks that the layers are parts of and that are nobody else's. */
  readonly chunks: SharedChunks;
  /** Whether anybody needs the bytes of a layer. */
  readonly isWanted: (layer: PassingLayer) => boolean;
}

/** Reads an image to its end; resolves with what it is when all of it is proven. */
export type ReadImage = (reading: Reading) => Promise<ImageContents>;

/** How an image is read. */
export interface ImageReadOptions {
  /** The host's name. */
  source: string;
  read: ReadImage;
  /** Called when the source begins to send, and at its end; resolves when nobody joins any more. */
  complete: () => Promise<void>;
  patienceMs?: number;
}

/**
 * One read of an image that feeds any number of targets. It goes at the pace of the slowest, within
 * a window that all of them share, and leaves those behind that hold up the others. What does not
 * prove right fails every target: their uploads are destroyed and never end.
 */
export class ImageRead {
  readonly #options: ImageReadOptions;
  readonly #targets = new Set<Target>();
  readonly #chunks = new SharedChunks();
  readonly #stop = new AbortController();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  #room: (() => void) | null = null;
  /** Why nobody can join any more; null while somebody can. */
  #over: Error | null = null;
  #bytesRead = 0;

  constructor(options: ImageReadOptions) {
    this.#options = options;
    this.#started.promise.catch(() => {});
  }

  /** Bytes that the source has sent. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Whether nobody can join any more. */
  get isOver(): boolean {
    return this.#over !== null;
  }

  join(options: ReadTargetOptions): ReadTarget {
    const target: Target = {
      ...options,
      feed: new TargetFeed({
        maxBytesPerSecond: options.maxBytesPerSecond,
        onTaken: () => this.#room?.(),
        onSent: (bytes) => this.#chunks.release(bytes),
      }),
      archive: new UniversalArchive(),
      takesLayer: false,
      isAtStart: false,
      heldUpMs: 0,
      silentMs: 0,
      contents: Promise.withResolvers(),
    };
    const { feed, archive, contents } = target;
    contents.promise.catch(() => {});
    // Whoever takes it hears of errors from what reads it.
    feed.on('error', () => {});
    feed.once('close', () => {
      this.#targets.delete(target);
      if (this.#targets.size > 0) return;
      this.#over ??= new DetachedError('all its targets have left');
      this.#stop.abort();
      this.#stopped.resolve();
    });
    if (this.#over) drop(target, this.#over);
    else this.#targets.add(target);
    return { feed, archive, contents: contents.promise, started: this.#started.promise };
  }

  /** Reads to the end. Never rejects: every target is told how it went. */
  async run(): Promise<void> {
    const targets = this.#targets;
    try {
      const contents = await this.#options.read(this.#reading());
      this.#over = new DetachedError('the read is over');
      for (const { feed, archive, keepOriginal, contents: done } of targets) {
        for (const bytes of archive.finish(contents, { keepOriginal })) feed.give(bytes);
        feed.finish();
        done.resolve(contents);
      }
    } catch (error) {
      const problem = archiveProblem(error, this.#options.source) as Error;
      this.#over = problem;
      this.#started.reject(problem);
      for (const target of targets) drop(target, problem);
    }
  }

  #reading(): Reading {
    const { signal } = this.#stop;
    return {
      visitor: this.#visitor(),
      signal,
      gathered: async () => {
        // All who come, unless all who came have left.
        await Promise.race([this.#options.complete(), this.#stopped.promise]);
        signal.throwIfAborted();
      },
      begin: () => this.#started.resolve(),
      took: (bytes) => {
        signal.throwIfAborted();
        this.#bytesRead += bytes;
        return this.#isFull() ? this.#roomAgain() : null;
      },
      chunks: this.#chunks,
      isWanted: (layer) => [...this.#targets].some((target) => !target.leavesOut(layer)),
    };
  }

  #visitor(): ImageArchiveVisitor {
    return {
      layerBegin: (layer) => {
        for (const target of this.#targets) {
          target.takesLayer = !target.leavesOut(layer);
          target.isAtStart = true;
          if (target.takesLayer) target.feed.give(target.archive.begin(layer));
          target.onLayer(layer, target.takesLayer);
        }
      },
      layerBytes: (bytes) => {
        for (const target of this.#targets) {
          if (!target.takesLayer) continue;
          if (target.isAtStart && !target.takesZstd && isZstd(bytes)) {
            drop(target, new NotUnpackableError('a layer is compressed with zstd'));
          }
          target.isAtStart = false;
          this.#chunks.hold(bytes);
          target.feed.give(bytes);
          target.onLayerBytes(bytes.length);
        }
      },
      layerEnd: () => {
        for (const target of this.#targets) {
          if (target.takesLayer) target.feed.give(target.archive.end());
          target.takesLayer = false;
        }
      },
    };
  }

  #isFull(): boolean {
    for (const { feed } of this.#targets) if (feed.pendingBytes >= WINDOW_BYTES) return true;
    return false;
  }

  /** Resolves when every target has room; leaves those behind who let the others wait too long. */
  async #roomAgain(): Promise<void> {
    while (this.#isFull() && !this.#stop.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = Array.from(
        this.#targets,
        (target) => [target, target.feed.takenBytes] as const,
      );
      const since = performance.now();
      this.#room = resolve;
      const timer = setTimeout(resolve, LOOK_MS);
      await promise;
      clearTimeout(timer);
      this.#room = null;
      this.#leaveBehind(before, performance.now() - since);
    }
  }

  /** `before` is what each had taken when the wait began. */
  #leaveBehind(before: readonly (readonly [Target, number])[], waitedMs: number): void {
    const { patienceMs = PATIENCE_MS } = this.#options;
    if (this.#targets.size < 2) return;
    const isHeldUp = before.some(([{ feed, takesLayer }]) => takesLayer && feed.pendingBytes === 0);
    for (const [target, takenBytes] of before) {
      const { feed } = target;
      const isSilent = feed.takenBytes === takenBytes && !feed.isLimited;
      target.silentMs = isSilent ? target.silentMs + waitedMs : 0;
      // One that had a pause and caught up again is as fast as the others.
      if (feed.pendingBytes < WINDOW_BYTES / 2) target.heldUpMs = 0;
      if (feed.pendingBytes < WINDOW_BYTES) continue;
      if (isHeldUp) target.heldUpMs += waitedMs;
      if (Math.max(target.heldUpMs, target.silentMs) <= patienceMs) continue;
      drop(target, new DetachedError('too slow for the others'));
    }
  }
}

function drop({ feed, contents }: Target, error: Error): void {
  contents.reject(error);
  feed.destroy(error);
}
