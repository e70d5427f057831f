import { pipeline, Readable } from 'node:stream';
import { UnknownArchiveError } from '../archive/archive-errors.ts';
import { ArchiveGate } from '../archive/archive-gate.ts';
import type { ArchiveKnowledge, ImageContents, PassingLayer } from '../archive/image-archive.ts';
import { measureImage, unpackedArchive } from '../archive/unpacked-archive.ts';
import {
  CancelledError,
  EngineError,
  HostUnreachableError,
  TimeoutError,
} from '../common/errors.ts';
import type { LoadResult } from '../engine/image-verbs.ts';
import type { Fleet, HostRecord } from '../fleet/fleet.ts';
import type { ImageRecord } from '../fleet/records.ts';
import type { TaskContext } from '../operations/operation.ts';
import { CopyProgress } from './copy-progress.ts';
import type { CopyBytes } from './copy-progress.ts';
import type { HeldLayers } from './held-layers.ts';
import { archiveProblem } from './archive-problem.ts';
import { DetachedError, NotUnpackableError } from './image-read.ts';
import type { ReadTarget } from './image-read.ts';
import { NotWholeError, proveCopy } from './prove-copy.ts';
import { inPhase } from './phase-error.ts';
import type { LayerNames } from './layer-names.ts';
import type { LayerTakes } from './layer-takes.ts';
import { NotTakenError } from './read-layers.ts';
import type { Gathering, ReadRoom } from './read-room.ts';
import { readSave } from './read-save.ts';
import { removeCopy } from './remove-copy.ts';
import { TargetFeed } from './target-feed.ts';
import { ByteCounter, compressor, takesZstd } from './transfer-compression.ts';
import type { ConnectionSpeeds, SentCompression } from './transfer-compression.ts';
import { expectedImage } from './transfer-source.ts';
import type { TransferSource } from './transfer-source.ts';

/** One image for one target. */
export interface CopyJob {
  source: TransferSource;
  target: HostRecord;
  image: ImageRecord;
  held: HeldLayers;
  compression: SentCompression;
  verify: boolean;
  maxBytesPerSecond: number | null;
  /** Who else reads the image. */
  gathering: Gathering;
}

/** How a copy went. */
export interface Copied {
  /** The target's ID. */
  engineId: string;
  /** Why all of it was sent although layers could have been left out. */
  wholeBecause: string | null;
  bytesSent: number;
  bytesSaved: number;
  layersSent: number;
  layersSaved: number;
  /** Null where the archive's layout is not known. */
  knowledge: ArchiveKnowledge | null;
}

/** What copies share. */
export interface CopyEnvironment {
  fleet: Fleet;
  room: ReadRoom;
  takes: LayerTakes;
  names: LayerNames;
  speeds: ConnectionSpeeds;
  /** Layers that the target has did not make the image whole. */
  onNotUsable: (job: CopyJob) => void;
}

/**
 * Copies an image to a target that lacks it: without the layers that it has, and where that is
 * refused or does not make a whole image, once more with all of them. The image has no tag then.
 */
export async function copyImage(
  environment: CopyEnvironment,
  job: CopyJob,
  context: TaskContext,
): Promise<Copied> {
  try {
    return await copyWhole(environment, job, context);
  } catch (error) {
    if (!(error instanceof NotWholeError)) throw error;
    const host = job.target.config.name;
    throw new EngineError(`verifying on ${host}: ${error.message}`, { host, cause: error });
  }
}

