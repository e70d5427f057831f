import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LayerUpload } from '../../src/engine/layers/layer-upload.ts';

test('a layer that is given up while it turns out not to be gzip does no harm', async () => {
  const stop = new AbortController();
  const request = new PassThrough();
  const upload = new LayerUpload();
  const received = upload.receive(request as unknown as IncomingMessage, () => true, stop.signal);
  received.catch(() => {});
  request.write(Buffer.alloc(1000, 'no gzip'));
  // Without letting go: the bytes are then still being unpacked.
  while (upload.packedBytes === 0) await new Promise<void>((done) => process.nextTick(done));
  stop.abort();
  // An exception that nobody catches would come about now, and fail the test.
  await delay(50);
  request.destroy(new Error('the connection was closed'));
  await assert.rejects(received);
  assert.equal(upload.keptBytes, 0);
});
