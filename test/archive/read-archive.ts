import type {
  ArchiveKnowledge,
  ExpectedImage,
  ArchiveContents,
  PassingLayer,
} from '../../src/archive/image-archive.ts';
import { ImageArchiveReader } from '../../src/archive/image-archive-reader.ts';

/** How an archive is read. */
export interface ReadOptions {
  known?: ArchiveKnowledge;
  /** Size of the next chunk; all at once when left out. */
  split?: () => number;
}

/** What a reader told. All but `parts` must not depend on how the archive is split. */
export interface ReadResult {
  contents: ArchiveContents;
  layers: { layer: PassingLayer; bytes: Buffer }[];
  /** The visitor's calls in order, bytes left out. */
  calls: string[];
  /** Bytes of layers as they were handed on. */
  parts: Buffer[];
}

/** Reads a whole archive. */
export function read(
  tar: Buffer,
  expected: ExpectedImage,
  { known, split }: ReadOptions = {},
): ReadResult {
  const calls: string[] = [];
  const layers: { layer: PassingLayer; bytes: Buffer }[] = [];
  const parts: Buffer[] = [];
  let open: Buffer[] = [];
  const reader = new ImageArchiveReader(
    expected,
    {
      layerBegin: (layer) => {
        open = [];
        calls.push(`begin ${layer.name}`);
        layers.push({ layer, bytes: Buffer.alloc(0) });
      },
      layerBytes: (bytes) => {
        open.push(bytes);
        parts.push(bytes);
      },
      layerEnd: () => {
        calls.push('end');
        layers.at(-1)!.bytes = Buffer.concat(open);
      },
      known: (knowledge) => calls.push(`known ${JSON.stringify(knowledge)}`),
    },
    known,
  );
  for (let at = 0; at < tar.length;) {
    const size = split?.() ?? tar.length;
    reader.push(tar.subarray(at, at + size));
    at += size;
  }
  return { contents: reader.finish(), layers, calls, parts };
}