async function copyWhole(
  environment: CopyEnvironment,
  job: CopyJob,
  context: TaskContext,
): Promise<Copied> {
  const copy = new Copy(environment, job, context);
  const { held } = job.held;
  let wholeBecause: string | null = null;
  try {
    try {
      return await copy.attempt(held);
    } catch (error) {
      const isDelta = held.size > 0 && mayBeTheDelta(error, job.target);
      if (!isDelta && !lostContent(error, job.target)) throw error;
      if (isDelta) wholeBecause = (error as Error).message;
      context.log(`Sending all of it${isDelta ? '' : ' again'}: ${(error as Error).message}`);
      if (error instanceof NotWholeError) environment.onNotUsable(job);
      return { ...(await copy.attempt(new Set())), wholeBecause };
    }
  } catch (error) {
    if (error instanceof NotUnpackableError) {
      context.log(`Unpacking layers on the way: ${error.message}`);
      return copy.unpack(job.held.held);
    }
    if (!(error instanceof UnknownArchiveError)) throw error;
    wholeBecause = `its archive is forwarded as it is: ${error.message}`;
    context.log(`Sending all of it: ${wholeBecause}`);
    return { ...(await copy.forward()), wholeBecause };
  }
}

/** An archive that no other target gets. */
interface SoleArchive {
  archive: Readable;
  layersSent: number;
  layersSaved: number;
}

class Copy {
  readonly #environment: CopyEnvironment;
  readonly #job: CopyJob;
  readonly #context: TaskContext;
  #bytesSent = 0;
  /** What is being sent as it is, and counts itself. */
  #sending: TargetFeed | null = null;
  #bytesSaved = 0;
  #layersSent = 0;
  #layersSaved = 0;
  /** Others share the read of the first attempt only. */
  #isAlone = false;
  /** Whether the source cannot give layers without the others. */
  #isSaved = false;

  constructor(environment: CopyEnvironment, job: CopyJob, context: TaskContext) {
    this.#environment = environment;
    this.#job = job;
    this.#context = context;
  }

  /** Leaves out the layers with these diff IDs. A target that was too slow for others tries alone. */
  async attempt(held: ReadonlySet<string>): Promise<Copied> {
    try {
      return await this.#send(held);
    } catch (error) {
      if (error instanceof NotTakenError) {
        const { name } = this.#job.source.host.config;
        this.#context.log(`Has ${name} save all of it: ${error.message}`);
        this.#isSaved = true;
        this.#isAlone = false;
        return await this.attempt(held);
      }
      if (!(error instanceof DetachedError)) throw error;
      this.#context.log('Held others up: goes on with a read of its own');
      return await this.#send(held);
    }
  }

