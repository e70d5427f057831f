import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { digestOf } from '../../src/common/digest.ts';
import { TarWalk } from '../../src/archive/tar-walk.ts';
import { fakeImage } from '../support/fake-image.ts';
import { lines } from '../support/verb-server.ts';
import { sha256Hex } from '../support/sha256.ts';
import { archiveEntries, answerTo, ask, LOADED, startArchives, tarOf } from './archive-server.ts';
import { ALICE, TOKENS, until } from './start-server.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');
const MEBIBYTE = 1024 * 1024;

/** Writes without end, as fast as it is read. */
function endless(response: ServerResponse): { written: () => number; closed: () => boolean } {
  let written = 0;
  let closed = false;
  response.on('close', () => (closed = true));
  const more = () => {
    while (!response.destroyed) {
      written += CHUNK.length;
      if (!response.write(CHUNK)) return void response.once('drain', more);
    }
  };
  more();
  return { written: () => written, closed: () => closed };
}

async function responseTo(url: string): Promise<IncomingMessage> {
  const sent = httpRequest(url, { agent: false });
  sent.on('error', () => {}).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  return response;
}

/** Waits until a figure stands still. */
async function stillness(figure: () => number): Promise<number> {
  for (let before = -1; before !== figure(); await delay(150)) before = figure();
  return figure();
}

