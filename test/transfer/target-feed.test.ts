import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TargetFeed } from '../../src/transfer/target-feed.ts';

const KB = 1024;
const OPTIONS = { maxBytesPerSecond: null, onTaken: () => {}, onSent: () => {} };

suite('what one target is sent', () => {
  test('are the very bytes that were given, and their end', async () => {
    const feed = new TargetFeed(OPTIONS);
    const given = ['a', 'b', 'c'].map((text) => Buffer.from(text));
    for (const bytes of given) feed.give(bytes);
    feed.give(Buffer.alloc(0));
    feed.finish();
    const chunks = await feed.toArray();
    assert.equal(Buffer.concat(chunks as Buffer[]).toString(), 'abc');
    assert.equal(feed.takenBytes, 3);
    assert.equal(feed.pendingBytes, 0);
  });

  test('is counted as pending until it is taken, and gone when the target leaves', () => {
    let taken = 0;
    const feed = new TargetFeed({ ...OPTIONS, onTaken: () => taken++ });
    feed.on('error', () => {});
    for (let at = 0; at < 10; at++) feed.give(Buffer.alloc(64 * KB));
    assert.equal(feed.pendingBytes, 640 * KB);
    feed.read();
    assert.ok(feed.pendingBytes < 640 * KB && feed.pendingBytes > 0);
    assert.equal(feed.takenBytes + feed.pendingBytes, 640 * KB);
    assert.ok(taken > 0);
    const before = taken;
    feed.destroy(new Error('left'));
    assert.equal(feed.pendingBytes, 0);
    assert.ok(taken > before);
    feed.give(Buffer.alloc(KB));
    assert.equal(feed.pendingBytes, 0);
  });

  test('is let go of in order, when all of a piece has been sent', () => {
    const sent: Buffer[] = [];
    const feed = new TargetFeed({ ...OPTIONS, onSent: (bytes) => sent.push(bytes) });
    const [first, second, third] = [3, 4, 5].map((size) => Buffer.alloc(size)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    for (const bytes of [first, second, third]) feed.give(bytes);
    feed.read();
    feed.sent(2);
    assert.deepEqual(sent, []);
    feed.sent(6);
    assert.deepEqual(sent, [first, second]);
    feed.sent(4);
    assert.deepEqual(sent, [first, second, third]);
  });

  test('goes no faster than its limit', async () => {
    const feed = new TargetFeed({ ...OPTIONS, maxBytesPerSecond: 1_000 * KB });
    for (let at = 0; at < 10; at++) feed.give(Buffer.alloc(64 * KB));
    feed.finish();
    const since = performance.now();
    await feed.toArray();
    const ms = performance.now() - since;
    // 640 KB at 1000 KB in a second, of which a tenth of a second's worth may go at once.
    assert.ok(ms > 400, `${ms}`);
  });

  test('whose limit holds it back says so, and a target that leaves then leaves no timer', () => {
    const feed = new TargetFeed({ ...OPTIONS, maxBytesPerSecond: 64 * KB });
    feed.on('error', () => {});
    for (let at = 0; at < 4; at++) feed.give(Buffer.alloc(64 * KB));
    feed.read();
    assert.equal(feed.isLimited, true);
    feed.destroy();
    assert.equal(feed.isLimited, false);
  });
});
