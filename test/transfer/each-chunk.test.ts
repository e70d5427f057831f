import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { eachChunk } from '../../src/transfer/each-chunk.ts';

const CHUNKS = ['one', 'two', 'three'].map((text) => Buffer.from(text));

/** A stream in which these chunks wait already. */
function waiting(chunks: readonly Buffer[]): PassThrough {
  const stream = new PassThrough();
  for (const chunk of chunks) stream.write(chunk);
  return stream;
}

suite('each chunk', () => {
  test('comes as it was, also where several are waiting', async () => {
    const stream = waiting(CHUNKS);
    stream.end();
    const taken: Buffer[] = [];
    await eachChunk(stream, (chunk) => {
      taken.push(chunk);
      return null;
    });
    assert.deepEqual(taken, CHUNKS);
    // Not even copied.
    assert.ok(taken.every((chunk, at) => chunk.buffer === CHUNKS[at]!.buffer));
  });

  test('is the last one until its promise has resolved', async () => {
    const stream = waiting(CHUNKS);
    stream.end();
    let underWay = 0;
    let taken = 0;
    await eachChunk(stream, async () => {
      assert.equal(underWay++, 0);
      await new Promise(setImmediate);
      underWay--;
      taken++;
    });
    assert.equal(taken, CHUNKS.length);
  });

  test('that is refused, at once or later, destroys the stream and is the error', async () => {
    const refusal = new Error('no such layer');
    for (const take of [
      () => {
        throw refusal;
      },
      () => Promise.reject(refusal),
    ]) {
      const stream = waiting(CHUNKS);
      await assert.rejects(eachChunk(stream, take), refusal);
      assert.ok(stream.destroyed);
    }
  });

  test('comes no more of a stream that is destroyed without a word: that is no end', async () => {
    const stream = waiting(CHUNKS);
    let taken = 0;
    const read = eachChunk(stream, () => {
      taken++;
      stream.destroy();
      return null;
    });
    await assert.rejects(read, { code: 'ERR_STREAM_PREMATURE_CLOSE' });
    assert.equal(taken, 1);
  });
});
