import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { BuildOptions, BuildTrace } from '../../src/engine/image-verbs.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { HOST_NAMES, imageArchive, lab, startRegistry, waitUntil } from '../lab/index.ts';
import type { BuiltImage, Lab, ThrowAwayRegistry } from '../lab/index.ts';
import { longSleep, runs } from '../support/host-processes.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';
import { busybox } from '../support/verb-fleet.ts';

const PASSWORD = 'open-sesame';

const contextOf = (dockerfile: string) =>
  Readable.from([singleFileTar('Dockerfile', Buffer.from(dockerfile))], { objectMode: false });

/** Over a unix socket, TLS, SSH and TCP: a session is a connection of its own on each. */
suite('builds by BuildKit on the engines of the lab', () => {
  let theLab: Lab;
  let image: BuiltImage;
  let registry: ThrowAwayRegistry;

  before(async () => {
    theLab = await lab();
    image = await busybox('of the builds by BuildKit');
    registry = await startRegistry({ htpasswd: { username: 'jo', password: PASSWORD } });
  });
  after(() => registry?.[Symbol.asyncDispose]());

  for (const name of HOST_NAMES) {
    suite(name, () => {
      const names = [`buildkit-${name}/base:1`, `buildkit-${name}/out:1`];
      const [base, out] = names as [string, string];
      /** IDs too: the second build takes the first one's name. */
      const made = new Set(names);
      let engine: Engine;

      before(async () => {
        engine = openEngine(labEndpoint(theLab, name), { host: name });
        await engine.connect();
        const input = imageArchive([{ image, tags: [base] }]);
        await theLab.docker(name, ['load'], { input });
      });
      after(async () => {
        for (const reference of [...made, `${registry.address}/buildkit:1`]) {
          await engine.verbs.removeImage(reference).catch((error: any) => {
            if (error.code !== 'NOT_FOUND') throw error;
          });
        }
        await engine.close();
      });

      const build = async (dockerfile: string, options: Partial<BuildOptions> = {}) => {
        const traces: BuildTrace[] = [];
        const result = await engine.verbs.buildImage({
          tags: [out],
          context: contextOf(dockerfile),
          // Engines of the lab have no bridge.
          networkMode: 'none',
          onTrace: (trace) => traces.push(trace),
          ...options,
        });
        made.add(result.id);
        const vertexes = traces.flatMap((trace) => trace.vertexes);
        const output = traces
          .flatMap((trace) => trace.output)
          .map(({ bytes }) => Buffer.from(bytes).toString())
          .join('');
        return { ...result, vertexes, output };
      };

      test('run steps, and take them from the cache then', async () => {
        const dockerfile =
          `FROM ${base} AS one\nARG WORD\nRUN echo "said $WORD" && echo ${Date.now()} > /made\n` +
          'LABEL own=yes\nFROM one\nRUN false\n';
        const options = { target: 'one', buildArgs: { WORD: 'loud' }, labels: { by: 'test' } };
        const first = await build(dockerfile, options);
        assert.equal(first.builder, 'BUILDKIT');
        assert.equal(first.output, 'said loud\n');
        const listed = (await engine.listImages()).find(({ id }) => id === first.id);
        assert.deepEqual(listed?.tags, [out]);
        const { config, layers } = await engine.imageFacts(first.id);
        assert.deepEqual(config.labels, { by: 'test', own: 'yes' });
        assert.equal(layers.length, 2);

        const again = await build(dockerfile, options);
        assert.equal(again.id, first.id);
        assert.equal(again.output, '');
        assert.ok(again.vertexes.some((step) => / RUN echo /.test(step.name) && step.cached));
      });

      test('get credentials as they ask for them', async () => {
        const remote = `${registry.address}/buildkit:1`;
        await engine.verbs.tagImage(base, remote);
        const auth = { serveraddress: registry.address, username: 'jo', password: PASSWORD };
        await engine.verbs.pushImage(remote, { auth });
        await engine.verbs.removeImage(remote);
        const dockerfile = `FROM ${remote}\nLABEL of=${name}\n`;
        await assert.rejects(build(dockerfile, { pull: true }), {
          code: 'FORBIDDEN',
          details: { registry: registry.address, hint: `give credentials for ${registry.address}` },
        });
        const asked: string[] = [];
        const { id } = await build(dockerfile, {
          pull: true,
          authFor: async (host) => {
            asked.push(host);
            return auth;
          },
        });
        assert.equal((await engine.imageFacts(id)).config.labels['of'], name);
        assert.deepEqual([...new Set(asked)], [registry.address]);
      });

      test('stop when they are cancelled', async () => {
        const sleep = longSleep();
        const stop = new AbortController();
        const ended = assert.rejects(
          build(`FROM ${base}\nRUN ${sleep}\n`, { tags: [], signal: stop.signal }),
          { code: 'CANCELLED', host: name },
        );
        await waitUntil(() => runs(sleep), { what: 'the step', deadlineMs: 20_000 });
        stop.abort();
        await ended;
        await waitUntil(async () => !(await runs(sleep)), {
          what: 'the end of the step',
          deadlineMs: 20_000,
        });
      });
    });
  }
});
