import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { decodeMessage, encodeMessage } from '../../src/engine/buildkit/messages.ts';
import { readBuildTrace } from '../../src/engine/buildkit/build-trace.ts';
import type { BuildTrace } from '../../src/engine/buildkit/build-trace.ts';
import { TracePulse } from '../../src/engine/buildkit/trace-pulse.ts';
import { ForbiddenError } from '../../src/common/errors.ts';
import type { BuildOptions } from '../../src/engine/image-verbs.ts';
import { buildKitServer } from '../support/buildkit-server.ts';
import type { BuildPlay, SessionClient } from '../support/buildkit-server.ts';
import { answering, lines, verbServer } from '../support/verb-server.ts';
import type { VerbServerOptions } from '../support/verb-server.ts';

const ID = `sha256:${'cd'.repeat(32)}`;
const IMAGE = { id: 'moby.image.id', aux: { ID } };
const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials';
const PULL = '/moby.upload.v1.Upload/Pull';

const trace = (fields: Record<string, unknown>) => ({
  id: 'moby.buildkit.trace',
  aux: Buffer.from(encodeMessage('StatusResponse', fields)).toString('base64'),
});

const ends = (...messages: object[]): BuildPlay => {
  return (_session, _request, response) => {
    response.end(lines(...messages));
  };
};

suite('what BuildKit tells', () => {
  /** Of `FROM busybox:1`, `RUN echo é` on 20.10. */
  const RUN_COMPLETED =
    'CsEBCkdzaGEyNTY6MzYwYTc5OGMwNGJkYzFkZTNmYjFiOTkyZTFlNDU1M2I1YjFjMTA3Y2MxMzYzNGJlYTYwMWIwY2I5NDNlZjk0' +
    'NRJHc2hhMjU2Ojc2YjdjYTc1YjI2NzVhMmY4NThlNGVjNzI5NTBkNDRiNWE5ODQzODgwNjFkY2Q2OWI1ZWZmMGYxMzExM2FhZDga' +
    'EVsyLzJdIFJVTiBlY2hvIMOpKgwI2qaD2AYQmJT2vgMyDAjapoPYBhDkr/fYAw==';
  const OUTPUT =
    'Gl4KR3NoYTI1NjozNjBhNzk4YzA0YmRjMWRlM2ZiMWI5OTJlMWU0NTUzYjViMWMxMDdjYzEzNjM0YmVhNjAxYjBjYjk0M2VmOTQ1' +
    'EgwI2qaD2AYQqI3w1QMYASIDw6kK';
  const EXPORTING =
    'CmsKR3NoYTI1NjplOGM2MTNlMDdiMGI3ZmYzMzg5M2I2OTRmNzc1OWExMGQ0MmUxODBmMmI0ZGMzNDlmYjU3ZGM2YjcxZGNhYjAw' +
    'GhJleHBvcnRpbmcgdG8gaW1hZ2UqDAjapoPYBhD3zr/ZAxJ3ChBleHBvcnRpbmcgbGF5ZXJzEkdzaGEyNTY6ZThjNjEzZTA3YjBi' +
    'N2ZmMzM4OTNiNjk0Zjc3NTlhMTBkNDJlMTgwZjJiNGRjMzQ5ZmI1N2RjNmI3MWRjYWIwMDIMCNqmg9gGEN/sv9kDOgwI2qaD2AYQ' +
    '4um/2QM=';
  const RUN = 'sha256:360a798c04bdc1de3fb1b992e1e4553b5b1c107cc13634bea601b0cb943ef945';
  const EXPORT = 'sha256:e8c613e07b0b7ff33893b694f7759a10d42e180f2b4dc349fb57dc6b71dcab00';
  const SECOND = 1795216218_000;

  test('is read as an engine wrote it', () => {
    const [run] = readBuildTrace(Buffer.from(RUN_COMPLETED, 'base64')).vertexes;
    const { startedAt, completedAt, ...rest } = run!;
    assert.deepEqual(rest, { id: RUN, name: '[2/2] RUN echo é', cached: false, error: '' });
    assert.ok(startedAt! > SECOND && startedAt! < completedAt! && completedAt! < SECOND + 1000);

    const { output } = readBuildTrace(Buffer.from(OUTPUT, 'base64'));
    assert.equal(output.length, 1);
    assert.equal(output[0]!.vertex, RUN);
    assert.equal(Buffer.from(output[0]!.bytes).toString(), 'é\n');
    assert.ok(output[0]!.at > startedAt! && output[0]!.at < completedAt!);

    const { vertexes, statuses } = readBuildTrace(Buffer.from(EXPORTING, 'base64'));
    assert.deepEqual(
      vertexes.map(({ name, completedAt: completed }) => [name, completed]),
      [['exporting to image', null]],
    );
    assert.deepEqual(statuses, [
      {
        id: 'exporting layers',
        vertex: EXPORT,
        name: '',
        current: 0,
        total: 0,
        isDone: false,
        durationMs: null,
      },
    ]);
  });

  test('may be empty, may have fields of a later version, and is refused where it is cut', () => {
    const nothing: BuildTrace = { vertexes: [], statuses: [], output: [], warnings: [] };
    assert.deepEqual(readBuildTrace(Buffer.alloc(0)), nothing);
    // Field 15, of two bytes.
    assert.deepEqual(readBuildTrace(Buffer.from([0x7a, 2, 1, 1])), nothing);
    const whole = Buffer.from(RUN_COMPLETED, 'base64');
    for (let length = 1; length < whole.length; length++) {
      assert.throws(() => readBuildTrace(whole.subarray(0, length)), `${length} bytes`);
    }
  });

  test('keeps no long scripts', () => {
    const vertex = { digest: 'a', name: 'x'.repeat(1e6), error: 'y'.repeat(1e6) };
    const bytes = encodeMessage('StatusResponse', { vertexes: [vertex] });
    const lengths = readBuildTrace(bytes).vertexes.map(({ name, error }) => [
      name.length,
      error.length,
    ]);
    assert.deepEqual(lengths, [[2000, 2000]]);
  });

  test('says that something moves only where something does', () => {
    const pulse = new TracePulse();
    const status = {
      id: 'sha256:a',
      vertex: 'v',
      name: 'downloading',
      total: 10,
      isDone: false,
      durationMs: null,
    };
    const beats = (current: number, isDone = false) =>
      pulse.beats({
        vertexes: [],
        output: [],
        warnings: [],
        statuses: [{ ...status, current, isDone }],
      });
    assert.deepEqual(
      [beats(1), beats(1), beats(2), beats(2), beats(2, true), beats(2, true)],
      [true, false, true, false, true, false],
    );
    const output = [{ vertex: 'v', at: 0, bytes: Buffer.from('x') }];
    assert.ok(pulse.beats({ vertexes: [], statuses: [], warnings: [], output }));
  });
});

