import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer, json, text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import type { BuildOptions } from '../../src/engine/image-verbs.ts';
import { LineAssembler } from '../../src/engine/line-assembler.ts';
import { answering, lines, verbServer } from '../support/verb-server.ts';
import type { VerbServer } from '../support/verb-server.ts';

const ID = `sha256:${'cd'.repeat(32)}`;

function answeringJson(status: number, body: unknown): Parameters<typeof verbServer>[0] {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
}

function query({ asked }: VerbServer): [string, string][] {
  return [...new URL(`http://x${asked[0]?.split(' ')[1]}`).searchParams];
}

suite('tag', () => {
  test('names repository and tag apart', async () => {
    await using server = await verbServer((_request, response) => response.writeHead(201).end());
    await server.engine.verbs.tagImage(ID, 'reg:5000/team/app:1.0');
    assert.match(server.asked[0]!, new RegExp(`^POST /images/${ID}/tag\\?`));
    assert.deepEqual(query(server), [
      ['repo', 'reg:5000/team/app'],
      ['tag', '1.0'],
    ]);
  });
});

suite('remove', () => {
  test('tells what was untagged and deleted, in order', async () => {
    const rows = [{ Untagged: 'a:1' }, { Untagged: 'a@sha256:x' }, { Deleted: ID }, {}];
    await using server = await verbServer(answeringJson(200, rows));
    assert.deepEqual(await server.engine.verbs.removeImage('team/app:1'), {
      untagged: ['a:1', 'a@sha256:x'],
      deleted: [ID],
    });
    await server.engine.verbs.removeImage('team/app:1', { force: true, noPrune: true });
    assert.deepEqual(server.asked, [
      'DELETE /images/team/app:1?force=false&noprune=false',
      'DELETE /images/team/app:1?force=true&noprune=true',
    ]);
  });

  test('says which container stands in the way', async () => {
    const message =
      'conflict: unable to delete b57237ff85ab (cannot be forced) - image is being used by ' +
      'running container 9fb4fd0be040';
    await using server = await verbServer(answeringJson(409, { message }));
    await assert.rejects(server.engine.verbs.removeImage('app:1'), (error: any) => {
      assert.equal(error.code, 'CONFLICT');
      assert.equal(error.details.container, '9fb4fd0be040');
      assert.equal(error.details.state, 'running');
      return true;
    });
  });

  test('is refused for what leads elsewhere', async () => {
    await using server = await verbServer(answeringJson(200, []));
    for (const bad of ['../containers/x', 'a/../b', '', 'a b', 'a?force=1']) {
      await assert.rejects(server.engine.verbs.removeImage(bad), { code: 'BAD_REFERENCE' });
      const commit = server.engine.verbs.commitContainer(bad, {});
      await assert.rejects(commit, { code: 'BAD_REFERENCE' });
    }
    assert.deepEqual(server.asked, []);
  });
});

suite('commit', () => {
  test('sends all settings in the query and no body, which would replace the configuration', async () => {
    const bodies: Promise<string>[] = [];
    await using server = await verbServer((request, response) => {
      bodies.push(text(request));
      answeringJson(201, { Id: ID })(request, response);
    });
    const id = await server.engine.verbs.commitContainer('web-1', {
      reference: 'team/app:2',
      author: 'A & B',
      message: 'why not',
      changes: ['ENV A=b', 'CMD ["x"]'],
      pause: false,
    });
    assert.equal(id, ID);
    assert.equal(await bodies[0], '');
    assert.deepEqual(query(server), [
      ['container', 'web-1'],
      ['repo', 'team/app'],
      ['tag', '2'],
      ['author', 'A & B'],
      ['comment', 'why not'],
      ['changes', 'ENV A=b'],
      ['changes', 'CMD ["x"]'],
      ['pause', 'false'],
    ]);
  });

  test('without an ID in the answer did not succeed', async () => {
    await using server = await verbServer(answeringJson(201, {}));
    await assert.rejects(server.engine.verbs.commitContainer('web-1', {}), {
      code: 'ENGINE_ERROR',
      host: 'alpha',
    });
  });
});

suite('search', () => {
  test('asks with filters and tells rows', async () => {
    const rows = [
      { name: 'nginx', description: 'web', star_count: 5, is_official: true, is_automated: false },
      { name: 'x' },
    ];
    await using server = await verbServer(answeringJson(200, rows));
    const found = await server.engine.verbs.searchImages('ngi nx', {
      limit: 3,
      official: true,
      minStars: 5,
    });
    assert.deepEqual(found, [
      { name: 'nginx', description: 'web', stars: 5, official: true },
      { name: 'x', description: '', stars: 0, official: false },
    ]);
    assert.deepEqual(query(server), [
      ['term', 'ngi nx'],
      ['limit', '3'],
      ['filters', '{"is-official":["true"],"stars":["5"]}'],
    ]);
    await server.engine.verbs.searchImages('x');
    assert.equal(server.asked[1], 'GET /images/search?term=x');
  });
});

suite('a check of credentials', () => {
  test('sends them to the engine and never repeats them', async () => {
    const bodies: unknown[] = [];
    await using server = await verbServer((request, response) => {
      void json(request).then((body) => {
        bodies.push(body);
        const message = 'login attempt to http://reg/v2/ failed with status: 401 Unauthorized';
        answeringJson(500, { message })(request, response);
      });
    });
    const auth = { serveraddress: 'reg:5000', username: 'ada', password: 'pa55word' };
    await assert.rejects(server.engine.verbs.checkAuth(auth), (error: any) => {
      assert.equal(error.code, 'FORBIDDEN');
      assert.equal(error.details.registry, 'reg:5000');
      assert.doesNotMatch(JSON.stringify([error, error.message, error.details]), /pa55word/);
      return true;
    });
    assert.deepEqual(bodies, [auth]);
    await assert.rejects(server.engine.verbs.checkAuth({ registrytoken: 'x' }), {
      code: 'BAD_USER_INPUT',
    });
  });
});

