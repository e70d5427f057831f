import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { EngineError } from '../../src/common/errors.ts';
import { writeTar } from '../lab/seed/tar-writer.ts';
import { until } from '../support/settle.ts';
import { answering, lines, verbServer } from '../support/verb-server.ts';

const ID = `sha256:${'cd'.repeat(32)}`;
const OTHER_ID = `sha256:${'ef'.repeat(32)}`;
const LOADED = { stream: 'Loaded image: team/app:1\n' };
const END_OF_CHUNKS = /\r\n0\r\n\r\n$/;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** A tar with one file. */
async function tarOf(size = 5_000): Promise<Buffer> {
  return buffer(writeTar([{ path: 'file', content: Buffer.alloc(size, 'y') }]));
}

/** Chunks without end; counts those that were taken. */
function endless(): { source: Readable; taken: () => number } {
  let taken = 0;
  const source = new Readable({
    read() {
      taken++;
      this.push(CHUNK);
    },
  });
  return { source, taken: () => taken };
}

/** Two chunks, and then it breaks. */
function broken(error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield CHUNK;
      yield CHUNK;
      await delay(20);
      throw error;
    })(),
  );
}

suite('a load', () => {
  test('sends every byte, and tells what the engine says it loaded', async () => {
    let body: Buffer | undefined;
    await using server = await verbServer((request, response) => {
      void buffer(request).then((bytes) => {
        body = bytes;
        response.end(
          lines(
            {
              status: 'Loading layer',
              progressDetail: { current: 1, total: 2 },
              id: 'aaaaaaaaaaaa',
            },
            LOADED,
            { stream: `Loaded image ID: ${ID}\n` },
            // As podman says it, with an image that has no name.
            { stream: `Loaded image: localhost/a:1,localhost/b:2\n${OTHER_ID}\n` },
          ),
        );
      });
    });
    const tar = await tarOf(200_000);
    const seen: string[] = [];
    const result = await server.engine.verbs.loadImages(Readable.from([tar]), {
      onProgress: ({ id, status, currentBytes, totalBytes }) =>
        seen.push(`${id} ${status} ${currentBytes}/${totalBytes}`),
    });
    assert.deepEqual(result, {
      references: ['team/app:1', 'localhost/a:1', 'localhost/b:2'],
      ids: [ID, OTHER_ID],
    });
    assert.deepEqual(server.asked, ['POST /images/load?quiet=0']);
    assert.equal(server.requests[0]?.headers['content-type'], 'application/x-tar');
    assert.deepEqual(seen, ['aaaaaaaaaaaa Loading layer 1/2']);
    assert.ok(body?.equals(tar));
  });

  test('sends what waits together, in order, whatever the sizes of its pieces', async () => {
    let body: Buffer | undefined;
    await using server = await verbServer((request, response) => {
      void buffer(request).then((bytes) => {
        body = bytes;
        response.end(lines(LOADED));
      });
    });
    const pieces = Array.from({ length: 2_000 }, (_, at) => Buffer.alloc(1 + (at % 7) * 100, at));
    await server.engine.verbs.loadImages(Readable.from(pieces, { objectMode: false }), {});
    assert.ok(body?.equals(Buffer.concat(pieces)));
    const chunks =
      server
        .received()
        .toString('latin1')
        .match(/\r\n[0-9a-f]+\r\n/g) ?? [];
    assert.ok(chunks.length < pieces.length / 4, `${chunks.length} chunks of HTTP`);
  });

  test('that says nothing, or that unpacking failed, did not succeed', async () => {
    const silent = [{ status: 'Loading layer', progressDetail: {}, id: 'aaaaaaaaaaaa' }];
    await using server = await verbServer(answering(...silent));
    await assert.rejects(server.engine.verbs.loadImages(Readable.from([await tarOf()]), {}), {
      code: 'ENGINE_ERROR',
      message: 'alpha ended the load of an archive without saying that it is done',
    });
    await using other = await verbServer(
      answering(LOADED, { stream: 'Error unpacking image team/app:1: no such blob' }),
    );
    await assert.rejects(other.engine.verbs.loadImages(Readable.from([await tarOf()]), {}), {
      code: 'ENGINE_ERROR',
      message: 'alpha: Error unpacking image team/app:1: no such blob',
    });
  });

  test('takes no more from its source than the engine takes', async () => {
    await using server = await verbServer(() => {});
    const { source, taken } = endless();
    const stop = new AbortController();
    const load = assert.rejects(server.engine.verbs.loadImages(source, { signal: stop.signal }), {
      code: 'CANCELLED',
    });
    // Until the buffers between us are full: then nothing moves.
    for (let before = -1; before !== taken(); await delay(100)) before = taken();
    assert.ok(taken() * CHUNK.length < 32 * 1024 * 1024, `${taken()} chunks`);
    stop.abort();
    await load;
    assert.ok(source.destroyed);
    // So that it sees the end of the connection.
    server.requests[0]?.resume();
  });

  test('whose source breaks never sends an end: the engine sees a broken connection', async () => {
    let aborted = false;
    await using server = await verbServer((request) => {
      request.resume().on('aborted', () => (aborted = true));
    });
    await assert.rejects(server.engine.verbs.loadImages(broken(new Error('disk on fire')), {}), {
      code: 'BAD_USER_INPUT',
      host: 'alpha',
      message:
        'the data for the load of an archive broke off before its end; alpha was told to drop it',
    });
    await until(() => aborted, 'the engine saw it');
    const received = server.received();
    assert.ok(received.length > 2 * CHUNK.length);
    assert.doesNotMatch(received.subarray(-64).toString('latin1'), END_OF_CHUNKS);
  });

  test('whose source is closed before its end ends the same way', async () => {
    await using server = await verbServer((request) => void request.resume());
    const { source } = endless();
    const load = assert.rejects(server.engine.verbs.loadImages(source, {}), {
      code: 'BAD_USER_INPUT',
    });
    await until(() => server.asked.length === 1, 'it is under way');
    source.destroy();
    await load;
    assert.doesNotMatch(server.received().subarray(-64).toString('latin1'), END_OF_CHUNKS);
  });

  test('from another host fails with the error of that host', async () => {
    await using server = await verbServer((request) => void request.resume());
    const error = new EngineError('bravo: disk on fire', { host: 'bravo' });
    await assert.rejects(server.engine.verbs.loadImages(broken(error), {}), error);
  });

  test('that is cancelled never sends an end', async () => {
    await using server = await verbServer((request) => void request.resume());
    const { source } = endless();
    const stop = new AbortController();
    const load = assert.rejects(server.engine.verbs.loadImages(source, { signal: stop.signal }), {
      code: 'CANCELLED',
    });
    await until(() => server.received().length > CHUNK.length, 'it is under way');
    stop.abort();
    await load;
    await until(() => server.requests[0]?.socket.destroyed === true, 'the connection closed');
    assert.ok(source.destroyed);
    assert.doesNotMatch(server.received().subarray(-64).toString('latin1'), END_OF_CHUNKS);
  });

  test('takes no connection that was kept: it may be dead, and nothing of it is sent twice', async () => {
    const kept = new Set<Socket>();
    await using server = await verbServer((request, response) => {
      if (kept.has(request.socket)) {
        // As after a restart of the engine, which the far end of a tunnel may not have told yet.
        request.socket.destroy();
        return;
      }
      kept.add(request.socket);
      request.resume().once('end', () => {
        if (request.url!.includes('/images/load')) response.end(lines(LOADED));
        else response.writeHead(201).end();
      });
    });
    await server.engine.verbs.tagImage('app:1', 'team/app:1', {});
    const { references } = await server.engine.verbs.loadImages(Readable.from([await tarOf()]), {});
    assert.deepEqual(references, ['team/app:1']);
    assert.equal(kept.size, 2);
  });

  test('reads an answer that comes early, though the connection closes on its body', async () => {
    for (let round = 0; round < 20; round++) {
      await using server = await verbServer((request, response) => {
        const body = JSON.stringify({ message: 'no space left on device' });
        response.writeHead(500, { 'Content-Type': 'application/json' });
        response.end(body, () => request.socket.destroySoon());
      });
      const { source } = endless();
      await assert.rejects(server.engine.verbs.loadImages(source, {}), {
        code: 'ENGINE_ERROR',
        message: 'alpha: no space left on device',
      });
      assert.ok(source.destroyed);
    }
  });

  test('ends when the engine has its answer, though the body has no end', async () => {
    await using server = await verbServer((request, response) => {
      request.once('data', () => response.end(lines(LOADED)));
    });
    const { source } = endless();
    const result = await server.engine.verbs.loadImages(source, {});
    assert.deepEqual(result.references, ['team/app:1']);
    assert.ok(source.destroyed);
  });

  test('tells whose silence it was', async () => {
    await using server = await verbServer((request) => void request.resume(), {
      streamIdleMs: 100,
    });
    const silent = new Readable({ read() {} });
    silent.push(CHUNK);
    await assert.rejects(server.engine.verbs.loadImages(silent, {}), {
      code: 'TIMEOUT',
      message: /nothing came from the source of the data for 0\.1 s/,
    });
    await assert.rejects(server.engine.verbs.loadImages(Readable.from([await tarOf()]), {}), {
      code: 'TIMEOUT',
      message: /nothing came from alpha for 0\.1 s/,
    });
    assert.ok(silent.destroyed);
  });

  test('is alive while the body goes out, though nothing comes back', async () => {
    await using server = await verbServer(
      (request, response) => void buffer(request).then(() => response.end(lines(LOADED))),
      { streamIdleMs: 250 },
    );
    const slow = Readable.from(
      (async function* () {
        for (let n = 0; n < 8; n++) {
          yield CHUNK;
          await delay(60);
        }
      })(),
    );
    assert.deepEqual((await server.engine.verbs.loadImages(slow, {})).ids, []);
  });

  test('to an engine that is gone fails and lets go of its source', async () => {
    const server = await verbServer(() => {});
    const { engine } = server;
    const port = engine.endpoint.transport === 'TCP' ? engine.endpoint.port : 0;
    await server[Symbol.asyncDispose]();
    const { openEngine } = await import('../../src/engine/open-engine.ts');
    const gone = openEngine({ transport: 'TCP', host: '127.0.0.1', port }, { host: 'alpha' });
    const { source } = endless();
    await assert.rejects(gone.verbs.loadImages(source, {}), { code: 'HOST_UNREACHABLE' });
    assert.ok(source.destroyed);
    await gone.close();
  });
});

