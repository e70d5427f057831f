import { TarWalk } from '../../src/archive/tar-walk.ts';
import type { Alteration } from '../support/engine-proxy.ts';

/** One bit of the byte at this offset is another. */
export function flippedAt(offset: number): Alteration {
  return async function* flipped(chunks) {
    let passed = 0;
    for await (const chunk of chunks) {
      const at = offset - passed;
      if (at >= 0 && at < chunk.length) chunk[at]! ^= 1;
      passed += chunk.length;
      yield chunk;
    }
  };
}

/** After the first file that is larger than this the archive ends, in good order or not. */
export function cutAfter(largerThan: number, by: 'END' | 'BREAK'): Alteration {
  return async function* cut(chunks) {
    let size = 0;
    let isOver = false;
    let parts: Buffer[] = [];
    const walk = new TarWalk({
      begin: (head) => {
        ({ size } = head);
      },
      content: () => {},
      end: () => {
        isOver ||= size > largerThan;
      },
      raw: (bytes) => {
        if (!isOver) parts.push(bytes);
      },
    });
    for await (const chunk of chunks) {
      walk.push(chunk);
      yield* parts;
      parts = [];
      if (!isOver) continue;
      if (by === 'BREAK') throw new Error('broken off');
      return;
    }
  };
}
