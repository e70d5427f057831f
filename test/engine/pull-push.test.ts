import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import type { ProgressMessage } from '../../src/engine/image-verbs.ts';
import { until } from '../support/settle.ts';
import { answering, lines, verbServer } from '../support/verb-server.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const LAYER = {
  status: 'Downloading',
  progressDetail: { current: 5, total: 10 },
  id: 'aaaaaaaaaaaa',
};
const PULLED = [
  { status: 'Pulling from team/app', id: '1' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'aaaaaaaaaaaa' },
  LAYER,
  { status: 'Pull complete', progressDetail: {}, id: 'aaaaaaaaaaaa' },
  { status: `Digest: ${DIGEST}` },
  { status: 'Status: Downloaded newer image for reg:5000/team/app:1' },
];

suite('a pull', () => {
  test('asks for one tag, and tells progress and digest', async () => {
    await using server = await verbServer(answering(...PULLED));
    const seen: ProgressMessage[] = [];
    const result = await server.engine.verbs.pullImage('reg:5000/team/app:1', {
      platform: 'linux/amd64',
      onProgress: (message) => seen.push(message),
    });
    assert.deepEqual(result, { digest: DIGEST, isNew: true });
    assert.deepEqual(server.asked, [
      'POST /images/create?fromImage=reg%3A5000%2Fteam%2Fapp%3A1&platform=linux%2Famd64',
    ]);
    assert.deepEqual(
      seen.map(({ id, status }) => `${id} ${status}`),
      [
        ' Pulling from team/app',
        'aaaaaaaaaaaa Pulling fs layer',
        'aaaaaaaaaaaa Downloading',
        'aaaaaaaaaaaa Pull complete',
        ` Digest: ${DIGEST}`,
        ' Status: Downloaded newer image for reg:5000/team/app:1',
      ],
    );
    assert.deepEqual(seen[2], {
      id: 'aaaaaaaaaaaa',
      status: 'Downloading',
      currentBytes: 5,
      totalBytes: 10,
    });
    assert.equal(seen[1]?.currentBytes, null);
  });

  test('by digest asks for the digest, whatever tag stands before it', async () => {
    await using server = await verbServer(
      answering({ status: `Digest: ${DIGEST}` }, { status: 'Status: Image is up to date for x' }),
    );
    const result = await server.engine.verbs.pullImage(`team/app:1@${DIGEST}`, {});
    assert.deepEqual(result, { digest: DIGEST, isNew: false });
    const query = new URL(`http://x${server.asked[0]?.slice('POST '.length)}`).searchParams;
    assert.equal(query.get('fromImage'), `team/app@${DIGEST}`);
  });

  test('is read whole however its bytes are cut', async () => {
    await using server = await verbServer((_request, response) => {
      response.writeHead(200);
      void (async () => {
        for (const byte of Buffer.from(lines({ status: 'é😀', id: 'x' }, ...PULLED))) {
          response.write(Uint8Array.of(byte));
          await delay(0);
        }
        response.end();
      })();
    });
    const seen: string[] = [];
    const onProgress = ({ status }: ProgressMessage) => seen.push(status);
    const result = await server.engine.verbs.pullImage('team/app:1', { onProgress });
    assert.equal(result.digest, DIGEST);
    assert.equal(seen[0], 'é😀');
    assert.equal(seen.length, PULLED.length + 1);
  });

  test('sends credentials as engines want them, and always some for a push', async () => {
    await using server = await verbServer(
      answering({ status: `1: digest: ${DIGEST} size: 5` }, { status: `Digest: ${DIGEST}` }),
    );
    const auth = { serveraddress: 'reg:5000', username: 'ünï', password: 'pass?>~' };
    await server.engine.verbs.pullImage('reg:5000/team/app:1', { auth });
    await server.engine.verbs.pushImage('reg:5000/team/app:1', {});
    const sent = server.requests.map(({ headers }) => headers['x-registry-auth'] as string);
    assert.match(sent[0]!, /^[\w-]+=*$/);
    assert.deepEqual(JSON.parse(Buffer.from(sent[0]!, 'base64url').toString()), auth);
    assert.equal(sent[1], 'e30=');
  });

  test('sends credentials for Docker Hub under the name that containerd stores look for', async () => {
    await using server = await verbServer(answering({ status: `Digest: ${DIGEST}` }));
    const auth = { serveraddress: 'docker.io', username: 'ada', password: 'x' };
    await server.engine.verbs.pullImage('team/app:1', { auth });
    const sent = server.requests[0]?.headers['x-registry-auth'] as string;
    assert.deepEqual(JSON.parse(Buffer.from(sent, 'base64url').toString()), {
      ...auth,
      serveraddress: 'https://index.docker.io/v1/',
    });
  });

  test('of a name alone is refused before anything is asked', async () => {
    await using server = await verbServer(answering(...PULLED));
    for (const reference of ['team/app', 'reg:5000/team/app', '', ':1', 'team/app:', 'app@']) {
      await assert.rejects(server.engine.verbs.pullImage(reference, {}), {
        code: 'BAD_REFERENCE',
        host: 'alpha',
      });
    }
    for (const reference of ['team/app', `team/app@${DIGEST}`, 'team/app:', '../x:1', 'a b:1']) {
      await assert.rejects(server.engine.verbs.pushImage(reference, {}), { code: 'BAD_REFERENCE' });
      await assert.rejects(server.engine.verbs.tagImage('app:1', reference), { host: 'alpha' });
    }
    assert.deepEqual(
      server.asked.filter((asked) => !asked.includes('/tag')),
      [],
    );
  });
});