suite('a build by BuildKit', () => {
  async function run(play: BuildPlay, options: Partial<BuildOptions> = {}) {
    await using server = await buildKitServer(play);
    const context = options.remote === undefined ? { context: Readable.from(['tar']) } : {};
    const result = await server.engine.verbs.buildImage({
      tags: ['app:1'],
      ...context,
      ...options,
    });
    return { result, asked: server.asked };
  }

  test('asks for it with everything that was said, and answers the image', async () => {
    let session: SessionClient | undefined;
    const traces: BuildTrace[] = [];
    const { result, asked } = await run(
      (client, _request, response) => {
        session = client;
        response.end(lines(trace({ vertexes: [{ digest: 'a', name: '[1/1] FROM x' }] }), IMAGE));
      },
      {
        remote: 'https://git.example/x.git#main:dir',
        dockerfile: 'a/Dockerfile',
        tags: ['app:1', 'reg:5000/app:2'],
        buildArgs: { A: 'b&c' },
        target: 'final',
        labels: { l: 'm' },
        noCache: true,
        pull: true,
        platform: 'linux/arm64',
        networkMode: 'none',
        onTrace: (told) => traces.push(told),
      },
    );
    assert.deepEqual(result, { id: ID, builder: 'BUILDKIT' });
    assert.deepEqual(
      traces.map(({ vertexes }) => vertexes[0]!.name),
      ['[1/1] FROM x'],
    );
    const { headers } = session!;
    assert.equal(headers.upgrade, 'h2c');
    const id = headers['x-docker-expose-session-uuid'] as string;
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.match(
      String(headers['x-docker-expose-session-grpc-method']),
      /Auth\/Credentials, \/moby/,
    );
    assert.deepEqual(
      [...new URL(`http://x${asked[0]?.split(' ')[1]}`).searchParams],
      [
        ['version', '2'],
        ['session', id],
        ['remote', 'https://git.example/x.git#main:dir'],
        ['t', 'app:1'],
        ['t', 'reg:5000/app:2'],
        ['dockerfile', 'a/Dockerfile'],
        ['buildargs', '{"A":"b&c"}'],
        ['target', 'final'],
        ['labels', '{"l":"m"}'],
        ['nocache', '1'],
        ['pull', '1'],
        ['platform', 'linux/arm64'],
        ['networkmode', 'none'],
      ],
    );
    // The session ends with its build.
    await session!.ended;
  });

  test('gives credentials for the registries that it asks for, and says that it is there', async () => {
    const asked: string[] = [];
    const answers: unknown[] = [];
    const remote = 'http://files/x.tar';
    await run(
      async (session, _request, response) => {
        const health = await session.call('/grpc.health.v1.Health/Check', Buffer.alloc(0));
        answers.push(decodeMessage('HealthCheckResponse', health.messages[0]!));
        for (const Host of ['registry-1.docker.io', 'token:5000', 'none:5000', 'reg:5000']) {
          const request = encodeMessage('CredentialsRequest', { Host });
          const { status, messages } = await session.call(CREDENTIALS, request);
          assert.equal(status, '0');
          answers.push(decodeMessage('CredentialsResponse', messages[0]!));
        }
        response.end(lines(IMAGE));
      },
      {
        remote,
        authFor: async (registry) => {
          asked.push(registry);
          if (registry === 'none:5000') return undefined;
          return registry === 'token:5000'
            ? { serveraddress: registry, identitytoken: 'tok' }
            : { serveraddress: registry, username: 'ada', password: `for ${registry}` };
        },
      },
    );
    assert.deepEqual(asked, ['docker.io', 'token:5000', 'none:5000', 'reg:5000']);
    assert.deepEqual(answers, [
      { status: 1 },
      { Username: 'ada', Secret: 'for docker.io' },
      { Username: '', Secret: 'tok' },
      { Username: '', Secret: '' },
      { Username: 'ada', Secret: 'for reg:5000' },
    ]);
  });

  test('gives its files once, whole, in messages of a size that is taken', async () => {
    const tar = Buffer.alloc(5_000_000, 'tar');
    let sent = 0;
    const source = Readable.from(
      (function* () {
        for (const size of [1, 4_000_000, 999_999]) {
          yield tar.subarray(sent, (sent += size));
        }
      })(),
    );
    const { asked } = await run(
      async (session, _request, response) => {
        for (const urlpath of ['/other', '']) {
          assert.equal((await session.pull(PULL, { urlpath })).status, '5');
        }
        const { status, messages } = await session.pull(PULL, { urlpath: '/context' });
        assert.equal(status, '0');
        assert.ok(messages.every(({ length }) => length < 1.1 * 1024 * 1024));
        const data = messages.map(
          (message) => (decodeMessage('BytesMessage', message) as { data: Buffer }).data,
        );
        assert.ok(Buffer.concat(data).equals(tar));
        assert.equal((await session.pull(PULL, { urlpath: '/context' })).status, '5');
        response.end(lines(IMAGE));
      },
      { context: source },
    );
    assert.match(asked[0]!, /remote=http%3A%2F%2Fbuildkit-session%2Fcontext/);
  });

  test('does not read its files faster than they are taken', async () => {
    let given = 0;
    const source = Readable.from(
      (function* () {
        for (; given < 200; given++) yield Buffer.alloc(1024 * 1024);
      })(),
      { highWaterMark: 1 },
    );
    await run(
      async (session, _request, response) => {
        const stream = session.connection.request({
          ':method': 'POST',
          ':path': PULL,
          urlpath: '/context',
        });
        stream.on('error', () => {});
        await new Promise((resolve) => stream.once('readable', resolve));
        let before = -1;
        while (before !== given) {
          before = given;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        assert.ok(given < 10, `${given} MiB were read for nobody`);
        stream.close();
        response.end(lines(IMAGE));
      },
      { context: source },
    );
  });

  test('answers nothing else, and no nonsense', async () => {
    await run(
      async (session, _request, response) => {
        const status = async (path: string, raw: Uint8Array) =>
          (await session.call(path, { raw })).status;
        const none = Buffer.alloc(5);
        assert.equal(await status('/moby.filesync.v1.Auth/FetchToken', none), '12');
        assert.equal(await status('/constructor', none), '12');
        assert.equal(await status(CREDENTIALS, Buffer.alloc(2)), '13');
        assert.equal(await status(CREDENTIALS, Buffer.from([0, 0, 0, 0, 9, 1])), '13');
        assert.equal(await status(CREDENTIALS, Buffer.from([1, 0, 0, 0, 0])), '12');
        assert.equal(await status(CREDENTIALS, Buffer.from([0, 0, 0, 0, 1, 0xff])), '13');
        assert.notEqual(await status(CREDENTIALS, Buffer.alloc(200_000)), '0');
        assert.equal((await session.call(CREDENTIALS, Buffer.alloc(0))).status, '0');
        response.end(lines(IMAGE));
      },
      { remote: 'http://files/x.tar', authFor: async () => undefined },
    );
  });

  test('says what broke off where that were its files', async () => {
    const source = Readable.from(
      (function* () {
        yield Buffer.alloc(1000);
        throw new Error('disk on fire');
      })(),
    );
    let status: string | null | undefined;
    const build = run(
      async (session) => {
        ({ status } = await session.pull(PULL, { urlpath: '/context' }));
      },
      { context: source },
    );
    await assert.rejects(build, {
      code: 'BAD_USER_INPUT',
      message:
        'the data for the build of app:1 broke off before its end; alpha was told to drop it',
    });
    assert.notEqual(status, '0');
  });

  test('says what is wrong with credentials where they could not be found', async () => {
    const build = run(
      async (session, _request, response) => {
        const request = encodeMessage('CredentialsRequest', { Host: 'reg:5000' });
        assert.equal((await session.call(CREDENTIALS, request)).status, '13');
        response.end(lines({ errorDetail: { message: 'rpc error: the call failed' } }));
      },
      {
        authFor: async () => {
          throw new ForbiddenError('docker-credential-x does not work');
        },
      },
    );
    await assert.rejects(build, {
      code: 'FORBIDDEN',
      message: 'docker-credential-x does not work',
    });
  });

  test('knows by its refusal whether credentials were given', async () => {
    const hint = async (password: string | null) => {
      const build = run(
        async (session, _request, response) => {
          const request = encodeMessage('CredentialsRequest', { Host: 'reg:5000' });
          await session.call(CREDENTIALS, request);
          response.end(
            lines({ errorDetail: { message: 'status code: 401 for http://reg:5000/' } }),
          );
        },
        {
          authFor: async (serveraddress) =>
            password === null ? undefined : { serveraddress, username: 'ada', password },
        },
      );
      const error: any = await build.catch((reason: unknown) => reason);
      assert.equal(error.code, 'FORBIDDEN', `${error}`);
      assert.doesNotMatch(JSON.stringify([error, error.message, error.details]), /pa55word/);
      return error.details.hint as string;
    };
    assert.match(await hint(null), /^give credentials for reg:5000$/);
    assert.match(await hint('pa55word'), /^reg:5000 refuses the credentials given/);
  });

  test('ends its session and its request when it is cancelled', async () => {
    const stop = new AbortController();
    let session: SessionClient | undefined;
    const gone = Promise.withResolvers<void>();
    await using server = await buildKitServer((client, request, response) => {
      session = client;
      request.once('close', gone.resolve);
      response.write(lines(trace({})));
      stop.abort();
    });
    const build = server.engine.verbs.buildImage({
      tags: ['app:1'],
      context: Readable.from(['tar']),
      signal: stop.signal,
    });
    await assert.rejects(build, {
      code: 'CANCELLED',
      message: 'the build of app:1 was cancelled',
      host: 'alpha',
    });
    await session!.ended;
    await gone.promise;
  });

  test('that does not come to its image did not succeed', async () => {
    const remote = 'http://files/x.tar';
    await assert.rejects(run(ends(trace({})), { remote }), {
      code: 'ENGINE_ERROR',
      message: 'alpha ended the build of app:1 without saying that it is done',
    });
    const cut = { id: 'moby.buildkit.trace', aux: 'CsEBCkdz' };
    await assert.rejects(run(ends(cut, IMAGE), { remote }), {
      code: 'ENGINE_ERROR',
      message: "alpha told of its build in what is not BuildKit's language",
    });
    const failure = {
      errorDetail: {
        message: 'process "/bin/sh -c x" did not complete successfully: exit code: 3',
      },
    };
    await assert.rejects(run(ends(failure), { remote }), {
      code: 'ENGINE_ERROR',
      retryable: false,
      details: { hint: 'the output of the step says why' },
    });
  });

  test('that waits for its files says so when it is given up', async () => {
    const source = new Readable({ read() {} });
    source.push('the beginning');
    await using server = await buildKitServer(
      async (session, _request, response) => {
        response.write(lines(trace({})));
        await session.pull(PULL, { urlpath: '/context' });
      },
      { streamIdleMs: 200 },
    );
    const build = server.engine.verbs.buildImage({ tags: [], context: source });
    await assert.rejects(build, {
      code: 'TIMEOUT',
      message: /nothing came from the source of the data for 0.2 s/,
    });
    assert.ok(source.destroyed);
  });

  test('that stands still is given up, also where its session says that it is there', async () => {
    await using server = await buildKitServer(
      async (session, _request, response) => {
        const status = { ID: 'sha256:a', vertex: 'v', name: 'downloading', current: 1, total: 9 };
        const repeat = setInterval(() => {
          response.write(lines(trace({ statuses: [status] })));
          void session.call('/grpc.health.v1.Health/Check', Buffer.alloc(0));
        }, 20);
        await session.ended;
        clearInterval(repeat);
      },
      { streamIdleMs: 300 },
    );
    const build = server.engine.verbs.buildImage({ tags: [], remote: 'http://files/x.tar' });
    await assert.rejects(build, { code: 'TIMEOUT', message: /nothing came from alpha for 0.3 s/ });
  });
});

suite('the choice of a builder', () => {
  const CLASSIC_END = { stream: 'Successfully built cdcdcdcdcdcd\n' };
  const remote = 'http://files/x.tar';

  async function builderOf(
    ping: VerbServerOptions['ping'],
    options: Partial<BuildOptions> = {},
  ): Promise<string> {
    await using server = await buildKitServer(
      (_session, request, response) => {
        const isBuildKit = new URL(`http://x${request.url}`).searchParams.get('version') === '2';
        response.end(lines(isBuildKit ? IMAGE : CLASSIC_END));
      },
      { ...(ping && { ping }) },
    );
    return (await server.engine.verbs.buildImage({ tags: [], remote, ...options })).builder;
  }

  test('is what the engine says, else whatever runs no Windows', async () => {
    const linux = { OSType: 'linux' };
    assert.equal(await builderOf({ ...linux, 'Builder-Version': '2' }), 'BUILDKIT');
    // 20.10 as it comes.
    assert.equal(await builderOf(linux), 'BUILDKIT');
    assert.equal(await builderOf({ OSType: 'windows', 'Builder-Version': '2' }), 'BUILDKIT');
  });

  const classic = async (
    options: VerbServerOptions,
    build: Partial<BuildOptions> = {},
    handler = answering(CLASSIC_END),
  ) => {
    await using server = await verbServer(handler, options);
    const log: string[] = [];
    const { builder } = await server.engine.verbs.buildImage({
      tags: [],
      remote,
      onLog: (line) => log.push(line),
      ...build,
    });
    return { builder, asked: server.asked.map((line) => line.split('?')[0]), log };
  };

  test('is the classic one on Windows, podman, engines that say so, and for what BuildKit does not take', async () => {
    const pings = [
      { OSType: 'windows' },
      { OSType: 'linux', 'Builder-Version': '1' },
      { OSType: 'linux', 'Libpod-API-Version': '5.4.0' },
    ];
    for (const ping of pings) {
      const { builder, asked } = await classic({ ping });
      assert.equal(builder, 'CLASSIC');
      assert.deepEqual(asked, ['POST /build']);
    }
    const ping = { 'Builder-Version': '2' };
    const named = await classic({ ping }, { networkMode: 'backend' });
    assert.deepEqual([named.builder, named.asked], ['CLASSIC', ['POST /build']]);
    const folder = { remote: 'https://git.example/x.git#main:dir' };
    const old = await classic({ ping, apiVersion: '1.41' }, folder);
    assert.deepEqual([old.builder, old.asked], ['CLASSIC', ['POST /build']]);
  });

  test('is the classic one behind a proxy that lets no session pass, and the log says so', async () => {
    // The engine itself says 400, where a proxy left out what asks for the upgrade.
    for (const status of [403, 404, 200, 400]) {
      const { builder, asked, log } = await classic(
        { ping: { 'Builder-Version': '2' } },
        {},
        (request, response) => {
          if (request.url?.endsWith('/session')) {
            response.writeHead(status).end('{"message":"no upgrade proto in request"}');
          } else answering(CLASSIC_END)(request, response);
        },
      );
      assert.equal(builder, 'CLASSIC');
      assert.deepEqual(asked, ['POST /session', 'POST /build']);
      assert.match(log[0]!, /^the classic builder is used: .*alpha .*POST \/session/);
    }
  });

  test('is made once: an engine in trouble is an error', async () => {
    const failing = classic({ ping: { 'Builder-Version': '2' } }, {}, (_request, response) => {
      response.writeHead(500).end('{"message":"on fire"}');
    });
    await assert.rejects(failing, { code: 'ENGINE_ERROR', message: /on fire/ });
  });
});
