import { DamagedArchiveError } from './archive-errors.ts';
import { ImageArchiveReader } from './image-archive-reader.ts';
import type {
  ArchivedLayer,
  ArchiveKnowledge,
  ExpectedImage,
  ArchiveContents,
  PassingLayer,
} from './image-archive.ts';
import { LayerUnpacker } from './layer-unpacker.ts';
import { OCI_LAYER_TYPE } from './oci-documents.ts';
import { UniversalArchive } from './universal-archive.ts';

/** An image whose layers have been unpacked once, to know how large they are. */
export interface MeasuredImage {
  contents: ArchiveContents;
  /** Bytes of each layer that is not compressed any more, by its diffID. */
  sizeOf: ReadonlyMap<string, number>;
}

/**
 * The first of two reads: a tar says the size of a file before its bytes, and of a compressed layer
 * nobody knows it before it has passed.
 */
export async function measureImage(
  save: AsyncIterable<Buffer>,
  expected: ExpectedImage,
): Promise<MeasuredImage> {
  const layers = unpackedLayers(save, expected, undefined);
  const sizes = new Map<string, number>();
  for (;;) {
    const { value, done } = await layers.next();
    if (done) return { contents: value, sizeOf: byDiffId(value, sizes) };
    if (value.kind === 'END') sizes.set(value.layer.name, value.sizeBytes);
  }
}

/**
 * The second read: the universal archive with layers that are not compressed, for engines that
 * cannot unpack them. Every layer is proven to be what its diffID says. `held` are left out.
 */
export async function* unpackedArchive(
  save: AsyncIterable<Buffer>,
  expected: ExpectedImage,
  { contents, sizeOf }: MeasuredImage,
  held: ReadonlySet<string>,
): AsyncGenerator<Buffer, void, void> {
  const archive = new UniversalArchive();
  for await (const { layer, ...event } of unpackedLayers(save, expected, contents.knowledge)) {
    const { diffId, name } = layer;
    const sizeBytes = diffId === null || held.has(diffId) ? undefined : sizeOf.get(diffId);
    if (sizeBytes === undefined) continue;
    if (event.kind === 'BEGIN') yield archive.begin({ ...layer, digest: diffId, sizeBytes });
    else if (event.kind === 'BYTES') yield event.bytes;
    else if (event.digest === diffId) yield archive.end();
    else {
      throw new DamagedArchiveError(`layer ${name} is ${event.digest} unpacked, not ${diffId}`, {
        entry: name,
        expected: diffId,
        actual: event.digest,
      });
    }
  }
  const layers = contents.layers.map((layer): ArchivedLayer => ({
    ...layer,
    digest: layer.diffId,
    sizeBytes: sizeOf.get(layer.diffId)!,
    mediaType: OCI_LAYER_TYPE,
  }));
  yield* archive.finish({ ...contents, layers }, { keepOriginal: false });
}

type LayerEvent = { layer: PassingLayer } & (
  | { kind: 'BEGIN' }
  | { kind: 'BYTES'; bytes: Buffer }
  | { kind: 'END'; digest: string; sizeBytes: number }
);

/** The layers of an archive, unpacked one after the other; returns what the image is. */
async function* unpackedLayers(
  save: AsyncIterable<Buffer>,
  expected: ExpectedImage,
  known: ArchiveKnowledge | undefined,
): AsyncGenerator<LayerEvent, ArchiveContents, void> {
  let steps: (PassingLayer | Buffer | null)[] = [];
  const reader = new ImageArchiveReader(
    expected,
    {
      layerBegin: (layer) => steps.push(layer),
      layerBytes: (bytes) => steps.push(bytes),
      layerEnd: () => steps.push(null),
    },
    known,
  );
  let current: { layer: PassingLayer; unpacker: LayerUnpacker } | null = null;
  try {
    for await (const chunk of save) {
      steps = [];
      reader.push(chunk);
      for (const step of steps) {
        if (step !== null && !Buffer.isBuffer(step)) {
          current = { layer: step, unpacker: new LayerUnpacker(step.name) };
          yield { kind: 'BEGIN', layer: step };
          continue;
        }
        const { layer, unpacker } = current!;
        const unpacked = step === null ? unpacker.end() : unpacker.write(step);
        for await (const bytes of unpacked) yield { kind: 'BYTES', layer, bytes };
        const { sizeBytes } = unpacker;
        if (step === null) yield { kind: 'END', layer, digest: unpacker.digest, sizeBytes };
      }
    }
    return reader.finish();
  } finally {
    current?.unpacker.destroy();
  }
}

function byDiffId(
  { layers }: ArchiveContents,
  sizes: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map(
    layers.map(({ diffId, digest }) => {
      const sizeBytes = sizes.get(digest);
      if (sizeBytes === undefined) throw new Error(`layer ${digest} did not pass`);
      return [diffId, sizeBytes];
    }),
  );
}