suite('a pull ends in', () => {
  const complaints = [
    { errorDetail: { message: 'the detail' }, error: 'the summary' },
    { error: 'the detail' },
    { errorDetail: { message: '' }, error: 'the detail' },
  ];
  for (const complaint of complaints) {
    test(`the error of ${JSON.stringify(complaint)}, though the status was 200`, async () => {
      await using server = await verbServer(answering(LAYER, complaint, ...PULLED));
      await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), {
        code: 'ENGINE_ERROR',
        host: 'alpha',
        message: 'alpha: the detail',
        retryable: false,
      });
    });
  }

  test('HOST_UNREACHABLE when the connection breaks off in the middle', async () => {
    await using server = await verbServer((_request, response) => {
      response.writeHead(200).write(lines(...PULLED), () => response.socket?.destroy());
    });
    await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), {
      code: 'HOST_UNREACHABLE',
      retryable: true,
      message: 'alpha broke off in the middle of the pull of team/app:1',
    });
  });

  test('ENGINE_ERROR when the stream ends well without its success sign', async () => {
    for (const messages of [[], [LAYER], PULLED.slice(0, 4)]) {
      await using server = await verbServer(answering(...messages));
      await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), {
        code: 'ENGINE_ERROR',
        message: 'alpha ended the pull of team/app:1 without saying that it is done',
      });
    }
  });

  test('ENGINE_ERROR when what comes is not JSON', async () => {
    await using server = await verbServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>\n<body>log in\n');
    });
    await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), {
      code: 'ENGINE_ERROR',
      message: /not JSON: "<html>"/,
    });
  });

  test('ENGINE_ERROR when lines are JSON of another shape', async () => {
    await using server = await verbServer((_request, response) => {
      response.writeHead(200).end('null\n5\n"x"\n[]\n{"status":5,"id":{},"aux":null}\n');
    });
    await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), { code: 'ENGINE_ERROR' });
  });

  test('NOT_FOUND when 20.10 pulls another platform and only warns', async () => {
    const warning =
      'WARNING: image with reference team/app:1 was found but does not match the specified ' +
      'platform: wanted linux/arm64, actual: linux/amd64';
    await using server = await verbServer(answering(...PULLED, { status: warning }));
    await assert.rejects(server.engine.verbs.pullImage('team/app:1', { platform: 'linux/arm64' }), {
      code: 'NOT_FOUND',
      message: /^alpha: image with reference .* actual: linux\/amd64$/,
    });
  });

  test('TIMEOUT when nothing comes any more, and the engine is told by the connection', async () => {
    await using server = await verbServer(
      (_request, response) => void response.writeHead(200).write(lines(LAYER)),
      { streamIdleMs: 100 },
    );
    await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), {
      code: 'TIMEOUT',
      retryable: true,
      message: 'the pull of team/app:1 was given up: nothing came from alpha for 0.1 s',
    });
    await until(() => server.requests[0]?.socket.destroyed === true, 'the connection closed');
  });

  test('TIMEOUT when an engine only repeats that it downloads, not while it extracts', async () => {
    const repeated = (...messages: object[]): Parameters<typeof verbServer>[0] => {
      return (_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(lines(...messages)), 10);
        setTimeout(() => {
          clearInterval(timer);
          response.end(lines(...PULLED));
        }, 500);
        response.on('close', () => clearInterval(timer));
      };
    };
    const done = { status: 'Download complete', id: 'bbbbbbbbbbbb' };
    await using hanging = await verbServer(repeated(LAYER, done), { streamIdleMs: 150 });
    await assert.rejects(hanging.engine.verbs.pullImage('team/app:1', {}), { code: 'TIMEOUT' });
    const extracting = [done, { ...done, id: 'aaaaaaaaaaaa' }];
    await using busy = await verbServer(repeated(...extracting), { streamIdleMs: 150 });
    assert.equal((await busy.engine.verbs.pullImage('team/app:1', {})).digest, DIGEST);
  });

  test('TIMEOUT when not even the headers come', async () => {
    await using server = await verbServer(() => {}, { streamIdleMs: 100 });
    await assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), { code: 'TIMEOUT' });
  });

  test('CANCELLED when its asker leaves: the engine sees the connection close', async () => {
    await using server = await verbServer(
      (_request, response) => void response.writeHead(200).write(lines(LAYER)),
    );
    const asker = new AbortController();
    const pull = server.engine.verbs.pullImage('team/app:1', {
      signal: asker.signal,
      onProgress: () => asker.abort(),
    });
    await assert.rejects(pull, {
      code: 'CANCELLED',
      host: 'alpha',
      message: 'the pull of team/app:1 was cancelled',
    });
    await until(() => server.requests[0]?.socket.destroyed === true, 'the connection closed');
    const gone = server.engine.verbs.pullImage('team/app:1', { signal: asker.signal });
    await assert.rejects(gone, { code: 'CANCELLED' });
    assert.equal(server.asked.length, 1);
  });

  test('CANCELLED when the engine is closed', async () => {
    await using server = await verbServer(
      (_request, response) => void response.writeHead(200).write(lines(LAYER)),
    );
    const pull = assert.rejects(server.engine.verbs.pullImage('team/app:1', {}), {
      code: 'CANCELLED',
    });
    await until(() => server.asked.length === 1, 'it is under way');
    await server.engine.close();
    await pull;
  });
});

