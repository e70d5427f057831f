import type { Readable } from 'node:stream';
import { ImageArchiveReader } from '../archive/image-archive-reader.ts';
import type { ArchiveKnowledge, ExpectedImage } from '../archive/image-archive.ts';
import { eachChunk } from './each-chunk.ts';
import type { ReadImage } from './image-read.ts';

/** What a save is read with. */
export interface SaveOptions {
  expected: ExpectedImage;
  /** How the archive names its layers, where that is known. */
  knowledge: (signal: AbortSignal) => Promise<ArchiveKnowledge | undefined>;
  /** Opens the source's save. */
  open: (signal: AbortSignal) => Promise<Readable>;
}

/** Reads an image from its host's save, in which all of its layers come by. */
export function readSave({ expected, knowledge, open }: SaveOptions): ReadImage {
  return async ({ visitor, signal, gathered, begin, took, chunks }) => {
    const reader = new ImageArchiveReader(expected, visitor, await knowledge(signal));
    const save = await open(signal);
    const onAbort = () => save.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    let hasBegun = false;
    const start = async () => {
      await gathered();
      hasBegun = true;
      begin();
    };
    try {
      signal.throwIfAborted();
      const take = (chunk: Buffer) => {
        const { length } = chunk;
        chunks.own(chunk);
        reader.push(chunk);
        chunks.release(chunk);
        return took(length);
      };
      await eachChunk(save, (chunk) => (hasBegun ? take(chunk) : start().then(() => take(chunk))));
      if (!hasBegun) await start();
      signal.throwIfAborted();
      return reader.finish();
    } finally {
      signal.removeEventListener('abort', onAbort);
      save.destroy();
    }
  };
}
