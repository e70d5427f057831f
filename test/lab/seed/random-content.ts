import { createCipheriv, createHash } from 'node:crypto';
import type { GeneratedContent } from './tar-writer.ts';

const CHUNK = 1024 * 1024;

/**
 * Bytes that look random (no engine or link can compress them) and are the same for the same
 * seed: an AES-CTR key stream, which is the fastest generator that Node has.
 */
export function randomContent(seed: string, size: number): GeneratedContent {
  return {
    size,
    *chunks() {
      const key = createHash('sha256').update(seed).digest().subarray(0, 16);
      const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
      const zeros = Buffer.alloc(CHUNK);
      for (let left = size; left > 0; left -= CHUNK) {
        yield cipher.update(left >= CHUNK ? zeros : zeros.subarray(0, left));
      }
    },
  };
}
