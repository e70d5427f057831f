import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import type { ReadTargetOptions } from '../../src/transfer/image-read.ts';
import { readSave } from '../../src/transfer/read-save.ts';
import { ReadRoom } from '../../src/transfer/read-room.ts';

const EXPECTED = {
  id: `sha256:${'a'.repeat(64)}`,
  diffIds: [],
  os: 'linux',
  architecture: 'amd64',
  variant: null,
};
const TARGET: ReadTargetOptions = {
  leavesOut: () => false,
  keepOriginal: false,
  takesZstd: true,
  maxBytesPerSecond: null,
  onLayer: () => {},
  onLayerBytes: () => {},
};

suite('where targets meet for a read', () => {
  test('one that comes before the first byte shares it, also where nobody knew of it', async () => {
    const room = new ReadRoom();
    const opened = Promise.withResolvers<Readable>();
    let opens = 0;
    const join = () =>
      room.join(
        { key: 'app', isAwaited: () => false },
        {
          source: 'alpha',
          read: readSave({
            expected: EXPECTED,
            knowledge: async () => undefined,
            open: () => {
              opens++;
              return opened.promise;
            },
          }),
        },
        TARGET,
      );
    const first = join();
    await new Promise(setImmediate);
    const second = join();
    assert.equal(room.readsOn('alpha'), 1);
    opened.resolve(Readable.from([Buffer.alloc(1024)]));
    // No image in there: what counts is that both were told, of one read.
    await Promise.allSettled([first.contents, second.contents]);
    assert.equal(opens, 1);
  });
});
