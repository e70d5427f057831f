import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TargetFeed } from '../../src/transfer/target-feed.ts';

const KB = 1024;

suite('what one target is sent', () => {
  test('are the very bytes that were given, and their end', async () => {
    const feed = new TargetFeed({ maxBytesPerSecond: null, onTaken: () => {} });
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
    const feed = new TargetFeed({ maxBytesPerSecond: null, onTaken: () => taken++ });
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

  test('goes no faster than its limit', async () => {
    const feed = new TargetFeed({ maxBytesPerSecond: 1_000 * KB, onTaken: () => {} });
    for (let at = 0; at < 10; at++) feed.give(Buffer.alloc(64 * KB));
    feed.finish();
    const since = performance.now();
    await feed.toArray();
    const ms = performance.now() - since;
    // 640 KB at 1000 KB in a second, of which a tenth of a second's worth may go at once.
    assert.ok(ms > 400, `${ms}`);
  });

  test('whose limit holds it back says so, and a target that leaves then leaves no timer', () => {
    const feed = new TargetFeed({ maxBytesPerSecond: 64 * KB, onTaken: () => {} });
    feed.on('error', () => {});
    for (let at = 0; at < 4; at++) feed.give(Buffer.alloc(64 * KB));
    feed.read();
    assert.equal(feed.isLimited, true);
    feed.destroy();
    assert.equal(feed.isLimited, false);
  });
});
