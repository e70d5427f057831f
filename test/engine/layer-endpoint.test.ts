import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { until } from '../support/settle.ts';
import { layerOf, REPOSITORY, startPushTarget } from './layer-push.ts';
import type { PushedLayer } from './layer-push.ts';

const MB = 1024 * 1024;

function wanting(...layers: PushedLayer[]) {
  return startPushTarget({ diffIds: new Set(layers.map(({ diffId }) => diffId)) });
}

/** What was taken, as a test compares it. */
async function takenOf({ endpoint }: Awaited<ReturnType<typeof wanting>>) {
  return (await endpoint.taken).map(({ diffId, sizeBytes, chunks }) => {
    const tar = Buffer.concat(chunks);
    assert.equal(tar.length, sizeBytes);
    return { diffId, tar };
  });
}

function asTaken(...layers: PushedLayer[]) {
  return layers.map(({ diffId, tar }) => ({ diffId, tar }));
}

/** Whether a promise has settled once the endpoint has answered something asked after it. */
async function isPending(
  promise: Promise<unknown>,
  target: Awaited<ReturnType<typeof wanting>>,
): Promise<boolean> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await target.ask('GET', '/v2/');
  return !isSettled;
}

suite('a layer endpoint', () => {
  test('takes the wanted layers out of a push, whatever comes first', async () => {
    const [base, middle, top] = [layerOf(MB), layerOf(MB), layerOf(3 * MB)];
    for (const order of [
      [top, middle],
      [base, top, middle],
      [middle, base, top],
    ]) {
      await using target = await wanting(top, middle);
      for (const layer of order) {
        const upload = target.open(await target.begin());
        upload.request.write(layer.packed.subarray(0, 1000));
        target.endpoint.pushing(layer.shortId);
        upload.request.end(layer.packed.subarray(1000));
      }
      const taken = await takenOf(target);
      const byId = new Map(taken.map(({ diffId, tar }) => [diffId, tar]));
      assert.deepEqual(byId, new Map([top, middle].map(({ diffId, tar }) => [diffId, tar])));
    }
  });

  test('lets one upload begin at a time, until progress says which layer it is', async () => {
    const [base, top] = [layerOf(MB), layerOf(MB)];
    await using target = await wanting(top);
    const first = await target.begin();
    const second = target.begin();
    assert.ok(await isPending(second, target));
    target.open(first).request.write(base.packed.subarray(0, 1000));
    assert.ok(await isPending(second, target));
    target.endpoint.pushing(base.shortId);
    assert.equal(await target.send(await second, top), 202);
    assert.deepEqual(await takenOf(target), asTaken(top));
  });

  test('lets nothing begin when all that is wanted moves', async () => {
    const top = layerOf(MB);
    await using target = await wanting(top);
    const upload = target.open(await target.begin());
    upload.request.write(top.packed.subarray(0, 1000));
    target.endpoint.pushing(top.shortId);
    const second = target.begin();
    assert.ok(await isPending(second, target));
    upload.request.end(top.packed.subarray(1000));
    assert.deepEqual(await takenOf(target), asTaken(top));
    assert.ok(await isPending(second, target));
    target.endpoint.close();
    await assert.rejects(second);
  });

  test('reads no further what is not wanted, and gives it no answer', async () => {
    const [base, top] = [layerOf(32 * MB), layerOf(MB)];
    await using target = await wanting(top);
    const upload = target.open(await target.begin());
    upload.request.write(base.packed.subarray(0, 1000));
    await until(() => upload.readBytes() > 1000, 'the beginning came');
    target.endpoint.pushing(base.shortId);
    upload.request.end(base.packed.subarray(1000));
    assert.equal(await target.send(await target.begin(), top), 202);
    assert.deepEqual(await takenOf(target), asTaken(top));
    assert.equal(upload.answer, null);
    assert.ok(upload.readBytes() < MB, `${upload.readBytes()} bytes were read`);
  });

  test('needs no progress: an upload that has ended says itself which layer it was', async () => {
    const [base, middle, top] = [layerOf(10_000), layerOf(20_000), layerOf(30_000)];
    await using target = await wanting(middle, top);
    for (const layer of [base, top, middle]) {
      assert.equal(await target.send(await target.begin(), layer), 202);
    }
    assert.deepEqual(await takenOf(target), asTaken(top, middle));
  });

  test('is not misled by progress that comes when its upload has ended', async () => {
    const [base, top] = [layerOf(10_000), layerOf(MB)];
    await using target = await wanting(top);
    assert.equal(await target.send(await target.begin(), base), 202);
    const upload = target.open(await target.begin());
    upload.request.write(top.packed.subarray(0, 1000));
    target.endpoint.pushing(base.shortId);
    target.endpoint.pushing(base.shortId);
    upload.request.end(top.packed.subarray(1000));
    assert.deepEqual(await takenOf(target), asTaken(top));
  });

  test('ends an upload as a registry does, and knows the blob from then on', async () => {
    const top = layerOf(10_000);
    await using target = await wanting(top);
    const location = await target.begin();
    await target.send(location, top);
    const digest = `sha256:${'ab'.repeat(32)}`;
    const blob = `/v2/${REPOSITORY}/blobs/${digest}`;
    assert.equal((await target.ask('HEAD', blob)).status, 404);
    const put = await target.ask('PUT', `${location}?digest=${digest}`);
    assert.deepEqual([put.status, put.headers['docker-content-digest']], [201, digest]);
    const { status, headers } = await target.ask('HEAD', blob);
    assert.deepEqual([status, headers['content-length']], [200, `${top.packed.length}`]);
  });

  test('takes no manifest: a push to it does not succeed', async () => {
    await using target = await wanting();
    const manifest = `/v2/${REPOSITORY}/manifests/1`;
    assert.equal((await target.ask('HEAD', manifest)).status, 404);
    const { status, body } = await target.ask('PUT', manifest, Buffer.from('{}'));
    assert.equal(status, 405);
    assert.match(body, /UNSUPPORTED/);
  });

  test('knows no other repository, and tells whether its own was asked for', async () => {
    await using target = await wanting();
    assert.equal((await target.ask('GET', '/v2/')).status, 200);
    for (const path of [
      '/',
      '/v2/library/busybox/blobs/uploads/',
      `/v2/${REPOSITORY}4/tags/list`,
    ]) {
      const { status, body } = await target.ask('POST', path);
      assert.deepEqual([status, JSON.parse(body).errors[0].code], [404, 'NAME_UNKNOWN'], path);
    }
    assert.equal(target.endpoint.wasAsked, false);
    await target.ask('HEAD', `/v2/${REPOSITORY}/manifests/1`);
    assert.equal(target.endpoint.wasAsked, true);
    const unknown = `/v2/${REPOSITORY}/blobs/uploads/7`;
    assert.equal((await target.ask('PATCH', unknown, Buffer.from('x'))).status, 404);
  });

  test('lets as many uploads wait as images have layers, twice over', async () => {
    await using target = await wanting(layerOf(10));
    const said: string[] = [];
    const begins = Array.from({ length: 300 }, () =>
      target.begin().catch((error: Error) => void said.push(error.message)),
    );
    await until(() => said.length === 300 - 256, 'the others were refused');
    for (const refusal of said) assert.match(refusal, /^429: .*TOOMANYREQUESTS/);
    target.endpoint.close();
    const locations = await Promise.all(begins);
    assert.equal(locations.filter(Boolean).length, 1);
  });
});