suite('an import', () => {
  test('sends the tar with its settings, and takes the ID from the last line', async () => {
    await using server = await verbServer((request, response) => {
      void buffer(request).then(() => response.end(lines({ status: ID })));
    });
    const id = await server.engine.verbs.importImage(
      { archive: Readable.from([await tarOf()]) },
      {
        reference: 'reg:5000/team/app:1',
        message: 'a & b',
        changes: ['ENV A=b', 'CMD ["sh"]'],
        platform: 'linux/arm64',
      },
    );
    assert.equal(id, ID);
    const query = new URL(`http://x${server.asked[0]?.slice('POST '.length)}`).searchParams;
    assert.deepEqual(
      [...query],
      [
        ['fromSrc', '-'],
        ['repo', 'reg:5000/team/app'],
        ['tag', '1'],
        ['message', 'a & b'],
        ['platform', 'linux/arm64'],
        ['changes', 'ENV A=b'],
        ['changes', 'CMD ["sh"]'],
      ],
    );
  });

  test('from a URL lets the engine fetch it, and only by HTTP', async () => {
    await using server = await verbServer(
      answering(
        { status: 'Downloading from http://files/x.tar' },
        { status: 'Importing', progressDetail: { current: 2, total: 4 } },
        {},
        { status: ID },
      ),
    );
    const seen: string[] = [];
    const onProgress = ({ status }: { status: string }) => seen.push(status);
    const url = 'http://files/x.tar?a=b&c=d';
    assert.equal(await server.engine.verbs.importImage({ url }, { onProgress }), ID);
    assert.deepEqual(server.asked, [`POST /images/create?fromSrc=${encodeURIComponent(url)}`]);
    assert.equal(seen.length, 2);
    for (const bad of ['-', 'file:///etc/shadow', 'files/x.tar', 'ftp://files/x', '']) {
      await assert.rejects(server.engine.verbs.importImage({ url: bad }, {}), {
        code: 'BAD_USER_INPUT',
      });
    }
  });

  test('that ends without an ID did not succeed', async () => {
    await using server = await verbServer(
      answering({ status: 'Importing' }, { status: 'sha256:x' }),
    );
    const archive = Readable.from([await tarOf()]);
    await assert.rejects(server.engine.verbs.importImage({ archive }, {}), {
      code: 'ENGINE_ERROR',
    });
  });

  test('that is refused before it begins lets go of its archive', async () => {
    await using server = await verbServer(answering());
    const { source } = endless();
    const reference = 'no-tag';
    await assert.rejects(server.engine.verbs.importImage({ archive: source }, { reference }), {
      code: 'BAD_REFERENCE',
    });
    assert.ok(source.destroyed);
    assert.deepEqual(server.asked, []);
  });
});

