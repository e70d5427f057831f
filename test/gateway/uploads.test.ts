import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { formatEndpoint } from '../../src/engine/endpoint.ts';
import { waitUntil } from '../lab/index.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { lines } from '../support/verb-server.ts';
import { sha256Hex } from '../support/sha256.ts';
import { GatewayProcess } from './gateway-process.ts';
import { UploadGateway } from './upload-gateway.ts';

const TAR = singleFileTar('Dockerfile', Buffer.from('FROM scratch\n'));
const MADE = fakeImage('made:1');
const HOSTS = ['alpha', 'bravo'];

/** What an engine was sent. */
interface Seen {
  path: string;
  body: Buffer;
  aborted: boolean;
}

/** A gateway over fake engines that take imports and builds; those that `holds` hangs on are held. */
async function over(t: TestContext, holds: () => boolean = () => false) {
  const seen: Seen[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'dockgraph-hosts-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const hosts: object[] = [];
  for (const name of HOSTS) {
    const engine: FakeEngine = await FakeEngine.start({
      handle: (path, request, response) => {
        if (!/^\/(?:build|images\/create)/.test(path)) return false;
        const one: Seen = { path, body: Buffer.alloc(0), aborted: false };
        seen.push(one);
        const chunks: Buffer[] = [];
        request.on('error', () => {}).on('aborted', () => (one.aborted = true));
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          one.body = Buffer.concat(chunks);
          if (holds()) return;
          engine.addImage(MADE);
          const end = path.startsWith('/build')
            ? { stream: `Successfully built ${MADE.id.slice(7, 19)}\n` }
            : { status: MADE.id };
          response.end(lines(end));
        });
        return true;
      },
    });
    t.after(() => engine.stop());
    hosts.push({ name, endpoint: formatEndpoint(engine.endpoint) });
  }
  const file = join(folder, 'dockgraph.yaml');
  await writeFile(file, JSON.stringify({ hosts }));
  const gateway = await UploadGateway.start(file);
  t.after(() => gateway[Symbol.asyncDispose]());
  return { gateway, seen };
}

/** Waits until engines were sent what they are to be sent. */
const sentTo = (holds: () => boolean) =>
  waitUntil(holds, { what: 'the tar at the engine', deadlineMs: 10_000 });

const everywhere = { hosts: { all: true }, waitSeconds: 30 };

