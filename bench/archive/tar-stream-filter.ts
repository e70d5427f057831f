import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';

/** Reads a tar by tar-stream and drops what is in it. */
export async function extractAll(saved: Readable): Promise<void> {
  const reader = extract();
  reader.on('entry', (_, entry, next) => {
    entry.on('end', next).resume();
  });
  await pipeline(saved, reader);
}

/** Reads a tar by tar-stream, hashes every file and writes it again; answers how many bytes. */
export async function hashAndPack(saved: Readable): Promise<number> {
  const reader = extract();
  const writer = pack();
  reader.on('entry', (header, entry, next) => {
    const hash = createHash('sha256');
    const out = writer.entry({ name: header.name, size: header.size }, (error) => {
      hash.digest('hex');
      next(error ?? undefined);
    });
    entry.on('data', (bytes: Buffer) => hash.update(bytes)).pipe(out);
  });
  const written = drained(writer);
  await pipeline(saved, reader);
  writer.finalize();
  return written;
}

async function drained(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
}