suite('a save', () => {
  const never = new AbortController().signal;

  test('that never begins is given up', async () => {
    await using server = await verbServer(() => {}, { saveStartMs: 50 });
    await assert.rejects(server.engine.verbs.saveImages(['app:1'], { signal: never }), {
      name: 'TimeoutError',
      host: 'alpha',
      message: /the save of app:1 was given up: alpha did not begin within 0.05 s/,
    });
  });

  test('passes every byte of the archive', async () => {
    const tar = await tarOf(300_000);
    await using server = await verbServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-tar' });
      Readable.from(
        (function* () {
          for (let at = 0; at < tar.length; at += 777) yield tar.subarray(at, at + 777);
        })(),
      ).pipe(response);
    });
    const saved = await server.engine.verbs.saveImages(['team/app:1', ID], { signal: never });
    assert.ok((await buffer(saved)).equals(tar));
    assert.deepEqual(server.asked, [
      `GET /images/get?names=team%2Fapp%3A1&names=${encodeURIComponent(ID)}`,
    ]);
  });

  test('asks for one platform where the engine can, and says where it cannot', async () => {
    const tar = await tarOf();
    const handler = answeringBytes(tar);
    await using server = await verbServer(handler, { apiVersion: '1.48' });
    const options = { signal: never, platform: 'linux/arm64/v8' };
    await buffer(await server.engine.verbs.saveImages(['app:1'], options));
    const query = new URL(`http://x${server.asked[0]?.slice('GET '.length)}`).searchParams;
    assert.deepEqual(JSON.parse(query.get('platform') ?? ''), {
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
    });
    await using older = await verbServer(handler);
    await assert.rejects(older.engine.verbs.saveImages(['app:1'], options), {
      code: 'ENGINE_UNSUPPORTED',
      message: /takes API 1\.48 \(Docker 28\), it speaks 1\.45/,
    });
    await assert.rejects(older.engine.verbs.saveImages([], { signal: never }), {
      code: 'BAD_USER_INPUT',
    });
    await assert.rejects(older.engine.verbs.saveImages(['../x'], { signal: never }), {
      code: 'BAD_REFERENCE',
    });
  });

  test("fails with the engine's complaint where that is appended to the bytes", async () => {
    const tar = await tarOf(20_000);
    const appended = lines({
      errorDetail: { message: 'open layer.tar: {"no": "such"} file' },
      error: 'open layer.tar: {"no": "such"} file',
    });
    await using server = await verbServer(
      answeringBytes(Buffer.concat([tar.subarray(0, 9_000), Buffer.from(appended)])),
    );
    const saved = await server.engine.verbs.saveImages(['app:1'], { signal: never });
    await assert.rejects(buffer(saved), {
      code: 'ENGINE_ERROR',
      message: 'alpha: open layer.tar: {"no": "such"} file',
    });
  });

  test('fails where the answer ends well and the archive does not', async () => {
    const tar = await tarOf(20_000);
    const ends = [
      Buffer.alloc(0),
      tar.subarray(0, 512),
      tar.subarray(0, 10_240),
      tar.subarray(0, tar.length - 512),
      tar.subarray(0, tar.length - 1),
      Buffer.concat([tar, Buffer.alloc(1)]),
    ];
    for (const bytes of ends) {
      await using server = await verbServer(answeringBytes(bytes));
      const saved = await server.engine.verbs.saveImages(['app:1'], { signal: never });
      await assert.rejects(buffer(saved), {
        code: 'ENGINE_ERROR',
        message: 'alpha ended the save of app:1 before the end of the archive',
      });
    }
  });

  test('fails where the connection breaks off, after the last zero too', async () => {
    const tar = await tarOf(20_000);
    for (const bytes of [tar.subarray(0, 9_000), tar]) {
      await using server = await verbServer((_request, response) => {
        response.writeHead(200).write(bytes, () => response.socket?.destroy());
      });
      const saved = await server.engine.verbs.saveImages(['app:1'], { signal: never });
      await assert.rejects(buffer(saved), {
        code: 'HOST_UNREACHABLE',
        message: 'alpha broke off in the middle of the save of app:1',
      });
    }
  });

  test('waits for its first byte as long as it takes, and is hurried after it', async () => {
    const tar = await tarOf(20_000);
    await using server = await verbServer(
      (_request, response) => {
        void delay(400).then(() => response.writeHead(200).write(tar.subarray(0, 9_000)));
      },
      { streamIdleMs: 100 },
    );
    const saved = await server.engine.verbs.saveImages(['app:1'], { signal: never });
    await assert.rejects(buffer(saved), {
      code: 'TIMEOUT',
      message: /the save of app:1 was given up: nothing came from alpha for 0\.1 s/,
    });
    await until(() => server.requests[0]?.socket.destroyed === true, 'the connection closed');
  });

  test('is as slow as its reader, who is not hurried', async () => {
    const size = 64 * 1024 * 1024;
    let written = 0;
    await using server = await verbServer(
      (_request, response) => {
        Readable.from(
          (function* () {
            for (; written < size; written += CHUNK.length) yield CHUNK;
            yield Buffer.alloc(1024);
          })(),
        ).pipe(response);
      },
      { streamIdleMs: 100 },
    );
    const saved = await server.engine.verbs.saveImages(['app:1'], { signal: never });
    const reader = saved[Symbol.asyncIterator]();
    await reader.next();
    await delay(400);
    assert.ok(written < size / 2, `${written} bytes were sent to nobody`);
    let read = 0;
    for await (const chunk of saved) read += (chunk as Buffer).length;
    assert.ok(read > size / 2);
  });

  test('stops the engine when its reader goes, and when it is cancelled', async () => {
    const reports: string[] = [];
    await using server = await verbServer(
      (_request, response) => void endless().source.pipe(response),
      { onCall: ({ call, outcome }) => reports.push(`${call} ${outcome}`) },
    );
    const { verbs } = server.engine;
    const left = await verbs.saveImages(['app:1'], { signal: never });
    left.destroy();
    await until(() => server.requests[0]?.socket.destroyed === true, 'the connection closed');
    const stop = new AbortController();
    const cancelled = await verbs.saveImages(['app:1'], { signal: stop.signal });
    const failure = assert.rejects(buffer(cancelled), { code: 'CANCELLED' });
    stop.abort();
    await failure;
    await until(() => server.requests[1]?.socket.destroyed === true, 'the connection closed');
    assert.deepEqual(reports.slice(1), ['saveImages error', 'saveImages error']);
  });

  test('is refused with what the engine says before the first byte', async () => {
    await using server = await verbServer((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'application/json' });
      response.end('{"message":"reference does not exist"}');
    });
    await assert.rejects(server.engine.verbs.saveImages(['app:1'], { signal: never }), {
      code: 'NOT_FOUND',
    });
  });

  test('goes straight into a load: what breaks at the source never ends well at the target', async () => {
    const tar = await tarOf(2_000_000);
    await using source = await verbServer(answeringBytes(tar.subarray(0, 1_500_160)));
    let aborted = false;
    await using target = await verbServer((request) => {
      request.resume().on('aborted', () => (aborted = true));
    });
    const saved = await source.engine.verbs.saveImages(['app:1'], { signal: never });
    await assert.rejects(target.engine.verbs.loadImages(saved, {}), {
      code: 'ENGINE_ERROR',
      message: 'alpha ended the save of app:1 before the end of the archive',
    });
    await until(() => aborted, 'the target saw it');
    assert.doesNotMatch(target.received().subarray(-64).toString('latin1'), END_OF_CHUNKS);
  });

  test('copies in both directions at once never wait for one another', async () => {
    const tar = await tarOf(200_000);
    const both = () =>
      verbServer((request, response) => {
        if (request.method === 'GET') answeringBytes(tar)(request, response);
        else void buffer(request).then(() => response.end(lines(LOADED)));
      });
    await using one = await both();
    await using other = await both();
    const copy = async (from: typeof one, to: typeof one) =>
      to.engine.verbs.loadImages(
        await from.engine.verbs.saveImages(['a:1'], { signal: never }),
        {},
      );
    const copies = Array.from({ length: 60 }, (_, n) =>
      n % 2 === 0 ? copy(one, other) : copy(other, one),
    );
    for (const { references } of await Promise.all(copies)) assert.equal(references.length, 1);
  });
});

function answeringBytes(bytes: Buffer): Parameters<typeof verbServer>[0] {
  return (_request, response) => void response.writeHead(200).end(bytes);
}
