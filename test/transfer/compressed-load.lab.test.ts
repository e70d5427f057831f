import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { constants } from 'node:zlib';
import type { Gzip, ZstdCompress } from 'node:zlib';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { HostRecord } from '../../src/fleet/fleet.ts';
import { compressor, ConnectionSpeeds } from '../../src/transfer/transfer-compression.ts';
import { buildImage, imageArchive, randomContent, startEngine } from '../lab/index.ts';

suite('an engine whose compressed archive ends later than the tar in it', () => {
  test('with a classic store of 26.1 lives on', { timeout: 60_000 }, async () => {
    await using dockerd = await startEngine({ release: '26.1', store: 'classic' });
    const endpoint = { transport: 'UNIX', socketPath: dockerd.socketPath } as const;
    const engine = openEngine(endpoint, { host: 'own' });
    await using _closed = { [Symbol.asyncDispose]: () => engine.close() };
    const status = { engine: await engine.connect(), latencyMs: 50 };
    const config = { name: 'own', endpoint: { transport: 'SSH' } };
    const host = { config, status } as HostRecord;
    const compress = compressor(new ConnectionSpeeds().choose('ZSTD', host)) as Gzip | ZstdCompress;

    const content = randomContent('compressed-load', 300_000);
    const image = await buildImage({ layers: [{ entries: [{ path: 'file', content }] }] });
    const tags = ['compressed-load:1'];
    compress.write(await buffer(imageArchive([{ image, tags }])));
    // All of the tar is on its way, and the end of what is around it is not.
    const flush = compress.constructor.name === 'Gzip' ? 'Z_SYNC_FLUSH' : 'ZSTD_e_flush';
    compress.flush(constants[flush]);
    let loaded = false;
    const { references } = await engine.verbs.loadImages(compress.pipe(new PassThrough()), {
      // The engine has read the tar to its end when it begins to unpack.
      onProgress: () => {
        if (!loaded) compress.end();
        loaded = true;
      },
    });
    assert.ok(loaded);
    assert.deepEqual(references, tags);
    assert.equal((await dockerd.docker(['images', '--quiet', tags[0]!])).trim().length, 12);
  });
});
