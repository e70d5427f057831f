import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OperationIds } from '../../src/operations/operation-id.ts';
import { commitVerb } from '../../src/verbs/commit-container.ts';
import { makeWork, onlyTask, startVerbFleet, VERB_HOSTS } from '../support/verb-fleet.ts';
import type { VerbFleet } from '../support/verb-fleet.ts';

const FIELDS = `id state input tasks { host { name } state error { code message hint }
  result { ... on CommitContainerResult { engineId image {
    engineId dangling tags { familiarName }
    image { author comment config { env cmd labels { key value } } layers { diffId } } } } } }`;

describe('commitContainer on real engines', () => {
  let fleet: VerbFleet;

  before(async () => {
    fleet = await startVerbFleet({ busybox: true });
    await Promise.all(VERB_HOSTS.map((name) => makeWork(fleet.engines[name])));
  });
  after(() => fleet?.[Symbol.asyncDispose]());

  const commit = (input: object) => fleet.run('commitContainer', input, FIELDS);

  for (const host of VERB_HOSTS) {
    it(`makes an image that the inventory shows at once: ${host}`, async () => {
      const operation = await commit({
        host,
        container: 'work',
        reference: 'team/committed',
        author: 'Jo <jo@example.com>',
        message: 'as it was',
        changes: ['ENV MADE=yes', 'CMD ["cat", "/made"]', 'LABEL team=commit'],
      });
      const { result } = onlyTask(operation, 'SUCCEEDED');
      const { image, engineId } = result;
      assert.match(engineId, /^sha256:[0-9a-f]{64}$/);
      assert.equal(image.engineId, engineId);
      assert.deepEqual(image.tags, [{ familiarName: 'team/committed:latest' }]);
      assert.equal(image.image.author, 'Jo <jo@example.com>');
      assert.equal(image.image.comment, 'as it was');
      assert.ok(image.image.config.env.includes('MADE=yes'));
      assert.deepEqual(image.image.config.cmd, ['cat', '/made']);
      assert.deepEqual(image.image.config.labels, [{ key: 'team', value: 'commit' }]);
      assert.equal(image.image.layers.length, 2);
      const said = await fleet.engines[host].docker([
        'run',
        '--rm',
        '--network=none',
        'team/committed',
      ]);
      assert.equal(said, 'made\n');
    });

    it(`makes an image without a name: ${host}`, async () => {
      const operation = await commit({ host, container: 'work', pause: false });
      const { image } = onlyTask(operation, 'SUCCEEDED').result;
      assert.deepEqual(image.tags, []);
      assert.equal(image.dangling, true);
    });

    it(`says what is wrong: ${host}`, async () => {
      const missing = onlyTask(await commit({ host, container: 'nobody' }), 'FAILED');
      assert.equal(missing.error.code, 'NOT_FOUND');
      assert.match(missing.error.message, /nobody/);

      const before = fleet.graph.fleet.host(host).slot.images.size;
      const changes = ['RUN echo no'];
      const bad = onlyTask(await commit({ host, container: 'work', changes }), 'FAILED');
      assert.equal(bad.error.code, 'BAD_USER_INPUT');
      assert.match(bad.error.message, /run is not a valid change command/i);
      const unknown = onlyTask(
        await commit({ host, container: 'work', changes: ['NONSENSE x'] }),
        'FAILED',
      );
      assert.equal(unknown.error.code, 'BAD_USER_INPUT');
      const odd = onlyTask(await commit({ host, container: '../images' }), 'FAILED');
      assert.equal(odd.error.code, 'BAD_REFERENCE');
      assert.equal(fleet.graph.fleet.host(host).slot.images.size, before);
    });
  }

  it('is found finished after a crash by what engines wrote into it', async () => {
    const asked = Date.now();
    const input = { container: 'work', author: 'Jo', message: 'found', changes: [], pause: true };
    const reference = 'docker.io/team/found:1';
    const verb = commitVerb({
      fleet: fleet.graph.fleet,
      authFor: async () => undefined,
      importUrls: [],
      uploads: fleet.graph.uploads,
    });
    for (const host of VERB_HOSTS) {
      const { result } = onlyTask(await commit({ ...input, host, reference }), 'SUCCEEDED');
      const recover = (other: object, time = asked) => {
        const operationId = new OperationIds().next(time);
        const { signal } = new AbortController();
        return verb.recover!(
          { ...input, reference, ...other },
          { operationId, taskId: `${operationId}-0`, host, signal },
        );
      };
      assert.deepEqual(await recover({}), { engineId: result.engineId });
      assert.equal(await recover({ message: 'another' }), null);
      assert.equal(await recover({ author: null }), null);
      assert.equal(await recover({ reference: null }), null);
      assert.equal(await recover({}, Date.now() + 60_000), null);
    }
  });

  it('refuses what cannot be before anything is stored', async () => {
    const ask = (input: object) =>
      fleet.graph.refusal(
        'mutation ($input: CommitContainerInput!) { commitContainer(input: $input) { operation { id } } }',
        { input: { host: 'old', container: 'work', ...input } },
      );
    const cases: [object, string][] = [
      [{ host: 'nowhere' }, 'NOT_FOUND'],
      [{ reference: 'UPPER' }, 'BAD_REFERENCE'],
      [{ reference: `a@sha256:${'0'.repeat(64)}` }, 'BAD_USER_INPUT'],
      [{ changes: Array.from({ length: 101 }, () => 'ENV A=b') }, 'BAD_USER_INPUT'],
    ];
    for (const [input, code] of cases) {
      assert.equal((await ask(input)).extensions?.['code'], code, JSON.stringify(input));
    }
  });

  it('gives the same operation for the same key', async () => {
    const input = { host: 'new', container: 'work', reference: 'once:1', idempotencyKey: 'k1' };
    assert.equal((await commit(input)).id, (await commit(input)).id);
  });
});
