import type {
  ArchiveKnowledge,
  ExpectedImage,
  ArchiveContents,
  PassingLayer,
} from '../../src/archive/image-archive.ts';
import { ImageArchiveReader } from '../../src/archive/image-archive-reader.ts';
import { UniversalArchive } from '../../src/archive/universal-archive.ts';

/** How an archive is made into a universal one. */
export interface ThroughOptions {
  keepOriginal?: boolean;
  /** Layers of other platforms are not sent, where they are known for that. */
  onlyPlatform?: boolean;
  /** diffIDs that the target has. */
  leaveOut?: ReadonlySet<string>;
  known?: ArchiveKnowledge;
}

/** What came out at the end. */
export interface ThroughResult {
  contents: ArchiveContents;
  rootDigest: string | null;
  /** Layers that were sent. */
  sent: PassingLayer[];
}

/** A saved archive as the universal one, chunk by chunk; the generator returns what it was. */
export async function* throughArchive(
  saved: AsyncIterable<Buffer>,
  expected: ExpectedImage,
  {
    keepOriginal = true,
    onlyPlatform = !keepOriginal,
    leaveOut = new Set(),
    known,
  }: ThroughOptions = {},
): AsyncGenerator<Buffer, ThroughResult> {
  const archive = new UniversalArchive();
  const sent: PassingLayer[] = [];
  let out: Buffer[] = [];
  let isSent = false;
  const reader = new ImageArchiveReader(
    expected,
    {
      layerBegin: (layer) => {
        isSent = !onlyPlatform || layer.isOfPlatform;
        if (layer.diffId !== null && leaveOut.has(layer.diffId)) isSent = false;
        if (!isSent) return;
        sent.push(layer);
        out.push(archive.begin(layer));
      },
      layerBytes: (bytes) => {
        if (isSent) out.push(bytes);
      },
      layerEnd: () => {
        if (isSent) out.push(archive.end());
      },
    },
    known,
  );
  for await (const chunk of saved) {
    reader.push(chunk);
    const ready = out;
    out = [];
    yield* ready;
  }
  const contents = reader.finish();
  yield* archive.finish(contents, { keepOriginal });
  return { contents, rootDigest: archive.rootDigest, sent };
}

/** The whole universal archive in memory. */
export async function collected(
  parts: AsyncGenerator<Buffer, ThroughResult>,
): Promise<ThroughResult & { bytes: Buffer }> {
  const chunks: Buffer[] = [];
  for (;;) {
    const next = await parts.next();
    if (next.done === true) return { ...next.value, bytes: Buffer.concat(chunks) };
    chunks.push(next.value);
  }
}
