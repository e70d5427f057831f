import { pipeline, Readable } from 'node:stream';
import { ArchiveGate } from '../archive/archive-gate.ts';
import { measureImage, unpackedArchive } from '../archive/unpacked-archive.ts';
import { archiveProblem } from './archive-problem.ts';
import { CopyProgress } from './copy-progress.ts';
import type { CopyAttempt, Copying } from './copying.ts';
import { inPhase } from './phase-error.ts';
import { NotWholeError } from './prove-copy.ts';
import { expectedImage } from './transfer-source.ts';

/** An archive that no other target gets. */
interface SoleArchive {
  archive: Readable;
  layersSent: number;
  layersSaved: number;
  bytesSaved: number;
}

/** Passes the source's own archive on, for layouts that are not known. */
export function forwardSave(copying: Copying): Promise<CopyAttempt> {
  return sendAlone(copying, new Set(), async (signal) => {
    const gate = new ArchiveGate(() => {});
    pipeline(await copying.save(signal), gate, () => {});
    const layersSent = copying.job.image.layers.length;
    return { archive: gate, layersSent, layersSaved: 0, bytesSaved: 0 };
  });
}

/** Two reads, the second one with layers unpacked, for a target that cannot do it. */
export function sendUnpacked(copying: Copying, held: ReadonlySet<string>): Promise<CopyAttempt> {
  const { source, image } = copying.job;
  const expected = expectedImage(source, image);
  return sendAlone(copying, held, async (signal) => {
    const measured = await measureImage(await copying.save(signal), expected);
    const save = await copying.save(signal);
    const layers = new Set(measured.contents.layers.map(({ diffId }) => diffId));
    const saved = [...layers].filter((diffId) => held.has(diffId));
    const archive = Readable.from(unpackedArchive(save, expected, measured, held), {
      objectMode: false,
    });
    // Also where nothing of it was read: what has not begun does not clean up either.
    archive.once('close', () => save.destroy());
    save.on('error', () => {});
    return {
      archive,
      layersSent: layers.size - saved.length,
      layersSaved: saved.length,
      bytesSaved: saved.reduce((sum, diffId) => sum + measured.sizeOf.get(diffId)!, 0),
    };
  });
}

/** Sends an archive to this target alone. `held`: diff IDs of the layers that are not in it. */
async function sendAlone(
  copying: Copying,
  held: ReadonlySet<string>,
  open: (signal: AbortSignal) => Promise<SoleArchive>,
): Promise<CopyAttempt> {
  const { job, context, upload } = copying;
  const { source, target, image } = job;
  const { signal } = context;
  let bytesSaved = 0;
  const bytes = () => ({ bytesSent: upload.bytesSent, bytesSaved });
  const progress = new CopyProgress(context, image.layers, held, bytes);
  let archive: Readable | undefined;
  let broken: unknown;
  let engineId: string | null = null;
  let wasThere = false;
  try {
    const opened = await open(signal);
    archive = opened.archive.once('error', (error) => {
      broken = error;
    });
    ({ bytesSaved } = opened);
    progress.enter('SENDING');
    const before = new Set(target.slot.images.keys());
    archive.once('end', () => progress.enter('LOADING'));
    const { ids } = await upload.load(archive, {
      signal,
      onProgress: (message) => progress.loading(message),
    });
    engineId = ids[0] ?? source.hostImage.id;
    wasThere = before.has(engineId);
    progress.enter('VERIFYING');
    await copying.prove(engineId);
    const { layersSent, layersSaved } = opened;
    return { engineId, ...bytes(), layersSent, layersSaved, knowledge: null };
  } catch (error) {
    archive?.destroy();
    const left = engineId === null || wasThere ? null : await copying.remove(engineId, false);
    if (error instanceof NotWholeError) throw error;
    const problem = archiveProblem(broken ?? error, source.host.config.name);
    throw inPhase(problem, progress.phase, { source: source.host, target }, left);
  }
}