suite('a pull goes on', () => {
  test('for as long as something comes now and then', async () => {
    await using server = await verbServer(
      (_request, response) => {
        response.writeHead(200);
        void (async () => {
          for (let n = 0; n < 10; n++) {
            response.write(lines({ ...LAYER, progressDetail: { current: n, total: 10 } }));
            await delay(50);
          }
          response.end(lines(...PULLED));
        })();
      },
      { streamIdleMs: 250 },
    );
    assert.equal((await server.engine.verbs.pullImage('team/app:1', {})).digest, DIGEST);
  });

  test('beside many others without taking a connection from plain calls', async () => {
    await using server = await verbServer((request, response) => {
      if (request.url?.includes('/images/json') === true) response.end('[]');
      else response.writeHead(200).write(lines(LAYER));
    });
    const stop = new AbortController();
    const { verbs } = server.engine;
    const pulls = Array.from({ length: 50 }, () =>
      verbs.pullImage('team/app:1', { signal: stop.signal }),
    );
    const ends = Promise.allSettled(pulls);
    await until(() => server.asked.length >= 8, 'several are under way');
    assert.deepEqual(await server.engine.listImages(), []);
    assert.ok(server.connections <= 30, `${server.connections} connections`);
    stop.abort();
    for (const end of await ends) {
      assert.equal((end as PromiseRejectedResult).reason.code, 'CANCELLED');
    }
  });
});

suite('a push', () => {
  test('tells the digest that a classic store gives as data', async () => {
    const aux = { Tag: '1', Digest: DIGEST, Size: 528 };
    await using server = await verbServer(
      answering({ status: 'Pushed', id: 'aaaaaaaaaaaa' }, { progressDetail: {}, aux }),
    );
    const seen: string[] = [];
    const result = await server.engine.verbs.pushImage('reg:5000/team/app:1', {
      onProgress: ({ id, status }) => seen.push(`${id} ${status}`),
    });
    assert.deepEqual(result, { digest: DIGEST, manifestBytes: 528 });
    assert.deepEqual(server.asked, ['POST /images/reg:5000/team/app/push?tag=1']);
    assert.deepEqual(seen, ['aaaaaaaaaaaa Pushed']);
  });

  test('tells the digest that a containerd store gives as a line', async () => {
    await using server = await verbServer(
      answering({ status: `a.b-c_d: digest: ${DIGEST} size: 734` }),
    );
    const result = await server.engine.verbs.pushImage('team/app:a.b-c_d', {});
    assert.deepEqual(result, { digest: DIGEST, manifestBytes: 734 });
  });

  test('that ends without a digest did not succeed', async () => {
    await using server = await verbServer(answering({ status: 'Pushed', id: 'aaaaaaaaaaaa' }));
    await assert.rejects(server.engine.verbs.pushImage('team/app:1', {}), {
      code: 'ENGINE_ERROR',
      message: /without saying that it is done/,
    });
  });
});

suite('verbs are reported', () => {
  test('with their name and outcome, streams as plain calls', async () => {
    const reports: string[] = [];
    await using server = await verbServer(
      (request, response) => {
        if (request.url?.includes('/tag') === true) response.writeHead(201).end();
        else answering(...PULLED)(request, response);
      },
      { onCall: ({ host, call, outcome }) => reports.push(`${host} ${call} ${outcome}`) },
    );
    const { verbs } = server.engine;
    await verbs.pullImage('team/app:1', {});
    await verbs.tagImage('team/app:1', 'team/app:2');
    await assert.rejects(verbs.pushImage('team/app:1', {}));
    assert.deepEqual(reports, [
      'alpha connect ok',
      'alpha pullImage ok',
      'alpha tagImage ok',
      'alpha pushImage error',
    ]);
  });

  test('and before the first connect there are none', async () => {
    await using server = await verbServer(answering(...PULLED));
    const { endpoint } = server.engine;
    const { openEngine } = await import('../../src/engine/open-engine.ts');
    const engine = openEngine(endpoint, { host: 'alpha' });
    await assert.rejects(engine.verbs.pullImage('team/app:1', {}), /not been connected/);
    await assert.rejects(engine.verbs.tagImage('a:1', 'b:1'), /not been connected/);
    await engine.close();
    await assert.rejects(engine.verbs.pullImage('team/app:1', {}), { code: 'HOST_UNREACHABLE' });
  });
});
