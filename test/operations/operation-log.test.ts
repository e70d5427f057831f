import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LOG_BOUNDS, LogBuffer, toLogLines } from '../../src/operations/operation-log.ts';

suite('log lines', () => {
  const texts = (text: string) => toLogLines(text, 1, 'alpha').map(({ text }) => text);

  test('are what a text has', () => {
    assert.deepEqual(toLogLines('one', 1, null), [{ at: 1, host: null, text: 'one' }]);
    assert.deepEqual(texts('one\ntwo\r\n\nfour\n\n'), ['one', 'two', '', 'four']);
  });

  test('are cut where they are too long, between characters', () => {
    const { lineBytes } = LOG_BOUNDS;
    assert.deepEqual(texts('x'.repeat(lineBytes)), ['x'.repeat(lineBytes)]);
    for (const long of ['x'.repeat(lineBytes + 1), 'ä€😀'.repeat(lineBytes)]) {
      const [cut] = texts(long) as [string];
      assert.ok(Buffer.byteLength(cut) <= lineBytes);
      assert.ok(Buffer.byteLength(cut) > lineBytes - 8);
      assert.ok(cut.endsWith('…') && long.startsWith(cut.slice(0, -1)));
    }
  });

  test('that wait are bounded in number and bytes', () => {
    const buffer = new LogBuffer();
    for (let at = 0; at < 100_000; at++) buffer.add(toLogLines(`${at}`, 1, null));
    const lines = buffer.take();
    assert.equal(lines.length, LOG_BOUNDS.lines);
    assert.equal(lines.at(-1)!.text, '99999');
    assert.ok(buffer.isEmpty);
    assert.deepEqual(buffer.take(), []);
    for (let at = 0; at < 1000; at++) buffer.add(toLogLines('x'.repeat(5000), 1, null));
    assert.equal(buffer.take().length, Math.floor(LOG_BOUNDS.bytes / 5000));
  });
});