suite('GET /archives/{host}', () => {
  test('streams what the engine saves, with its digest behind it', async (t) => {
    const { get, saved, asked, log, metrics } = await startArchives(t);
    const { status, headers, trailers, bytes } = await get('alpha', '?ref=app:1');
    assert.equal(status, 200);
    assert.ok(bytes.equals(saved));
    assert.equal(headers['content-type'], 'application/x-tar');
    assert.equal(headers['content-length'], undefined);
    assert.equal(headers.trailer, 'Digest, Content-Digest');
    assert.equal(headers['content-disposition'], 'attachment; filename="alpha-app-1.tar"');
    const digest = Buffer.from(sha256Hex(saved), 'hex').toString('base64');
    assert.deepEqual(
      { ...trailers },
      { digest: `sha-256=${digest}`, 'content-digest': `sha-256=:${digest}:` },
    );
    assert.deepEqual(asked, ['/images/get?names=docker.io%2Flibrary%2Fapp%3A1']);
    await until(() => log.some(({ msg }) => msg === 'archive save: done'), 'the log');
    const line = log.find(({ msg }) => msg === 'archive save: done')!;
    assert.equal(line['viewer'], 'anonymous');
    assert.equal(line['host'], 'alpha');
    assert.equal(line['bytes'], saved.length);
    const text = await metrics.registry.metrics();
    assert.ok(
      text.includes(`dockgraph_archive_bytes_total{host="alpha",direction="save"} ${saved.length}`),
    );
    assert.match(
      text,
      /archive_duration_seconds_count\{host="alpha",direction="save",outcome="ok"\} 1/,
    );
    assert.match(text, /dockgraph_archives_active 0/);
  });

  test('compresses on the way', async (t) => {
    const { get, saved } = await startArchives(t);
    const gzip = await get('alpha', '?ref=app:1&compress=gzip');
    assert.equal(gzip.headers['content-type'], 'application/gzip');
    assert.match(gzip.headers['content-disposition']!, /"alpha-app-1\.tar\.gz"/);
    assert.ok(gunzipSync(gzip.bytes).equals(saved));
    const zstd = await get('alpha', '?ref=app:1&compress=zstd');
    assert.equal(zstd.headers['content-type'], 'application/zstd');
    assert.ok(zstdDecompressSync(zstd.bytes).equals(saved));
    const digest = Buffer.from(sha256Hex(zstd.bytes), 'hex').toString('base64');
    assert.equal(zstd.trailers['digest'], `sha-256=${digest}`);
  });

  test('asks by ID for what was named by ID', async (t) => {
    const { get, asked } = await startArchives(t);
    const { id } = fakeImage('app:1');
    for (const ref of [id, id.slice(7, 19), id.slice(0, 20)]) {
      assert.equal((await get('alpha', `?ref=${ref}`)).status, 200);
    }
    assert.deepEqual(new Set(asked), new Set([`/images/get?names=${encodeURIComponent(id)}`]));
  });

  test('says what is wrong before anything is sent', async (t) => {
    const { get, engines, graph, asked } = await startArchives(t);
    const twin = {
      ...fakeImage('twin:1'),
      id: `${fakeImage('app:1').id.slice(0, 20)}${'0'.repeat(51)}`,
    };
    engines.alpha.addImage(twin);
    await graph.until('alpha', ({ slot }) => slot.images.has(twin.id));
    const many = Array.from({ length: 21 }, (_, at) => `ref=app:${at}`).join('&');
    const cases: [string, string, number, string, RegExp][] = [
      ['nowhere', '?ref=app:1', 404, 'NOT_FOUND', /no host "nowhere"; hosts: alpha, bravo/],
      ['alpha', '?ref=app:3', 404, 'NOT_FOUND', /called "app:3"/],
      ['alpha', '?ref=app:1&ref=app:3', 404, 'NOT_FOUND', /called "app:3"/],
      ['alpha', `?ref=${twin.id.slice(7, 19)}`, 409, 'AMBIGUOUS_REFERENCE', /fits 2/],
      ['alpha', '?ref=App:1', 400, 'BAD_REFERENCE', /lower case/],
      ['alpha', '', 400, 'BAD_USER_INPUT', /at least one image/],
      ['alpha', `?${many}`, 400, 'BAD_USER_INPUT', /at most 20/],
      ['alpha', '?ref=app:1&compress=xz', 400, 'BAD_USER_INPUT', /none, gzip, zstd, not "xz"/],
      ['alpha', '?ref=app:1&compress=toString', 400, 'BAD_USER_INPUT', /none, gzip, zstd/],
    ];
    for (const [host, query, status, code, message] of cases) {
      const answer = await get(host, query);
      assert.equal(answer.status, status, query);
      assert.equal(answer.error.extensions.code, code);
      assert.match(answer.error.message, message);
    }
    assert.deepEqual(asked, []);
  });

  test('passes on what the engine refuses', async (t) => {
    const { get } = await startArchives(t, {
      save: (response) =>
        response
          .writeHead(404, { 'content-type': 'application/json' })
          .end('{"message":"No such image: app:1"}'),
    });
    const { status, error } = await get('alpha', '?ref=app:1');
    assert.equal(status, 404);
    assert.equal(error.extensions.host, 'alpha');
    assert.match(error.message, /No such image/);
  });

  test('says that a host was never reached', async (t) => {
    const { get, graph, engines } = await startArchives(t);
    graph.fleet.configure([
      { name: 'dead', labels: {}, endpoint: { transport: 'TCP', host: '127.0.0.1', port: 1 } },
    ]);
    await engines.alpha.stop();
    const { status, error } = await get('dead', '?ref=app:1');
    assert.equal(status, 502);
    assert.equal(error.extensions.code, 'HOST_UNREACHABLE');
    assert.equal(error.extensions.retryable, true);
  });

  for (const [what, end] of [
    ['breaks off', (response: ServerResponse) => response.destroy()],
    ['appends an error', (response: ServerResponse) => response.end('{"error":"disk on fire"}')],
    ['ends too early', (response: ServerResponse) => response.end()],
  ] as const) {
    for (const compress of ['none', 'gzip', 'zstd']) {
      test(`never ends well when the engine ${what} (${compress})`, async (t) => {
        const { url, log } = await startArchives(t, {
          save: (response) => {
            response.write(CHUNK);
            setTimeout(() => end(response), 50);
          },
        });
        const response = await responseTo(url('alpha', `?ref=app:1&compress=${compress}`));
        assert.equal(response.statusCode, 200);
        const [error] = (await Promise.race([
          once(response.resume(), 'error').catch((e: Error) => [e]),
          once(response, 'aborted').then(() => [new Error('aborted')]),
        ])) as [Error];
        assert.ok(error);
        assert.equal(response.complete, false);
        assert.equal(response.trailers['digest'], undefined);
        await until(() => log.some(({ msg }) => msg === 'archive save: broke off'), 'the log');
      });
    }
  }

  test('a client that reads nothing stalls the engine, and costs little memory', async (t) => {
    let engine: ReturnType<typeof endless> | undefined;
    const { url } = await startArchives(t, { save: (response) => (engine = endless(response)) });
    const response = await responseTo(url('alpha', '?ref=app:1'));
    response.pause();
    const written = await stillness(() => engine!.written());
    assert.ok(written < 24 * MEBIBYTE, `${written} bytes, kernel buffers of two connections too`);
    let read = 0;
    response.on('data', (chunk: Buffer) => (read += chunk.length)).resume();
    await until(() => read > 100 * MEBIBYTE, 'it goes on');
    response.destroy();
    await until(() => engine!.closed(), 'the engine is stopped');
  });

  test('a client that reads nothing for too long is cut off', async (t) => {
    let engine: ReturnType<typeof endless> | undefined;
    const { url, log } = await startArchives(
      t,
      { save: (response) => (engine = endless(response)) },
      { tuning: { archiveIdleMs: 200 } },
    );
    const response = await responseTo(url('alpha', '?ref=app:1'));
    response.pause();
    await until(() => engine!.closed(), 'the engine is stopped');
    await until(() => log.some(({ msg }) => msg === 'archive save: broke off'), 'the log');
    assert.match(JSON.stringify(log), /moved no byte for 200 ms/);
    response.destroy();
  });

  test('an engine may be quiet for long', async (t) => {
    const { get, saved } = await startArchives(
      t,
      {
        save: (response) => {
          setTimeout(() => {
            response.write(saved.subarray(0, 70_000));
            setTimeout(() => response.end(saved.subarray(70_000)), 300);
          }, 300);
        },
      },
      { tuning: { archiveIdleMs: 80 } },
    );
    assert.ok((await get('alpha', '?ref=app:1')).bytes.equals(saved));
  });

  test('a client that goes before the first byte stops the engine', async (t) => {
    let closed = false;
    const { url, asked } = await startArchives(t, {
      save: (response) => response.on('close', () => (closed = true)),
    });
    const sent = httpRequest(url('alpha', '?ref=app:1'), { agent: false });
    sent.on('error', () => {}).end();
    await until(() => asked.length === 1, 'it is under way');
    sent.destroy();
    await until(() => closed, 'the engine is stopped');
  });

  test('HTTP/1.0 cannot tell a broken answer from a whole one', async (t) => {
    const { server } = await startArchives(t);
    const socket = createConnection(server.address.port, '127.0.0.1');
    socket.write('GET /archives/alpha?ref=app:1 HTTP/1.0\r\nHost: localhost\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.match(text, /HTTP\/1\.0 does not have/);
  });
});

suite('several images at once', () => {
  const one = archiveEntries('one', 5_000);
  const two = archiveEntries('two', 6_000);
  const shared = {
    path: `blobs/sha256/${sha256Hex(Buffer.from('base'))}`,
    content: Buffer.from('base'),
  };

  test('are saved one by one where the engine would leak layers, into one archive', async (t) => {
    const archives = [await tarOf([shared, ...one]), await tarOf([shared, ...two])];
    const { get, put, asked, bodies } = await startArchives(t, {
      save: (response) => response.end(archives[asked.length - 1]),
    });
    const { bytes, trailers } = await get('alpha', '?ref=app:1&ref=app:2');
    assert.equal(asked.length, 2);
    assert.ok(trailers['digest']);
    const paths: string[] = [];
    const texts = new Map<string, string>();
    const walk = new TarWalk({
      begin: ({ path }) => paths.push(path),
      content: (part) => texts.set(paths.at(-1)!, part.toString()),
      raw: () => {},
      end: () => {},
    });
    walk.push(bytes);
    walk.finish();
    assert.equal(new Set(paths).size, paths.length, 'every file once');
    const manifest = JSON.parse(texts.get('manifest.json')!) as { RepoTags: string[] }[];
    assert.deepEqual(
      manifest.map(({ RepoTags }) => RepoTags),
      [['one:1'], ['two:1']],
    );
    assert.equal((await put('alpha', bytes)).status, 201);
    assert.ok(bodies[0]?.equals(bytes));
  });

  test('break off where the second save does', async (t) => {
    const whole = await tarOf(one);
    const { url, asked } = await startArchives(t, {
      save: (response) => {
        if (asked.length === 1) response.end(whole);
        else response.writeHead(500).end('{"message":"no"}');
      },
    });
    const response = await responseTo(url('alpha', '?ref=app:1&ref=app:2'));
    await finished(response.resume()).catch(() => {});
    assert.equal(response.complete, false);
  });
});

suite('PUT /archives/{host}', () => {
  test('streams into the engine and answers when the inventory shows it', async (t) => {
    const { put, saved, bodies, graph, log } = await startArchives(t);
    const answer = await put('alpha', saved, '', { 'content-type': 'application/x-tar' });
    assert.equal(answer.status, 201, JSON.stringify(answer.json));
    assert.deepEqual(answer.json, {
      loaded: [{ reference: 'loaded:1', engineId: LOADED.id }],
      bytes: saved.length,
      sha256: sha256Hex(saved),
    });
    assert.ok(bodies[0]?.equals(saved));
    assert.ok(graph.fleet.host('alpha').slot.images.has(LOADED.id));
    const line = log.find(({ msg }) => msg === 'archive load: done')!;
    assert.deepEqual(line['images'], ['loaded:1']);
  });

  test('takes compressed archives, whatever they are called', async (t) => {
    const { put, saved, bodies } = await startArchives(t);
    const types: [Buffer, string | undefined][] = [
      [gzipSync(saved), 'application/gzip'],
      [zstdCompressSync(saved), 'application/zstd'],
      [gzipSync(saved), undefined],
      [zstdCompressSync(saved), 'application/octet-stream'],
    ];
    for (const [body, type] of types) {
      const answer = await put('alpha', body, '', type ? { 'content-type': type } : {});
      assert.equal(answer.status, 201, JSON.stringify(answer.json));
      assert.equal(answer.json.sha256, sha256Hex(body));
      assert.ok(bodies.pop()?.equals(saved));
    }
  });

  test('verifies every form of an announced digest', async (t) => {
    const { put, saved, loads } = await startArchives(t);
    const digest = sha256Hex(saved);
    const base64 = Buffer.from(digest, 'hex').toString('base64');
    const right: [string, Record<string, string>][] = [
      [`?sha256=${digest}`, {}],
      [`?sha256=sha256:${digest.toUpperCase()}`, {}],
      ['', { 'content-digest': `sha-256=:${base64}:` }],
      ['', { 'content-digest': `sha-512=:AAAA:, sha-256=:${base64}:` }],
      ['', { digest: `SHA-256=${base64}` }],
    ];
    for (const [query, headers] of right) {
      const { status, json } = await put('alpha', saved, query, headers);
      assert.equal(status, 201, JSON.stringify([query, headers, json]));
    }
    const wrong = Buffer.alloc(32).toString('base64');
    // Large enough to be under way at the engine when the mismatch is seen.
    const large = await tarOf(archiveEntries('large', 4 * MEBIBYTE));
    for (const [query, headers] of [
      [`?sha256=${'0'.repeat(64)}`, {}],
      ['', { 'content-digest': `sha-256=:${wrong}:` }],
      ['', { digest: `sha-256=${wrong}` }],
    ] as [string, Record<string, string>][]) {
      const { status, error } = await put('alpha', large, query, headers);
      assert.equal(status, 422);
      assert.equal(error.extensions.code, 'DIGEST_MISMATCH');
      assert.equal(error.extensions.bytesReceived, large.length);
      assert.equal(error.extensions.actual, digestOf(large));
      const seen = loads.at(-1)!;
      await until(() => seen.aborted, 'the engine saw it break off');
      assert.equal(seen.ended, false);
      assert.ok(seen.bytes <= large.length - 1024, 'the end of the tar was held back');
    }
    const before = loads.length;
    for (const [query, headers] of [
      ['?sha256=abc', {}],
      ['', { 'content-digest': 'sha-256=:abc:' }],
      ['', { 'content-digest': 'md5=:abc:' }],
      [`?sha256=${digest}`, { digest: `sha-256=${wrong}` }],
    ] as [string, Record<string, string>][]) {
      assert.equal((await put('alpha', saved, query, headers)).status, 400);
    }
    assert.equal(loads.length, before);
  });

  test('an archive that is cut, damaged or none never reaches the engine whole', async (t) => {
    const { put, saved, loads } = await startArchives(t);
    const changed = (at: number) => {
      const copy = Buffer.from(saved);
      copy[at]! ^= 1;
      return copy;
    };
    const v1 = Buffer.alloc(5_000, 'v1');
    const config = (diffId: string) =>
      Buffer.from(JSON.stringify({ rootfs: { diff_ids: [diffId] } }));
    const older = (diffId: string) => {
      const content = config(diffId);
      return tarOf([
        { path: `${sha256Hex(content)}.json`, content },
        { path: 'abc/layer.tar', content: v1 },
        {
          path: 'manifest.json',
          content: Buffer.from(
            JSON.stringify([{ Config: `${sha256Hex(content)}.json`, Layers: ['abc/layer.tar'] }]),
          ),
        },
      ]);
    };
    const bad: [string, Buffer, RegExp, string][] = [
      [
        'cut in a layer',
        saved.subarray(0, 50_000),
        /cut in the middle of blobs\/sha256/,
        'BAD_USER_INPUT',
      ],
      [
        'cut between two entries',
        saved.subarray(0, 512),
        /before the end of the tar, after 512/,
        'BAD_USER_INPUT',
      ],
      ['cut in a header', saved.subarray(0, 700), /cut before the end/, 'BAD_USER_INPUT'],
      [
        'without its last block',
        saved.subarray(0, -512),
        /before the end of the tar/,
        'BAD_USER_INPUT',
      ],
      ['a bit flipped in a layer', changed(60_000), /is damaged/, 'DIGEST_MISMATCH'],
      ['a bit flipped in a header', changed(10), /no tar at its beginning/, 'BAD_USER_INPUT'],
      [
        'more behind its end',
        Buffer.concat([saved, Buffer.from('x')]),
        /after the end/,
        'BAD_USER_INPUT',
      ],
      ['a web page', Buffer.from(`<html>${' '.repeat(2000)}`), /no tar/, 'BAD_USER_INPUT'],
      ['a few bytes', Buffer.from('ab'), /cut before the end/, 'BAD_USER_INPUT'],
      ['cut gzip', gzipSync(saved).subarray(0, -20), /not a whole gzip/, 'BAD_USER_INPUT'],
      ['cut zstd', zstdCompressSync(saved).subarray(0, -3), /not a whole zstd/, 'BAD_USER_INPUT'],
      [
        'no image archive',
        await tarOf([{ path: 'etc/passwd', content: v1 }]),
        /holds no images/,
        'BAD_USER_INPUT',
      ],
      [
        'an older one with a wrong layer',
        await older(`sha256:${'0'.repeat(64)}`),
        /abc\/layer\.tar in the archive is damaged/,
        'DIGEST_MISMATCH',
      ],
    ];
    for (const [what, body, message, code] of bad) {
      const seenBefore = loads.length;
      const { status, error } = await put('alpha', body);
      assert.equal(error?.extensions.code, code, what);
      assert.equal(status, code === 'DIGEST_MISMATCH' ? 422 : 400, what);
      assert.match(error.message, message, what);
      assert.ok(error.extensions.bytesReceived <= body.length, what);
      const seen = loads[seenBefore];
      if (seen) await until(() => seen.aborted, `${what}: the engine saw it break off`);
      assert.notEqual(seen?.ended, true, what);
    }
    const good = await put('alpha', await older(digestOf(v1)));
    assert.equal(good.status, 201, JSON.stringify(good.json));
  });

  test('a client that goes in the middle takes the engine’s request with it', async (t) => {
    const { openPut, saved, loads, log } = await startArchives(t);
    const sent = openPut('alpha');
    sent.write(saved.subarray(0, 50_000));
    await until(() => (loads[0]?.bytes ?? 0) > 40_000, 'it is under way');
    sent.destroy();
    await until(() => loads[0]!.aborted, 'the engine saw it break off');
    assert.equal(loads[0]!.ended, false);
    await until(() => log.some(({ msg }) => msg === 'archive load: broke off'), 'the log');
    const line = log.find(({ msg }) => msg === 'archive load: broke off')!;
    assert.equal(line['code'], 'CANCELLED');
    assert.equal(line['bytes'], 50_000);
  });

  test('a slow engine stalls the client', async (t) => {
    const { openPut } = await startArchives(t, { load: (request) => void request.pause() });
    const sent = openPut('alpha');
    const header = (
      await tarOf([{ path: 'big', content: { size: 2 ** 32, chunks: () => [] } }])
    ).subarray(0, 512);
    sent.write(header);
    let taken = 0;
    const more = () => {
      while (!sent.destroyed) {
        taken += CHUNK.length;
        if (!sent.write(CHUNK)) return void sent.once('drain', more);
      }
    };
    more();
    const stalled = await stillness(() => taken);
    assert.ok(stalled < 24 * MEBIBYTE, `${stalled} bytes, kernel buffers of two connections too`);
    sent.destroy();
  });

  test('says what the engine says, though the client is still sending', async (t) => {
    const { openPut } = await startArchives(t, {
      load: (request, response) => {
        request.once('data', () =>
          response
            .writeHead(500, { 'content-type': 'application/json' })
            .end('{"message":"no space left on device"}'),
        );
        request.resume();
      },
    });
    const sent = openPut('alpha');
    sent.write(
      (await tarOf([{ path: 'big', content: { size: 2 ** 32, chunks: () => [] } }])).subarray(
        0,
        512,
      ),
    );
    let written = 0;
    const more = () => {
      // Sends on until it is told, as clients do that read the answer only at the end.
      while (written < 32 * MEBIBYTE) {
        written += CHUNK.length;
        if (!sent.write(CHUNK)) return void sent.once('drain', more);
      }
      return;
    };
    more();
    const { status, error } = await answerTo(sent);
    assert.equal(status, 502);
    assert.match(error.message, /no space left on device/);
    assert.ok(error.extensions.bytesReceived > 0);
    sent.destroy();
  });

  test('an engine that dies or says nothing is told', async (t) => {
    const answers: ((request: IncomingMessage, response: ServerResponse) => void)[] = [
      (request) => request.once('data', () => request.socket.destroy()),
      (request, response) =>
        request
          .resume()
          .on('end', () => response.end(lines({ errorDetail: { message: 'invalid diffID' } }))),
      (request, response) => request.resume().on('end', () => response.end()),
      (request, response) =>
        request
          .resume()
          .on('end', () => response.end(lines({ stream: 'Loaded image: ghost:1\n' }))),
    ];
    let at = 0;
    const { put, saved } = await startArchives(t, { load: (q, s) => answers[at++]!(q, s) });
    for (const [code, message] of [
      ['HOST_UNREACHABLE', /alpha/],
      ['ENGINE_ERROR', /invalid diffID/],
      ['ENGINE_ERROR', /without saying that it is done/],
      ['ENGINE_ERROR', /said that it loaded ghost:1 and does not list it/],
    ] as const) {
      const { status, error } = await put('alpha', saved);
      assert.equal(status, 502);
      assert.equal(error.extensions.code, code);
      assert.match(error.message, message);
    }
  });

  test('an engine that is content before the end is not believed', async (t) => {
    const { put } = await startArchives(t, {
      load: (request, response) => {
        request.once('data', () => response.end(lines({ stream: 'Loaded image: app:1\n' })));
        request.resume();
      },
    });
    const { status, error } = await put(
      'alpha',
      await tarOf(archiveEntries('large', 16 * MEBIBYTE)),
    );
    assert.equal(status, 502);
    assert.match(error.message, /answered before the end of the archive/);
  });

  test('a client that falls silent is given up', async (t) => {
    const { openPut, saved, loads } = await startArchives(
      t,
      {},
      { tuning: { archiveIdleMs: 150 } },
    );
    const sent = openPut('alpha');
    sent.write(saved.subarray(0, 50_000));
    const { status, error } = await answerTo(sent);
    assert.equal(status, 408);
    assert.equal(error.extensions.code, 'TIMEOUT');
    assert.equal(error.extensions.bytesReceived, 50_000);
    await until(() => loads[0]!.aborted, 'the engine saw it break off');
    sent.destroy();
  });

  test('an upload may take longer than other requests', async (t) => {
    const { openPut, saved } = await startArchives(
      t,
      {},
      { tuning: { receiveTimeoutMs: 300, headersTimeoutMs: 200 } },
    );
    const sent = openPut('alpha');
    for (let at = 0; at < 10; at++) {
      sent.write(saved.subarray(at * 5_000, (at + 1) * 5_000));
      await delay(150);
    }
    sent.end(saved.subarray(50_000));
    assert.equal((await answerTo(sent)).status, 201);
  });

  test('waits to be told where the client asks first', async (t) => {
    const { openPut, saved } = await startArchives(t);
    const refused = openPut('nowhere', '', { expect: '100-continue' });
    refused.flushHeaders();
    let continued = false;
    refused.on('continue', () => (continued = true));
    assert.equal((await answerTo(refused)).status, 404);
    assert.equal(continued, false);
    const taken = openPut('alpha', '', { expect: '100-continue' });
    taken.flushHeaders();
    await once(taken, 'continue');
    taken.end(saved);
    assert.equal((await answerTo(taken)).status, 201);
  });

  test('other requests that ask first are told to go on', async (t) => {
    const { server } = await startArchives(t);
    const sent = httpRequest(`${server.url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', expect: '100-continue' },
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    assert.equal((await ask(sent, Buffer.from('{"query":"{ __typename }"}'))).status, 200);
  });

  test('refuses what is no archive by its type, and nothing', async (t) => {
    const { put, saved } = await startArchives(t);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const { status, error } = await put('alpha', saved, '', { 'content-type': type });
      assert.equal(status, 415, type);
      assert.equal(error.extensions.code, 'BAD_USER_INPUT');
    }
    const empty = await put('alpha', Buffer.alloc(0), '', { 'content-length': 0 });
    assert.equal(empty.status, 400);
    assert.match(empty.error.message, /archive is missing/);
  });

  test('holds the operator’s limit', async (t) => {
    const { put, openPut, saved } = await startArchives(
      t,
      {},
      { tuning: { maxArchiveBytes: 60_000 } },
    );
    assert.equal((await put('alpha', saved, '', { 'content-length': saved.length })).status, 413);
    const sent = openPut('alpha');
    sent.write(saved.subarray(0, 50_000));
    sent.write(saved.subarray(50_000));
    const { status, error } = await answerTo(sent);
    assert.equal(status, 413);
    assert.equal(error.extensions.code, 'LIMIT_EXCEEDED');
    sent.destroy();
  });
});

suite('who and how many', () => {
  test('a host has so many at once, others are told when to come again', async (t) => {
    const { get, url, saved, put, asked } = await startArchives(t, { save: endless });
    const open = [
      await responseTo(url('alpha', '?ref=app:1')),
      await responseTo(url('alpha', '?ref=app:2')),
    ];
    for (const answer of [await get('alpha', '?ref=app:1'), await put('alpha', saved)]) {
      assert.equal(answer.status, 429);
      assert.equal(answer.headers['retry-after'], '5');
      assert.equal(answer.error.extensions.code, 'LIMIT_EXCEEDED');
      assert.equal(answer.error.extensions.retryable, true);
    }
    assert.equal((await put('bravo', saved)).status, 201);
    open[0]!.destroy();
    await until(() => asked.length === 3, 'bravo was asked');
    for (let status: number | undefined = 429; status === 429;) {
      status = (await put('alpha', saved)).status;
      if (status !== 429) assert.equal(status, 201);
    }
    open[1]!.destroy();
  });

  test('asks for the same token as GraphQL, and says who it was', async (t) => {
    const { get, put, saved, log } = await startArchives(t, {}, { tokens: TOKENS });
    assert.equal((await get('alpha', '?ref=app:1')).status, 401);
    const refused = await put('alpha', saved, '', { authorization: 'Bearer wrong' });
    assert.equal(refused.status, 401);
    assert.equal(refused.error.extensions.code, 'UNAUTHENTICATED');
    const authorization = `Bearer ${ALICE}`;
    assert.equal((await get('alpha', '?ref=app:1', { authorization })).status, 200);
    assert.equal((await put('alpha', saved, '', { authorization })).status, 201);
    await until(() => log.filter(({ viewer }) => viewer === 'alice').length >= 2, 'the log');
  });

  test('a token that is taken away ends what it opened', async (t) => {
    let engine: ReturnType<typeof endless> | undefined;
    const { url, server } = await startArchives(
      t,
      { save: (response) => (engine = endless(response)) },
      { tokens: TOKENS },
    );
    const sent = httpRequest(url('alpha', '?ref=app:1'), {
      agent: false,
      headers: { authorization: `Bearer ${ALICE}` },
    });
    sent.on('error', () => {}).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => {}).resume();
    server.replaceTokens(TOKENS.slice(1));
    await until(() => engine!.closed(), 'the engine is stopped');
  });

  test('pages of other origins are refused, and so are foreign names of this machine', async (t) => {
    const { get, put, saved, asked, url } = await startArchives(t);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { host: 'evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      assert.equal((await put('alpha', saved, '', headers)).status, 403, JSON.stringify(headers));
      assert.equal(
        (await get('alpha', '?ref=app:1', headers)).status,
        403,
        JSON.stringify(headers),
      );
    }
    assert.deepEqual(asked, []);
    const preflight = await ask(
      httpRequest(url('alpha'), {
        method: 'OPTIONS',
        agent: false,
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'PUT' },
      }),
    );
    assert.equal(preflight.headers['access-control-allow-origin'], undefined);
  });

  test('what is under way at shutdown gets its time', async (t) => {
    const { get, openPut, saved, server, asked } = await startArchives(t, {
      save: (response) => {
        response.write(saved.subarray(0, 60_000));
        setTimeout(() => response.end(saved.subarray(60_000)), 300);
      },
    });
    const download = get('alpha', '?ref=app:1');
    const upload = openPut('bravo');
    upload.write(saved.subarray(0, 60_000));
    await until(() => asked.length === 2, 'both are under way');
    const closed = server.close({ graceMs: 5_000 });
    setTimeout(() => upload.end(saved.subarray(60_000)), 300);
    assert.ok((await download).bytes.equals(saved));
    assert.equal((await answerTo(upload)).status, 201);
    await closed;
  });

  test('and is cut off after that', async (t) => {
    const { url, openPut, saved, server, loads } = await startArchives(t, { save: endless });
    const response = await responseTo(url('alpha', '?ref=app:1'));
    response.resume();
    const upload = openPut('bravo');
    upload.write(saved.subarray(0, 60_000));
    await until(() => (loads[0]?.bytes ?? 0) > 0, 'both are under way');
    await server.close({ graceMs: 100 });
    await until(() => loads[0]!.aborted, 'the engine saw it break off');
    assert.equal(response.complete, false);
  });
});