suite('a layer endpoint gives up', () => {
  test('when what comes is not gzip', async () => {
    for (const bytes of [20, 8 * MB]) {
      const top = layerOf(bytes);
      await using target = await wanting(top);
      const upload = target.open(await target.begin());
      upload.request.end(top.tar);
      await assert.rejects(target.endpoint.taken, {
        code: 'ENGINE_ERROR',
        host: 'alpha',
        message: /^the layers that alpha pushed cannot be taken: incorrect header check$/,
      });
    }
  });

  test('when an upload breaks off', async () => {
    const top = layerOf(MB);
    await using target = await wanting(top);
    const upload = target.open(await target.begin());
    upload.request.write(top.packed.subarray(0, 100_000));
    await until(() => upload.readBytes() > 100_000, 'the beginning came');
    upload.request.destroy();
    await assert.rejects(target.endpoint.taken, {
      code: 'ENGINE_ERROR',
      message: /^the layers that alpha pushed cannot be taken: aborted$/,
    });
  });

  test('when the gzip ends too early', async () => {
    const top = layerOf(MB);
    await using target = await wanting(top);
    const packed = top.packed.subarray(0, 100_000);
    void target.open(await target.begin()).request.end(packed);
    await assert.rejects(target.endpoint.taken, { message: /unexpected end of file/ });
  });

  test('when more comes than may be kept, of all layers together', async () => {
    const [one, other] = [layerOf(3 * MB), layerOf(3 * MB)];
    await using target = await startPushTarget({
      diffIds: new Set([one.diffId, other.diffId]),
      maxBytes: 5 * MB,
    });
    assert.equal(await target.send(await target.begin(), one), 202);
    const upload = target.open(await target.begin());
    upload.request.end(other.packed);
    await assert.rejects(target.endpoint.taken, {
      code: 'ENGINE_ERROR',
      message: /larger than it seemed/,
    });
  });

  test('but not for the size of what is not wanted, when progress names it', async () => {
    const [base, top] = [layerOf(8 * MB), layerOf(MB)];
    await using target = await startPushTarget({
      diffIds: new Set([top.diffId]),
      maxBytes: 2 * MB,
    });
    const upload = target.open(await target.begin());
    upload.request.write(base.packed.subarray(0, 1000));
    target.endpoint.pushing(base.shortId);
    upload.request.end(base.packed.subarray(1000));
    assert.equal(await target.send(await target.begin(), top), 202);
    assert.deepEqual(await takenOf(target), asTaken(top));
  });

  test('when it is closed: every connection goes, waited for or not', async () => {
    const [base, top] = [layerOf(8 * MB), layerOf(MB)];
    await using target = await wanting(top);
    const parked = target.open(await target.begin());
    parked.request.write(base.packed.subarray(0, 1000));
    target.endpoint.pushing(base.shortId);
    parked.request.end(base.packed.subarray(1000));
    const moving = target.open(await target.begin());
    moving.request.write(top.packed.subarray(0, 1000));
    const begins = Array.from({ length: 5 }, () => target.begin());
    const ends = Promise.allSettled(begins);
    await until(() => target.connections === 7, 'all of them wait');
    target.endpoint.close();
    await assert.rejects(target.endpoint.taken, { code: 'HOST_UNREACHABLE', host: 'alpha' });
    await until(() => target.connections === 0, 'every connection is closed');
    for (const { status } of await ends) assert.equal(status, 'rejected');
    await until(() => parked.answer === 'broken' && moving.answer === 'broken', 'both broke');
    // One that came too late goes, too.
    await assert.rejects(target.ask('GET', '/v2/'));
  });
});
