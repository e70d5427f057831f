import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Resolves when there is something to read, or the end. Rejects as the stream fails. */
export async function readable(stream: Readable): Promise<void> {
  if (stream.errored) throw stream.errored;
  if (stream.readableLength === 0 && !stream.readableEnded) await once(stream, 'readable');
}

/**
 * Gives the chunks of a stream to `take` one by one and as they came: an async iterator would copy
 * those that are waiting into one. A promise that `take` returns holds the stream back until then.
 * What `take` throws destroys the stream and is thrown.
 */
export async function eachChunk(
  stream: Readable,
  take: (chunk: Buffer) => Promise<void> | null,
): Promise<void> {
  const guard = (error: unknown) => stream.destroy(error as Error);
  stream.on('data', (chunk: Buffer) => {
    if (stream.destroyed) return;
    try {
      const wait = take(chunk);
      if (wait === null) return;
      stream.pause();
      wait.then(() => stream.resume(), guard);
    } catch (error) {
      guard(error);
    }
  });
  await finished(stream, { writable: false });
}