  /** Passes the source's own archive on, for layouts that are not known. */
  async forward(): Promise<Copied> {
    const { image } = this.#job;
    return this.#stream(new Set(), async (signal) => {
      const gate = new ArchiveGate(() => {});
      pipeline(await this.#save(signal), gate, () => {});
      return { archive: gate, layersSent: image.layers.length, layersSaved: 0 };
    });
  }

  /** Two reads, the second one with layers unpacked, for a target that cannot do it. */
  async unpack(held: ReadonlySet<string>): Promise<Copied> {
    const { source, image } = this.#job;
    const expected = expectedImage(source, image);
    return this.#stream(held, async (signal) => {
      const measured = await measureImage(await this.#save(signal), expected);
      const save = await this.#save(signal);
      const layers = new Set(measured.contents.layers.map(({ diffId }) => diffId));
      const layersSaved = [...layers].filter((diffId) => held.has(diffId)).length;
      this.#bytesSaved = [...layers].reduce(
        (sum, diffId) => sum + (held.has(diffId) ? measured.sizeOf.get(diffId)! : 0),
        0,
      );
      return {
        archive: Readable.from(unpackedArchive(save, expected, measured, held), {
          objectMode: false,
        }),
        layersSent: layers.size - layersSaved,
        layersSaved,
      };
    });
  }

  /** Sends an archive to this target alone. */
  async #stream(
    held: ReadonlySet<string>,
    open: (signal: AbortSignal) => Promise<SoleArchive>,
  ): Promise<Copied> {
    const { source, target, image } = this.#job;
    const progress = new CopyProgress(this.#context, image.layers, held, () => this.#bytes());
    let archive: Readable | undefined;
    let broken: unknown;
    let engineId: string | null = null;
    let wasThere = false;
    try {
      const { archive: opened, ...layers } = await open(this.#context.signal);
      archive = opened.once('error', (error) => {
        broken = error;
      });
      progress.enter('SENDING');
      const before = new Set(target.slot.images.keys());
      archive.once('end', () => progress.enter('LOADING'));
      const { ids } = await this.#load(archive, progress);
      engineId = ids[0] ?? source.hostImage.id;
      wasThere = before.has(engineId);
      progress.enter('VERIFYING');
      await this.#prove(engineId);
      return { ...this.#bytes(), ...layers, engineId, wholeBecause: null, knowledge: null };
    } catch (error) {
      archive?.destroy();
      const left = engineId === null || wasThere ? null : await this.#remove(engineId, false);
      if (error instanceof NotWholeError) throw error;
      const problem = archiveProblem(broken ?? error, source.host.config.name);
      throw inPhase(problem, progress.phase, { source: source.host, target }, left);
    }
  }

  #save(signal: AbortSignal): Promise<Readable> {
    const { host, hostImage } = this.#job.source;
    return host.engine.verbs.saveImages([hostImage.id], { signal });
  }

  #prove(engineId: string): Promise<void> {
    const { source, target, image } = this.#job;
    const original = { engineId: source.hostImage.id, content: image.key };
    return proveCopy(target, engineId, original, this.#context.signal);
  }

  #bytes(): CopyBytes {
    const bytesSent = this.#bytesSent + (this.#sending?.takenBytes ?? 0);
    return { bytesSent, bytesSaved: this.#bytesSaved };
  }

  async #send(held: ReadonlySet<string>): Promise<Copied> {
    const { source, target, image, verify } = this.#job;
    const { signal } = this.#context;
    const progress = new CopyProgress(this.#context, image.layers, held, () => this.#bytes());
    this.#layersSent = 0;
    this.#layersSaved = 0;
    this.#bytesSaved = 0;
    const read = this.#join(held, progress);
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
      loading = this.#load(read.feed, progress);
      const contents = await Promise.race([read.contents, tooEarly(loading, target)]);
      this.#environment.takes.learn(contents);
      // Before the end of the archive can have come to the target.
      engineId = idOn(target, contents, read);
      const before = new Set(target.slot.images.keys());
      wasThere = engineId !== null && before.has(engineId);
      const { ids } = await loading;
      // A containerd store that was not told the digest of a layer makes a manifest of its own.
      engineId ??= ids[0] ?? source.hostImage.id;
      wasThere = before.has(engineId);
      progress.enter('VERIFYING');
      if (verify) await this.#prove(engineId);
      return {
        engineId,
        wholeBecause: null,
        ...this.#bytes(),
        layersSent: this.#layersSent,
        layersSaved: this.#layersSaved,
        knowledge: contents.knowledge,
      };
    } catch (error) {
      const isSent = read.feed.readableEnded;
      read.feed.destroy();
      // The target's request is over before anything else is done there.
      const isAnswered = await loading?.then(() => true, isAnswer);
      const isUnpacking = isSent && isAnswered === false;
      const left = engineId === null || wasThere ? null : await this.#remove(engineId, isUnpacking);
      if (isOurs(error)) throw error;
      throw inPhase(error, progress.phase, { source: source.host, target }, left);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #remove(engineId: string, isUnpacking: boolean): Promise<string | null> {
    const { fleet } = this.#environment;
    const left = await removeCopy(fleet, this.#job.target, engineId, isUnpacking);
    if (left !== null) this.#context.log(left);
    return left;
  }

  #join(held: ReadonlySet<string>, progress: CopyProgress): ReadTarget {
    const { source, target, image, gathering, maxBytesPerSecond } = this.#job;
    const { host } = source;
    const keepOriginal =
      host.slot.imageStore === 'CONTAINERD' && target.slot.imageStore === 'CONTAINERD';
    const leavesOut = ({ diffId, isOfPlatform }: PassingLayer) =>
      (diffId !== null && held.has(diffId)) || (!isOfPlatform && !keepOriginal);
    const { room, takes, names } = this.#environment;
    const missing = image.layers.filter(({ diffId }) => !held.has(diffId));
    const isTaken = !this.#isSaved && takes.isWorth(source, target, image, missing);
    if (isTaken)
      this.#context.log(
        `Takes from ${host.config.name} only what is missing: it need not save all of it`,
      );
    const read = isTaken
      ? takes.read(source, image)
      : readSave({
          expected: expectedImage(source, image),
          knowledge: (signal) => names.find(source, image, this.#job.held, signal),
          open: (signal) => this.#save(signal),
        });
    const key = isTaken ? `${gathering.key}\0layers` : gathering.key;
    const alone = { key: `${key}\0${target.config.name}`, isAwaited: () => false };
    return room.join(
      this.#isAlone ? alone : { ...gathering, key },
      { source: host.config.name, read },
      {
        leavesOut,
        keepOriginal,
        takesZstd: takesZstd(target),
        maxBytesPerSecond,
        onLayer: (layer, isSent) => {
          if (isSent) this.#layersSent++;
          // Layers of other platforms are no part of what is copied.
          else if (layer.isOfPlatform) {
            this.#layersSaved++;
            this.#bytesSaved += layer.sizeBytes;
          }
          progress.layer(layer, isSent);
        },
        onLayerBytes: (bytes) => progress.layerBytes(bytes),
      },
    );
  }

  /** Sends an archive that ends only where it is proven. */
  async #load(archive: Readable, progress: CopyProgress): Promise<LoadResult> {
    const { target, compression } = this.#job;
    const { name } = target.config;
    const since = performance.now();
    const before = this.#bytesSent;
    let last = since;
    archive.once('end', () => {
      last = performance.now();
    });
    const upload = this.#countedUpload(archive);
    try {
      const said = await target.engine.verbs.loadImages(upload, {
        signal: this.#context.signal,
        onProgress: (message) => progress.loading(message),
      });
      if (!archive.readableEnded) {
        throw new EngineError(`${name} answered before the end of the archive`, { host: name });
      }
      const { bytesSent } = this.#bytes();
      if (compression === 'NONE')
        this.#environment.speeds.note(name, bytesSent - before, last - since);
      return said;
    } finally {
      this.#bytesSent = this.#bytes().bytesSent;
      this.#sending = null;
    }
  }

  /** The archive as it goes over the connection. */
  #countedUpload(archive: Readable): Readable {
    const compress = compressor(this.#job.compression);
    if (compress === null && archive instanceof TargetFeed) {
      this.#sending = archive;
      return archive;
    }
    const count = new ByteCounter((bytes) => {
      this.#bytesSent += bytes;
    });
    const stages: [Readable, ...NodeJS.ReadWriteStream[]] = [
      archive,
      ...(compress ? [compress] : []),
      count,
    ];
    // Errors go on to the upload, which hears of them from the last of the stages.
    pipeline(stages as never, () => {});
    return count;
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
  const { name } = config;
  throw new EngineError(`${name} answered before the end of the archive`, { host: name });
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

/**
 * Whether the target lost a blob while it unpacked. Containerd collects what a load before left that
 * broke off, and may do so after the next load has found it there and not written it anew.
 */
function lostContent(error: unknown, { config }: HostRecord): boolean {
  if (!(error instanceof EngineError) || error.host !== config.name) return false;
  return /content digest sha256:\S+: not found/.test(error.message);
}

/** Whether the copy may have failed because layers were left out. */
function mayBeTheDelta(error: unknown, { config }: HostRecord): boolean {
  if (error instanceof NotWholeError) return true;
  if (!(error instanceof EngineError) || error.host !== config.name) return false;
  return !/no space left/i.test(error.message);
}

function cancelled({ config: { name } }: HostRecord): CancelledError {
  return new CancelledError(`the copy to ${name} was cancelled`, { host: name });
}
