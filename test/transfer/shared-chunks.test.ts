import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SharedChunks } from '../../src/transfer/shared-chunks.ts';

suite('chunks that several targets are sent', () => {
  test('are freed when nobody holds them any more, and not before', () => {
    const chunks = new SharedChunks();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    chunks.own(chunk);
    const part = chunk.subarray(100, 200);
    chunks.hold(part);
    chunks.hold(chunk.subarray(200));
    chunks.release(chunk);
    chunks.release(part);
    assert.equal(chunk.toString('latin1', 0, 3), 'xxx');
    chunks.release(chunk.subarray(200));
    assert.equal(chunk.length, 0);
    assert.equal(part.length, 0);
  });

  test('are left alone where they are parts of something larger', () => {
    const chunks = new SharedChunks();
    const whole = Buffer.alloc(64 * 1024, 'x');
    const chunk = whole.subarray(0, 1024);
    chunks.own(chunk);
    chunks.release(chunk);
    assert.equal(whole.toString('latin1', 0, 3), 'xxx');
  });

  test('are left alone where they belong to somebody else', () => {
    const chunks = new SharedChunks();
    const header = Buffer.alloc(512, 'x');
    chunks.hold(header);
    chunks.release(header);
    assert.equal(header.toString('latin1', 0, 3), 'xxx');
  });
});
