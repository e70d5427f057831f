import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { NdjsonDecoder } from '../../src/engine/ndjson.ts';

const TEXT = '{"a":"é€😀"}\r\n\n  \r\n[1,2]\n"last"';
const VALUES = [{ a: 'é€😀' }, [1, 2], 'last'];

function decode(chunks: Uint8Array[], maxLineBytes?: number): unknown[] {
  const decoder = new NdjsonDecoder('alpha', maxLineBytes);
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

suite('JSON lines', () => {
  const bytes = Buffer.from(TEXT);

  test('are the same wherever the bytes are cut in two', () => {
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(decode([bytes.subarray(0, at), bytes.subarray(at)]), VALUES, `cut at ${at}`);
    }
  });

  test('are the same byte by byte', () => {
    assert.deepEqual(decode(Array.from(bytes, (byte) => Uint8Array.of(byte))), VALUES);
  });

  test('are told as soon as they end', () => {
    const decoder = new NdjsonDecoder('alpha');
    assert.deepEqual(decoder.push(Buffer.from('1\n2\n3')), [1, 2]);
    assert.deepEqual(decoder.push(Buffer.from('4\n')), [34]);
    assert.deepEqual(decoder.end(), []);
  });

  test('that are not JSON end in an error that quotes them on one line', () => {
    assert.throws(() => decode([Buffer.from('<html>\r\n')]), {
      code: 'ENGINE_ERROR',
      host: 'alpha',
      message: /not JSON: "<html>"/,
    });
  });

  test('cut off at the end of the stream are an error', () => {
    assert.throws(() => decode([Buffer.from('{"a":')]), { code: 'ENGINE_ERROR' });
  });

  test('have a bound, kept while they come', () => {
    const decoder = new NdjsonDecoder('alpha', 10);
    assert.deepEqual(decoder.push(Buffer.from('"123456"\n"1234')), ['123456']);
    assert.throws(() => decoder.push(Buffer.from('567890')), { code: 'ENGINE_ERROR' });
  });
});