suite('uploads that operations name', () => {
  test('are sent to every host as they came, but for zstd, which older engines do not know', async (t) => {
    const { gateway, seen } = await over(t);
    for (const [content, expected] of [
      [TAR, TAR],
      [gzipSync(TAR), gzipSync(TAR)],
      [zstdCompressSync(TAR), TAR],
    ] as const) {
      const upload = await gateway.upload(content);
      const imported = await gateway.run('importImage', { ...everywhere, upload });
      assert.equal(imported.state, 'SUCCEEDED', JSON.stringify(imported));
      const sha256 = sha256Hex(content);
      assert.partialDeepStrictEqual(imported.input, { upload, sha256 });
      for (const { progress } of imported.tasks) {
        const { length } = content;
        assert.deepEqual(progress, { phase: 'SENDING', currentBytes: length, totalBytes: length });
      }
      const built = await gateway.run('buildImage', { ...everywhere, context: { upload } });
      assert.equal(built.state, 'SUCCEEDED', JSON.stringify(built));
      assert.deepEqual(built.input.context, { upload, sha256 });
      assert.equal(seen.length, 4);
      for (const { path, body } of seen.splice(0)) {
        assert.ok(body.equals(expected));
        if (!path.startsWith('/build')) {
          const { searchParams } = new URL(path, 'http://engine');
          assert.equal(searchParams.get('fromSrc'), '-');
          assert.equal(searchParams.get('message'), `Imported from upload sha256:${sha256}`);
        }
      }
    }
  });

  test('start nothing where there is none, or where it is not clear which is meant', async (t) => {
    const { gateway, seen } = await over(t);
    const upload = await gateway.upload(TAR);
    const cases: [string, object, string, RegExp][] = [
      ['buildImage', { context: { upload: 'none' } }, 'NOT_FOUND', /no upload "none"/],
      ['importImage', { upload: 'none' }, 'NOT_FOUND', /no upload "none"/],
      ['importImage', {}, 'BAD_USER_INPUT', /one of `url` and `upload`, found neither/],
      ['importImage', { upload, url: 'http://a/b' }, 'BAD_USER_INPUT', /found both/],
    ];
    for (const [mutation, input, code, message] of cases) {
      const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
      const { errors } = await gateway.query(
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { operation { id } } }`,
        { input: { ...everywhere, ...input } },
      );
      assert.equal(errors?.[0].extensions.code, code);
      assert.match(errors[0].message, message);
      if (code === 'NOT_FOUND') assert.match(errors[0].extensions.hint, /POST -T FILE .*\/uploads/);
    }
    assert.deepEqual(seen, []);
  });

  test('are kept for an operation that is not finished, over restarts too', async (t) => {
    let isHeld = true;
    const { gateway, seen } = await over(t, () => isHeld);
    const upload = await gateway.upload(TAR);
    const input = { ...everywhere, waitSeconds: 0, context: { upload }, maxParallel: 1 };
    const { id } = await gateway.run('buildImage', input);
    await sentTo(() => seen[0]?.body.equals(TAR) === true);
    const refused = await gateway.remove(upload);
    assert.equal(refused.status, 409);
    assert.equal(refused.error.extensions.code, 'CONFLICT');
    assert.match(refused.error.extensions.hint, /wait for the operation/);

    // One host was at work and one waited: that one goes on after the restart, however late it is.
    await gateway.close();
    await gateway.expire();
    isHeld = false;
    await gateway.open();
    const resumed = await gateway.ended(id);
    assert.deepEqual(
      resumed.tasks.map(({ state }: any) => state),
      ['INTERRUPTED', 'SUCCEEDED'],
      JSON.stringify(resumed),
    );
    const retried = await gateway.run('retryOperation', { id, waitSeconds: 30 });
    assert.equal(retried.state, 'SUCCEEDED');
    assert.ok(seen.every(({ body }) => body.equals(TAR)));
    assert.equal((await gateway.remove(upload)).status, 204);
  });

  test('that have expired fail a retry, which says how to send them anew', async (t) => {
    let isHeld = true;
    const { gateway, seen } = await over(t, () => isHeld);
    const upload = await gateway.upload(TAR);
    const { id } = await gateway.run('importImage', { ...everywhere, upload, waitSeconds: 0 });
    await sentTo(() => seen.length === 2 && seen.every(({ body }) => body.length > 0));
    isHeld = false;
    const cancelled = await gateway.run('cancelOperation', { id });
    assert.equal(cancelled.state, 'CANCELLED');
    await gateway.close();
    await gateway.expire();
    await gateway.open();
    const { state, tasks } = await gateway.run('retryOperation', { id, waitSeconds: 30 });
    assert.equal(state, 'FAILED');
    for (const { error } of tasks) {
      assert.equal(error.code, 'NOT_FOUND');
      assert.match(error.message, /there is no upload .* has expired/);
      assert.match(error.hint, /curl -X POST -T FILE \S+\/uploads/);
    }
  });

  test('are let go of when the operation is cancelled in the middle', async (t) => {
    const { gateway, seen } = await over(t, () => true);
    const upload = await gateway.upload(TAR);
    const input = { hosts: { names: ['alpha'] }, upload, waitSeconds: 0 };
    const { id } = await gateway.run('importImage', input);
    await sentTo(() => seen[0]?.body.equals(TAR) === true);
    const { state, tasks } = await gateway.run('cancelOperation', { id });
    assert.equal(state, 'CANCELLED');
    // It has the whole tar, and nobody can tell an engine to stop.
    assert.match(tasks[0].error.message, /alpha may go on unpacking the tar to the end/);
    assert.equal((await gateway.remove(upload)).status, 204);
  });

  test('a kill in the middle of one leaves nothing of it, and the others', async () => {
    await using engine = await FakeEngine.start();
    await using gateway = new GatewayProcess();
    const env = { HOME: gateway.folder, DOCKER_HOST: formatEndpoint(engine.endpoint) };
    await gateway.serve([], env);
    const send = () => {
      const sent = request(`${gateway.url}/uploads`, { method: 'POST', agent: false });
      return sent.on('error', () => {});
    };
    const whole = send();
    whole.end(TAR);
    const [answer] = (await once(whole, 'response')) as [IncomingMessage];
    assert.equal(answer.statusCode, 201);
    const { location = '' } = answer.headers;
    const id = location.slice('/uploads/'.length);

    const cut = send();
    cut.write(TAR);
    const folder = join(gateway.folder, 'data', 'uploads');
    const files = async () => (await readdir(folder)).toSorted();
    await waitUntil(async () => (await files()).some((name) => name.endsWith('.part')), {
      what: 'an upload under way',
      deadlineMs: 10_000,
    });
    const gone = new Promise((resolve) => cut.once('close', resolve));
    await gateway.end('SIGKILL');
    await gone;
    assert.equal((await files()).length, 3);

    await gateway.serve([], env);
    assert.deepEqual(await files(), [`${id}.json`, `${id}.tar`]);
    assert.equal((await fetch(gateway.url + location)).status, 200);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.ok(metrics.includes(`dockgraph_uploads_stored_bytes ${TAR.length}\n`));
    const removed = await fetch(gateway.url + location, { method: 'DELETE' });
    assert.equal(removed.status, 204);
    assert.deepEqual(await files(), []);
  });
});
