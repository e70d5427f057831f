import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { before, suite, test } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import type { BuildTrace, BuildVertex } from '../../src/engine/image-verbs.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { lab, waitUntil } from '../lab/index.ts';
import type { Lab } from '../lab/index.ts';
import { writeTar } from '../lab/seed/tar-writer.ts';
import type { TarEntry } from '../lab/seed/tar-writer.ts';
import { longSleep, runs } from '../support/host-processes.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';
import {
  archiveOf,
  ENGINE_KINDS,
  randomImage,
  startOwnEngine,
  tagsOn,
} from '../support/own-engine.ts';

const ID = /^sha256:[0-9a-f]{64}$/;

function tar(entries: Record<string, string>): Readable {
  const files = Object.entries(entries).map(([path, content]): TarEntry => ({
    path,
    content: Buffer.from(content),
    mode: 0o644,
  }));
  return Readable.from(writeTar(files), { objectMode: false });
}

async function idOf(engine: Engine, tag: string): Promise<string> {
  const found = (await engine.listImages()).find(({ tags }) => tags.includes(tag));
  assert.ok(found, `${tag} is there`);
  return found.id;
}

for (const kind of ENGINE_KINDS) {
  suite(`changes of images, ${kind.release}, ${kind.store} store`, () => {
    let theLab: Lab;
    before(async () => {
      theLab = await lab();
    });

    /** The image that can run, straight from the lab's alpha. */
    async function loadBusybox({ verbs }: Engine): Promise<void> {
      const alpha = openEngine(labEndpoint(theLab, 'alpha'), { host: 'alpha' });
      try {
        await alpha.connect();
        const { signal } = new AbortController();
        const archive = await alpha.verbs.saveImages(['busybox:1'], { signal });
        const { references } = await verbs.loadImages(archive, {});
        assert.deepEqual(references, ['busybox:1']);
      } finally {
        await alpha.close();
      }
    }

    test('tag: by name and by ID; a moved tag goes; what is not there is NOT_FOUND', async () => {
      await using own = await startOwnEngine(kind);
      const { engine } = own;
      const { verbs } = engine;
      await verbs.loadImages(archiveOf(await randomImage('one', 2_000), 'team/one:1'), {});
      await verbs.loadImages(archiveOf(await randomImage('two', 2_000), 'team/two:1'), {});
      const one = await idOf(engine, 'team/one:1');
      await verbs.tagImage('team/one:1', 'registry.example:5000/team/one:a.b-c_d');
      await verbs.tagImage(one, 'team/moving:1');
      await verbs.tagImage('team/two:1', 'team/moving:1');
      assert.deepEqual(await tagsOn(engine), [
        'registry.example:5000/team/one:a.b-c_d',
        'team/moving:1',
        'team/one:1',
        'team/two:1',
      ]);
      assert.equal(await idOf(engine, 'team/moving:1'), await idOf(engine, 'team/two:1'));
      await assert.rejects(verbs.tagImage('team/none:1', 'team/x:1'), { code: 'NOT_FOUND' });
      await assert.rejects(verbs.tagImage(one, 'Team/x:1@'), { code: 'BAD_REFERENCE' });
      await assert.rejects(verbs.tagImage(one, 'team/X:1'), { code: 'BAD_REFERENCE', host: 'own' });
    });

    test('remove: one of several tags, the last one, shared layers, and nothing', async () => {
      await using own = await startOwnEngine(kind);
      const { engine } = own;
      const { verbs } = engine;
      await verbs.loadImages(archiveOf(await randomImage('app', 30_000, 20), 'team/app:1'), {});
      await verbs.tagImage('team/app:1', 'team/app:2');
      // On the same layers. The classic builder, docker's here, makes children of images.
      const input = tar({ Dockerfile: 'FROM team/app:1\nCOPY Dockerfile /more\n' });
      await own.dockerd.docker(['build', '--tag=team/child:1', '-'], { input });
      const child = await idOf(engine, 'team/child:1');
      const id = await idOf(engine, 'team/app:1');

      assert.deepEqual(await verbs.removeImage('team/app:2'), {
        untagged: ['team/app:2'],
        deleted: [],
      });
      const last = await verbs.removeImage('team/app:1', { force: true });
      assert.equal(last.untagged[0], 'team/app:1');
      // Its layers are the child's as well: a classic store keeps the image for its sake.
      const facts = await engine.imageFacts(child);
      assert.equal(facts.layers.length, 3);
      const childGone = await verbs.removeImage('team/child:1');
      assert.equal(childGone.untagged[0], 'team/child:1');
      assert.ok(childGone.deleted.includes(child), childGone.deleted.join());
      if (kind.store === 'classic') {
        // With its parent, which only it had kept, and all layers.
        assert.ok(childGone.deleted.includes(id), childGone.deleted.join());
        assert.ok(childGone.deleted.length >= 5, childGone.deleted.join());
      }
      assert.deepEqual(await engine.listImages(), []);
      await assert.rejects(verbs.removeImage('team/app:1'), { code: 'NOT_FOUND', host: 'own' });
      await assert.rejects(verbs.removeImage(id), { code: 'NOT_FOUND' });
    });

    test('remove: an image in use names the container, and its state where the engine does', async () => {
      await using own = await startOwnEngine(kind);
      const { engine, dockerd } = own;
      const { verbs } = engine;
      await loadBusybox(engine);
      await verbs.tagImage('busybox:1', 'team/run:1');
      const run = [
        'run',
        '--detach',
        '--network=none',
        '--name=runs',
        'team/run:1',
        'sleep',
        '100',
      ];
      const running = (await dockerd.docker(run)).trim();
      await verbs.removeImage('busybox:1');
      const inUse = (state: string | null, container: string) => (error: any) => {
        assert.equal(error.code, 'CONFLICT', error.message);
        assert.equal(error.host, 'own');
        assert.ok(container.startsWith(error.details.container), error.message);
        assert.ok(error.details.container.length >= 12);
        assert.equal(error.details.state, state, error.message);
        assert.match(error.details.hint, /remove the container/);
        return true;
      };
      const id = await idOf(engine, 'team/run:1');
      await assert.rejects(verbs.removeImage('team/run:1'), inUse(null, running));
      await assert.rejects(verbs.removeImage(id), inUse('running', running));
      await assert.rejects(verbs.removeImage(id, { force: true }), inUse('running', running));
      // As docker does it: by force the name goes, and the image stays for its container.
      assert.deepEqual(await verbs.removeImage('team/run:1', { force: true }), {
        untagged: ['team/run:1'],
        deleted: [],
      });
      await dockerd.docker(['rm', '--force', 'runs']);
      const stopped = (await dockerd.docker(['create', '--name=stopped', id, 'x'])).trim();
      await assert.rejects(verbs.removeImage(id), inUse('stopped', stopped));
      const forced = await verbs.removeImage(id, { force: true });
      assert.ok(forced.deleted.includes(id), JSON.stringify(forced));
    });

    test('commit: a container with its changes becomes an image', async () => {
      await using own = await startOwnEngine(kind);
      const { engine, dockerd } = own;
      const { verbs } = engine;
      await loadBusybox(engine);
      await dockerd.docker([
        'run',
        '--network=none',
        '--name=wrote',
        '--env=KEPT=1',
        'busybox:1',
        'sh',
        '-c',
        'echo hello > /hello',
      ]);
      const id = await verbs.commitContainer('wrote', {
        reference: 'team/committed:1',
        author: 'Ada <ada@example.com>',
        message: 'said hello',
        changes: ['ENV ADDED="a b"', 'CMD ["cat", "/hello"]', 'LABEL l=m'],
      });
      assert.match(id, ID);
      assert.equal(await idOf(engine, 'team/committed:1'), id);
      const facts = await engine.imageFacts(id);
      assert.equal(facts.author, 'Ada <ada@example.com>');
      assert.equal(facts.comment, 'said hello');
      assert.deepEqual(facts.config.cmd, ['cat', '/hello']);
      assert.ok(facts.config.env.includes('KEPT=1'), facts.config.env.join());
      assert.ok(facts.config.env.includes('ADDED=a b'), facts.config.env.join());
      assert.equal(facts.config.labels['l'], 'm');
      const said = await dockerd.docker(['run', '--rm', '--network=none', 'team/committed:1']);
      assert.equal(said, 'hello\n');
      const nameless = await verbs.commitContainer('wrote', { pause: false });
      assert.notEqual(nameless, id);
      const nobody = verbs.commitContainer('nobody', {});
      await assert.rejects(nobody, { code: 'NOT_FOUND', host: 'own' });
      const odd = verbs.commitContainer('wrote', { changes: ['BOGUS x'] });
      await assert.rejects(odd, { code: 'BAD_USER_INPUT' });
    });

    test('import: a tar of files becomes an image', async () => {
      await using own = await startOwnEngine(kind);
      const { engine } = own;
      const { verbs } = engine;
      const id = await verbs.importImage(
        { archive: tar({ 'etc/motd': 'hello\n' }) },
        { reference: 'team/imported:1', message: 'from a tar', changes: ['ENV A=b'] },
      );
      assert.match(id, ID);
      assert.equal(await idOf(engine, 'team/imported:1'), id);
      const facts = await engine.imageFacts(id);
      assert.equal(facts.layers.length, 1);
      assert.ok(facts.config.env.includes('A=b'));
      assert.equal(facts.history[0]?.comment, 'from a tar');
      const own64 = { platform: 'linux/amd64' };
      const native = await verbs.importImage({ archive: tar({ a: 'b' }) }, own64);
      assert.equal((await engine.imageFacts(native)).architecture, 'amd64');
      const foreign = verbs.importImage({ archive: tar({ a: 'b' }) }, { platform: 'linux/arm64' });
      if (kind.release === '20.10') {
        await assert.rejects(foreign, { code: 'ENGINE_UNSUPPORTED', message: /for amd64 only/ });
      } else assert.equal((await engine.imageFacts(await foreign)).architecture, 'arm64');
      const refused = verbs.importImage({ archive: tar({ a: 'b' }) }, { changes: ['BOGUS x'] });
      await assert.rejects(refused, { code: 'BAD_USER_INPUT', host: 'own' });
      const before = (await engine.listImages()).length;
      const broken = Readable.from(
        (async function* () {
          for await (const chunk of tar({ big: 'x'.repeat(500_000) })) {
            yield (chunk as Buffer).subarray(0, 100_000);
            throw new Error('disk on fire');
          }
        })(),
      );
      const cut = verbs.importImage({ archive: broken }, { reference: 'team/cut:1' });
      await assert.rejects(cut, { code: 'BAD_USER_INPUT' });
      await assert.rejects(verbs.importImage({ url: 'http://127.0.0.1:1/x.tar' }, {}), {
        code: 'ENGINE_ERROR',
        retryable: true,
      });
      assert.equal((await engine.listImages()).length, before);
    });

    test('build: from a tar, on scratch', async () => {
      await using own = await startOwnEngine(kind);
      const { engine } = own;
      const { verbs } = engine;
      const Dockerfile = [
        'FROM scratch AS first',
        'ARG WHAT=unset',
        'LABEL what=$WHAT',
        'COPY hello /hello',
        'FROM first AS second',
        'LABEL stage=second',
      ].join('\n');
      const seen: BuildVertex[] = [];
      const options = {
        tags: ['team/built:1', 'team/built:2'],
        buildArgs: { WHAT: 'a "b" & c' },
        labels: { from: 'outside' },
        networkMode: 'none',
        dockerfile: 'docker/file',
        onTrace: ({ vertexes }: BuildTrace) => seen.push(...vertexes),
      };
      const copies = () => seen.filter(({ name }) => name.startsWith('[first 1/1] COPY hello'));
      const context = () => tar({ 'docker/file': Dockerfile, hello: 'hello\n' });
      const { id } = await verbs.buildImage({ ...options, context: context(), target: 'first' });
      assert.match(id, ID);
      assert.deepEqual(await tagsOn(engine), options.tags);
      assert.equal(await idOf(engine, 'team/built:1'), id);
      const facts = await engine.imageFacts(id);
      assert.equal(facts.config.labels['what'], 'a "b" & c');
      assert.equal(facts.config.labels['from'], 'outside');
      assert.equal(facts.config.labels['stage'], undefined);
      assert.equal(facts.layers.length, 1);
      assert.ok(copies().some(({ completedAt }) => completedAt !== null));
      assert.ok(copies().every(({ cached }) => !cached));

      seen.length = 0;
      const again = await verbs.buildImage({ ...options, context: context(), target: 'first' });
      assert.deepEqual(again, { id, builder: 'BUILDKIT' });
      assert.ok(copies().some(({ cached }) => cached));
      seen.length = 0;
      await verbs.buildImage({ ...options, context: context(), noCache: true });
      assert.ok(copies().every(({ cached }) => !cached));
      const missing = verbs.buildImage({ ...options, context: context(), dockerfile: 'none' });
      await assert.rejects(missing, { code: 'BAD_USER_INPUT', host: 'own' });
      const odd = tar({ Dockerfile: 'FRM scratch\n' });
      await assert.rejects(verbs.buildImage({ context: odd, tags: [] }), {
        code: 'BAD_USER_INPUT',
        message: /unknown instruction/,
      });
    });

    test('build: steps that run, their output, and a step that fails', async () => {
      await using own = await startOwnEngine(kind);
      const { engine, dockerd } = own;
      const { verbs } = engine;
      await loadBusybox(engine);
      let log = '';
      const onTrace = ({ output }: BuildTrace) => {
        log += output.map(({ bytes }) => Buffer.from(bytes).toString()).join('');
      };
      const networkMode = 'none';
      const Dockerfile =
        'FROM busybox:1\nRUN echo hello from a step > /x && cat /x\nCMD ["cat", "/x"]\n';
      const context = tar({ Dockerfile });
      await verbs.buildImage({ context, tags: ['team/ran:1'], networkMode, onTrace });
      assert.match(log, /hello from a step/);
      const said = await dockerd.docker(['run', '--rm', '--network=none', 'team/ran:1']);
      assert.equal(said, 'hello from a step\n');
      const failing = tar({ Dockerfile: 'FROM busybox:1\nRUN echo before; exit 3\n' });
      await assert.rejects(
        verbs.buildImage({ context: failing, tags: ['team/failed:1'], networkMode, onTrace }),
        { code: 'ENGINE_ERROR', retryable: false, message: /exit code: 3/ },
      );
      assert.match(log, /before/);
      assert.ok(!(await tagsOn(engine)).includes('team/failed:1'));
      assert.deepEqual(await engine.listContainers(), [], 'no container of a step is left');
    });

    test('build: cancelled in the middle of a step, the step ends on the engine', async () => {
      await using own = await startOwnEngine(kind);
      const { engine } = own;
      const { verbs } = engine;
      await loadBusybox(engine);
      const stop = new AbortController();
      const sleep = longSleep();
      const Dockerfile = `FROM busybox:1\nRUN echo now; ${sleep}\n`;
      const context = tar({ Dockerfile });
      const build = verbs.buildImage({
        context,
        tags: ['team/never:1'],
        networkMode: 'none',
        signal: stop.signal,
      });
      const ended = assert.rejects(build, { code: 'CANCELLED', host: 'own' });
      await waitUntil(() => runs(sleep), { what: 'the step', deadlineMs: 20_000 });
      stop.abort();
      await ended;
      await waitUntil(async () => !(await runs(sleep)), {
        what: 'the end of the step',
        deadlineMs: 20_000,
      });
      assert.ok(!(await tagsOn(engine)).includes('team/never:1'));
    });
  });
}
