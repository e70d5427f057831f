import { UnknownArchiveError } from '../archive/archive-errors.ts';
import type { ImageContents } from '../archive/image-archive.ts';
import { CancelledError, HostUnreachableError, TimeoutError } from '../common/errors.ts';
import type { LoadResult } from '../engine/image-verbs.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import { CopyProgress } from './copy-progress.ts';
import { answeredEarly } from './copy-upload.ts';
import type { CopyAttempt, Copying } from './copying.ts';
import { DetachedError, NotUnpackableError } from './image-read.ts';
import type { ReadImage, ReadTarget } from './image-read.ts';
import { inPhase } from './phase-error.ts';
import { NotWholeError } from './prove-copy.ts';
import { NotTakenError } from './read-layers.ts';
import { readSave } from './read-save.ts';
import { takesZstd } from './transfer-compression.ts';
import { expectedImage } from './transfer-source.ts';

/** What has passed in one attempt. */
interface Passed {
  layersSent: number;
  layersSaved: number;
  bytesSaved: number;
}

/** Copies by a read of the source that other targets may share. */
export class SharedCopy {
  readonly #copying: Copying;
  /** Others share the read of the first attempt only. */
  #isAlone = false;
  /** Whether the source cannot give layers without the others. */
  #isSaved = false;

  constructor(copying: Copying) {
    this.#copying = copying;
  }

  /** Leaves out the layers with these diff IDs. A target that was too slow for others tries alone. */
  async attempt(held: ReadonlySet<string>): Promise<CopyAttempt> {
    const { job, context } = this.#copying;
    try {
      return await this.#send(held);
    } catch (error) {
      if (error instanceof NotTakenError) {
        context.log(`Has ${job.source.host.config.name} save all of it: ${error.message}`);
        this.#isSaved = true;
        this.#isAlone = false;
        return await this.attempt(held);
      }
      if (!(error instanceof DetachedError)) throw error;
      context.log('Held others up: goes on with a read of its own');
      return await this.#send(held);
    }
  }