suite('a build', () => {
  const built = [
    { stream: 'Step 1/2 : FROM base' },
    { stream: '\n' },
    { status: 'Downloading', progressDetail: { current: 1, total: 2 }, id: 'aaaaaaaaaaaa' },
    { stream: ' ---> aaaa\nStep 2/2 : RUN x\n' },
    { stream: 'half a ' },
    { stream: 'line' },
    { aux: { ID } },
    { stream: '\nSuccessfully built cdcdcdcdcdcd\n' },
    { stream: 'Successfully tagged app:1\n' },
  ];

  async function run(
    options: Partial<BuildOptions>,
    handler = answering(...built),
  ): Promise<{ id: string; asked: string[]; requests: IncomingMessage[] }> {
    await using server = await verbServer(handler);
    const { id, builder } = await server.engine.verbs.buildImage({ tags: ['app:1'], ...options });
    assert.equal(builder, 'CLASSIC');
    return { id, asked: server.asked, requests: server.requests };
  }

  test('tells lines as they come together, progress of pulls, and the full ID', async () => {
    const log: string[] = [];
    const seen: string[] = [];
    const { id } = await run({
      context: Readable.from([Buffer.alloc(1024)]),
      onLog: (line) => log.push(line),
      onProgress: ({ id: layer, status }) => seen.push(`${layer} ${status}`),
    });
    assert.equal(id, ID);
    assert.deepEqual(log, [
      'Step 1/2 : FROM base',
      ' ---> aaaa',
      'Step 2/2 : RUN x',
      'half a line',
      'Successfully built cdcdcdcdcdcd',
      'Successfully tagged app:1',
    ]);
    assert.deepEqual(seen, ['aaaaaaaaaaaa Downloading']);
  });

  test('asks for the classic builder with everything that was said', async () => {
    const { asked, requests } = await run({
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
      registries: ['reg:5000', 'none:5000'],
      authFor: async (registry) =>
        registry === 'reg:5000'
          ? { serveraddress: 'reg:5000', username: 'u', password: 'p' }
          : undefined,
    });
    const parameters = [...new URL(`http://x${asked[0]?.split(' ')[1]}`).searchParams];
    assert.deepEqual(parameters, [
      ['version', '1'],
      ['rm', '1'],
      ['forcerm', '1'],
      ['t', 'app:1'],
      ['t', 'reg:5000/app:2'],
      ['dockerfile', 'a/Dockerfile'],
      ['buildargs', '{"A":"b&c"}'],
      ['target', 'final'],
      ['labels', '{"l":"m"}'],
      ['nocache', '1'],
      ['pull', '1'],
      ['platform', 'linux/arm64'],
      ['remote', 'https://git.example/x.git#main:dir'],
      ['networkmode', 'none'],
    ]);
    const sent = requests[0]?.headers['x-registry-config'] as string;
    assert.deepEqual(JSON.parse(Buffer.from(sent, 'base64url').toString()), {
      'reg:5000': { serveraddress: 'reg:5000', username: 'u', password: 'p' },
    });
  });

  test('sends its context as it is', async () => {
    const context = Buffer.alloc(300_000, 'z');
    let body: Buffer | undefined;
    await run({ context: Readable.from([context]) }, (request, response) => {
      void buffer(request).then((bytes) => {
        body = bytes;
        response.end(lines(...built));
      });
    });
    assert.ok(body?.equals(context));
  });

  test('that does not come to its last line did not succeed, whatever ID was said before', async () => {
    const remote = 'http://files/x.tar';
    await assert.rejects(run({ remote }, answering(...built.slice(0, -2))), {
      code: 'ENGINE_ERROR',
      message: 'alpha ended the build of app:1 without saying that it is done',
    });
    const log: string[] = [];
    const failure = {
      errorDetail: { code: 3, message: "The command '/bin/sh -c x' returned a non-zero code: 3" },
      error: "The command '/bin/sh -c x' returned a non-zero code: 3",
    };
    const failing = run(
      { remote, onLog: (line) => log.push(line) },
      answering(...built.slice(0, 6), failure),
    );
    await assert.rejects(failing, { code: 'ENGINE_ERROR', retryable: false, message: /code: 3$/ });
    assert.equal(log.at(-1), 'half a line');
  });

  test('takes a context and only one', async () => {
    await assert.rejects(run({}), { code: 'BAD_USER_INPUT' });
    const context = Readable.from([Buffer.alloc(1)]);
    await assert.rejects(run({ context, remote: 'http://x' }), { code: 'BAD_USER_INPUT' });
    assert.ok(context.destroyed);
    await assert.rejects(run({ remote: 'http://x', tags: ['app'] }), { code: 'BAD_REFERENCE' });
  });

  test('answers the short ID where an engine gives no other', async () => {
    const { id } = await run({ remote: 'http://x' }, answering(...built.slice(7)));
    assert.equal(id, 'cdcdcdcdcdcd');
  });
});

suite('lines', () => {
  test('without an end are cut, so that they take no more memory than that', () => {
    const out: string[] = [];
    const assembler = new LineAssembler((line) => out.push(line));
    for (let n = 0; n < 100; n++) assembler.push('x'.repeat(1_000));
    assembler.push('y\r\n\nlast');
    assembler.end();
    assembler.end();
    assert.ok(out.every((line) => line.length <= 8_192));
    assert.equal(out.join('').replace('last', ''), `${'x'.repeat(100_000)}y`);
    assert.deepEqual(out.slice(-2), ['', 'last']);
  });
});
