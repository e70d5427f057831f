import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import { ContentEndpoint } from '../../src/engine/layers/content-endpoint.ts';
import { until } from '../support/settle.ts';
import { REPOSITORY, serveEndpoint } from './layer-push.ts';
import type { ServedEndpoint } from './layer-push.ts';

const OWN = `/v2/${REPOSITORY}`;
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const KIB = 1024;

interface Blob {
  bytes: Buffer;
  digest: string;
}

function blob(bytes: Buffer): Blob {
  return { bytes, digest: digestOf(bytes) };
}

async function start(maxBytes = 1024 * KIB) {
  const endpoint = new ContentEndpoint('alpha', REPOSITORY, maxBytes);
  return { endpoint, served: await serveEndpoint(endpoint) };
}

/** Asks whether a blob is there, and sends it where it is not, as a containerd store does. */
async function push({ ask }: ServedEndpoint, { bytes, digest }: Blob): Promise<number> {
  const { status } = await ask('HEAD', `${OWN}/blobs/${digest}`);
  if (status === 200) return status;
  const { headers } = await ask('POST', `${OWN}/blobs/uploads/`);
  return (await ask('PUT', `${headers.location}?digest=${digest}`, bytes)).status;
}

function put({ ask }: ServedEndpoint, name: string, { bytes }: Blob, type = MANIFEST_TYPE) {
  return ask('PUT', `${OWN}/manifests/${name}`, bytes, type);
}

suite('a content endpoint', () => {
  test('takes documents while it says of every blob that it is there', async () => {
    const { endpoint, served } = await start();
    await using _ = served;
    const [layer, manifest, index] = ['layer', '{"layers":[]}', '{"manifests":[]}'].map((text) =>
      blob(Buffer.from(text)),
    );
    assert.equal(await push(served, layer!), 200);
    assert.equal((await put(served, manifest!.digest, manifest!)).status, 201);
    const { status, body } = await put(served, 'until-1', index!, INDEX_TYPE);
    assert.equal(status, 400, 'the whole image is not taken');
    assert.match(body, /MANIFEST_INVALID/);
    const { root, documents } = await endpoint.documents;
    assert.deepEqual(root, {
      digest: index!.digest,
      size: index!.bytes.length,
      mediaType: INDEX_TYPE,
    });
    assert.deepEqual([...documents.keys()], [manifest!.digest, index!.digest]);
    assert.deepEqual(documents.get(index!.digest), index!.bytes);
  });

  test('takes the wanted blobs of those that are pushed', async () => {
    const { endpoint, served } = await start();
    await using _ = served;
    const blobs = [1, 200, 300].map((size) => blob(randomBytes(size * KIB)));
    const [config, base, top] = blobs as [Blob, Blob, Blob];
    const taken = endpoint.want(new Set([config.digest, top.digest]));
    const statuses = await Promise.all(blobs.map((one) => push(served, one)));
    assert.deepEqual(statuses, [201, 200, 201]);
    const came = [...(await taken)].map(([digest, chunks]) => [digest, Buffer.concat(chunks)]);
    assert.deepEqual(
      new Map(came as [string, Buffer][]),
      new Map([config, top].map(({ digest, bytes }) => [digest, bytes])),
    );
    assert.equal(await push(served, top), 200, 'it is not sent twice');
    assert.equal(await push(served, base), 200);
  });

  test('wants nothing where there is nothing to want', async () => {
    const { endpoint, served } = await start();
    await using _ = served;
    assert.equal((await endpoint.want(new Set())).size, 0);
  });

  test('is not there for others', async () => {
    const { endpoint, served } = await start();
    await using _ = served;
    assert.equal((await served.ask('HEAD', '/v2/library/app/blobs/x')).status, 404);
    assert.equal(endpoint.wasAsked, false);
    assert.equal((await served.ask('GET', '/v2/')).status, 200);
    assert.equal(endpoint.wasAsked, false);
    assert.equal((await served.ask('GET', `${OWN}/manifests/until-1`)).status, 404);
    assert.equal(endpoint.wasAsked, true);
  });
});

suite('a content endpoint gives up', () => {
  const cases: [why: string, message: RegExp, size: number, flip: boolean][] = [
    ['a blob that is not what its digest says', /has the digest sha256:/, 10, true],
    ['more than it may keep', /larger than it seemed/, 2000, false],
  ];
  for (const [why, message, size, flip] of cases) {
    test(`at ${why}`, async () => {
      const { endpoint, served } = await start();
      await using _ = served;
      const { bytes, digest } = blob(randomBytes(size * KIB));
      const taken = endpoint.want(new Set([digest]));
      const sent = Buffer.from(bytes);
      if (flip) sent[0]! ^= 1;
      void push(served, { bytes: sent, digest }).catch(() => {});
      await assert.rejects(taken, { code: 'ENGINE_ERROR', host: 'alpha', message });
    });
  }

  test('at an upload that breaks off', async () => {
    const { endpoint, served } = await start();
    await using _ = served;
    const { bytes, digest } = blob(randomBytes(100 * KIB));
    const taken = endpoint.want(new Set([digest]));
    const { headers } = await served.ask('POST', `${OWN}/blobs/uploads/`);
    const { request, answered } = served.start('PUT', `${headers.location}?digest=${digest}`);
    answered.catch(() => {});
    request.write(bytes.subarray(0, 1000), () => request.destroy());
    await assert.rejects(taken, { code: 'ENGINE_ERROR', host: 'alpha' });
  });

  test('when it is closed, and lets go of every connection', async () => {
    const { endpoint, served } = await start();
    await using _ = served;
    const wanted = `sha256:${'ab'.repeat(32)}`;
    const taken = endpoint.want(new Set([wanted]));
    const { headers } = await served.ask('POST', `${OWN}/blobs/uploads/`);
    const { request, answered } = served.start('PUT', `${headers.location}?digest=${wanted}`);
    const broken = assert.rejects(answered);
    request.write('the beginning');
    await until(() => served.connections > 0, 'it is connected');
    endpoint.close();
    await assert.rejects(taken, { code: 'HOST_UNREACHABLE', host: 'alpha' });
    await broken;
    await until(() => served.connections === 0, 'all are closed');
  });
});