  async #send(held: ReadonlySet<string>): Promise<CopyAttempt> {
    const { job, context, upload, environment } = this.#copying;
    const { source, target, image, verify } = job;
    const { signal } = context;
    const passed: Passed = { layersSent: 0, layersSaved: 0, bytesSaved: 0 };
    const progress = new CopyProgress(context, image.layers, held, () => ({
      bytesSent: upload.bytesSent,
      bytesSaved: passed.bytesSaved,
    }));
    const read = this.#join(held, passed, progress);
    this.#isAlone = true;
    const onAbort = () => read.feed.destroy(cancelled(target));
    signal.addEventListener('abort', onAbort, { once: true });
    let engineId: string | null = null;
    let wasThere = false;
    let loading: Promise<LoadResult> | null = null;
    try {
      if (signal.aborted) throw cancelled(target);
      await read.started;
      progress.enter('SENDING');
      // The read may be done long before the target has taken all that is kept for it.
      read.feed.once('end', () => progress.enter('LOADING'));
      loading = upload.load(read.feed, {
        signal,
        onProgress: (message) => progress.loading(message),
      });
      const contents = await Promise.race([read.contents, tooEarly(loading, target)]);
      environment.takes.learn(contents);
      // Before the end of the archive can have come to the target.
      engineId = idOn(target, contents, read);
      const before = new Set(target.slot.images.keys());
      wasThere = engineId !== null && before.has(engineId);
      const { ids } = await loading;
      // A containerd store that was not told the digest of a layer makes a manifest of its own.
      engineId ??= ids[0] ?? source.hostImage.id;
      wasThere = before.has(engineId);
      progress.enter('VERIFYING');
      if (verify) await this.#copying.prove(engineId);
      const { knowledge } = contents;
      return { engineId, bytesSent: upload.bytesSent, ...passed, knowledge };
    } catch (error) {
      const isSent = read.feed.readableEnded;
      read.feed.destroy();
      // The target's request is over before anything else is done there.
      const isAnswered = await loading?.then(() => true, isAnswer);
      const isUnpacking = isSent && isAnswered === false;
      const left =
        engineId === null || wasThere ? null : await this.#copying.remove(engineId, isUnpacking);
      if (isOurs(error)) throw error;
      throw inPhase(error, progress.phase, { source: source.host, target }, left);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #join(held: ReadonlySet<string>, passed: Passed, progress: CopyProgress): ReadTarget {
    const { job, environment } = this.#copying;
    const { source, target, image, gathering, maxBytesPerSecond } = job;
    const host = source.host.config.name;
    const keepOriginal =
      source.host.slot.imageStore === 'CONTAINERD' && target.slot.imageStore === 'CONTAINERD';
    const isTaken = this.#isTaken(held);
    const read = isTaken ? environment.takes.read(source, image) : this.#readSave();
    const key = isTaken ? `${gathering.key}\0layers` : gathering.key;
    const alone = { key: `${key}\0${target.config.name}`, isAwaited: () => false };
    return environment.room.join(
      this.#isAlone ? alone : { ...gathering, key },
      { source: host, read },
      {
        leavesOut: ({ diffId, isOfPlatform }) =>
          (diffId !== null && held.has(diffId)) || (!isOfPlatform && !keepOriginal),
        keepOriginal,
        takesZstd: takesZstd(target),
        maxBytesPerSecond,
        onLayer: (layer, isSent) => {
          if (isSent) passed.layersSent++;
          // Layers of other platforms are no part of what is copied.
          else if (layer.isOfPlatform) {
            passed.layersSaved++;
            passed.bytesSaved += layer.sizeBytes;
          }
          progress.layer(layer, isSent);
        },
        onLayerBytes: (bytes) => progress.layerBytes(bytes),
      },
    );
  }

  /** Whether only what is missing is read from the source. */
  #isTaken(held: ReadonlySet<string>): boolean {
    if (this.#isSaved) return false;
    const { job, environment, context } = this.#copying;
    const { source, target, image } = job;
    const missing = image.layers.filter(({ diffId }) => !held.has(diffId));
    const isTaken = environment.takes.isWorth(source, target, image, missing);
    if (isTaken) {
      const { name } = source.host.config;
      context.log(`Takes from ${name} only what is missing: it need not save all of it`);
    }
    return isTaken;
  }

  #readSave(): ReadImage {
    const { job, environment } = this.#copying;
    const { source, image, held } = job;
    return readSave({
      expected: expectedImage(source, image),
      knowledge: (signal) => environment.names.find(source, image, held, signal),
      open: (signal) => this.#copying.save(signal),
    });
  }
}

/** Whether a load that failed was answered by the engine, so that it is over there, too. */
function isAnswer(error: unknown): boolean {
  return ![CancelledError, HostUnreachableError, TimeoutError].some(
    (Lost) => error instanceof Lost,
  );
}

/** Rejects as the load does; and where the load is over before all was sent. */
async function tooEarly(loading: Promise<LoadResult>, { config }: HostRecord): Promise<never> {
  await loading;
  throw answeredEarly(config.name);
}

/** What is understood here and goes on as it is. */
function isOurs(error: unknown): boolean {
  return [
    NotWholeError,
    DetachedError,
    NotTakenError,
    NotUnpackableError,
    UnknownArchiveError,
  ].some((Ours) => error instanceof Ours);
}

/** What the target calls the image. */
function idOn(
  { slot }: HostRecord,
  contents: ImageContents,
  { archive }: ReadTarget,
): string | null {
  return slot.imageStore === 'CONTAINERD' ? archive.rootDigest : contents.configDigest;
}

function cancelled({ config: { name } }: HostRecord): CancelledError {
  return new CancelledError(`the copy to ${name} was cancelled`, { host: name });
}
