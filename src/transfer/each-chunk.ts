import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/**
 * Gives the chunks of a stream to `take` one by one and as they came: an async iterator would copy
 * those that are waiting into one. A promise that `take` returns holds the stream back until then.
 * What `take` throws destroys the stream and is thrown.
 */
export async function eachChunk(
  stream: Readable,
  take: (chunk: Buffer) => Promise<unknown> | null,
): Promise<void> {
  const guard = (error: unknown) => stream.destroy(error as Error);
  let last: Promise<unknown> = Promise.resolve();
  stream.on('data', (chunk: Buffer) => {
    if (stream.destroyed) return;
    try {
      const wait = take(chunk);
      if (wait === null) return;
      last = wait;
      stream.pause();
      wait.then(() => stream.resume(), guard);
    } catch (error) {
      guard(error);
    }
  });
  await finished(stream, { writable: false });
  // A stream ends with its last chunk, also while it is held back.
  await last;
}
