import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { TakenLayer } from '../image-verbs.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * One layer on its way from an engine that pushes it, unpacked as it comes and kept whole: a tar says
 * how large a file is before the file, and nobody knows that of a layer until it has come.
 */
export class LayerUpload {
  #chunks: Buffer[] = [];
  #keptBytes = 0;
  #packedBytes = 0;
  #isParked = false;

  /** What is in memory of it. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** What has come, as it came. */
  get packedBytes(): number {
    return this.#packedBytes;
  }

  /** Reads no further and forgets what has come: the engine waits, with its request open. */
  park(): void {
    this.#isParked = true;
    this.#forget();
  }

  /** Reads it to its end. `mayKeep` is asked whenever more of it is in memory. */
  async receive(
    request: IncomingMessage,
    mayKeep: () => boolean,
    signal: AbortSignal,
  ): Promise<TakenLayer> {
    const hash = createHash('sha256');
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    gunzip.on('data', (bytes: Buffer) => {
      if (this.#isParked || gunzip.destroyed) return;
      hash.update(bytes);
      this.#chunks.push(bytes);
      this.#keptBytes += bytes.length;
      if (!mayKeep()) gunzip.destroy(new Error('the layers are larger than it seemed'));
    });
    // Who waits for it may have been told to stop a moment before it fails.
    gunzip.on('error', () => {});
    const unpacked = once(gunzip, 'end', { signal });
    unpacked.catch(() => {});
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        if (this.#isParked) await once(signal, 'abort');
        signal.throwIfAborted();
        this.#packedBytes += chunk.length;
        if (!gunzip.write(chunk)) await Promise.race([once(gunzip, 'drain', { signal }), unpacked]);
      }
      gunzip.end();
      await unpacked;
    } catch (error) {
      this.#forget();
      throw error;
    } finally {
      gunzip.destroy();
    }
    return {
      diffId: `sha256:${hash.digest('hex')}`,
      sizeBytes: this.#keptBytes,
      chunks: this.#chunks,
    };
  }

  #forget(): void {
    this.#chunks = [];
    this.#keptBytes = 0;
  }
}
