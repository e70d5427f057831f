import type { Readable } from 'node:stream';
import type { ArchiveKnowledge } from '../archive/image-archive.ts';
import type { Fleet, HostRecord } from '../fleet/fleet.ts';
import type { ImageRecord } from '../fleet/records.ts';
import type { TaskContext } from '../operations/operation.ts';
import { CopyUpload } from './copy-upload.ts';
import type { HeldLayers, LayerKnowledge } from './held-layers.ts';
import type { LayerNames } from './layer-names.ts';
import type { LayerTakes } from './layer-takes.ts';
import { proveCopy } from './prove-copy.ts';
import type { Gathering, ReadRoom } from './read-room.ts';
import { removeCopy } from './remove-copy.ts';
import type { ConnectionSpeeds, SentCompression } from './transfer-compression.ts';
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

/** What copies share. */
export interface CopyEnvironment {
  fleet: Fleet;
  room: ReadRoom;
  takes: LayerTakes;
  names: LayerNames;
  speeds: ConnectionSpeeds;
  /** Is told where layers that a target has did not make the image whole. */
  layers: LayerKnowledge;
}

/** How an attempt that went well did so. */
export interface CopyAttempt {
  /** The target's ID. */
  engineId: string;
  /** Of this attempt and of those before it. */
  bytesSent: number;
  bytesSaved: number;
  layersSent: number;
  layersSaved: number;
  /** Null where the archive's layout is not known. */
  knowledge: ArchiveKnowledge | null;
}

/** A copy under way: what its attempts have in common. */
export class Copying {
  readonly environment: CopyEnvironment;
  readonly job: CopyJob;
  readonly context: TaskContext;
  readonly upload: CopyUpload;

  constructor(environment: CopyEnvironment, job: CopyJob, context: TaskContext) {
    this.environment = environment;
    this.job = job;
    this.context = context;
    this.upload = new CopyUpload(job.target, job.compression, environment.speeds);
  }

  /** The source's own archive of the image. */
  save(signal: AbortSignal): Promise<Readable> {
    const { host, hostImage } = this.job.source;
    return host.engine.verbs.saveImages([hostImage.id], { signal });
  }

  /**
   * Looks at what the target made of the archive.
   * @throws NotWholeError
   */
  prove(engineId: string): Promise<void> {
    const { source, target, image } = this.job;
    const original = { engineId: source.hostImage.id, content: image.key };
    return proveCopy(target, engineId, original, this.context.signal);
  }

  /** Takes away what an attempt that failed left; says, and logs, what may be left all the same. */
  async remove(engineId: string, isUnpacking: boolean): Promise<string | null> {
    const left = await removeCopy(this.environment.fleet, this.job.target, engineId, isUnpacking);
    if (left !== null) this.context.log(left);
    return left;
  }
}
