import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lab, startEngine } from '../lab/index.ts';
import type { Lab, ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';

const OPERATION = `operation { id kind state tasks { host { name } state progress { percent } error { code message hint }
  result { __typename
    ... on PullImageResult { pulled { reference digest isNew image { tags { familiarName } } } }
    ... on PushImageResult { pushed { reference digest } }
    ... on TagImageResult { tagged { reference previousEngineId } image { engineId tags { familiarName } } }
    ... on UntagImageResult { untagged deleted }
    ... on RemoveImageResult { untagged deleted freedBytes keptSharedBytes }
    ... on RefreshHostsResult { inventoryAt imageCount } } } }`;

describe('verbs on real engines', () => {
  let fleet: Lab;
  let engines: Record<string, ThrowAwayEngine>;
  let graph: Graph;

  before(async () => {
    fleet = await lab();
    engines = {
      old: await startEngine({ release: '20.10' }),
      new: await startEngine({ release: '26.1' }),
      snap: await startEngine({ release: '26.1', store: 'containerd' }),
    };
    graph = await Graph.start(
      Object.entries(engines).map(([name, { socketPath }]) => ({
        name,
        labels: { kind: name === 'old' ? 'old' : 'new' },
        endpoint: { transport: 'UNIX', socketPath },
      })),
    );
  });
  after(async () => {
    await graph?.[Symbol.asyncDispose]();
    for (const engine of Object.values(engines ?? {})) await engine[Symbol.asyncDispose]();
  });

  const run = async (mutation: string, input: object) => {
    const type = mutation[0]!.toUpperCase() + mutation.slice(1);
    const data = await graph.ask(
      `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { ${OPERATION} } }`,
      { input },
    );
    return data[mutation].operation;
  };

  it('pull, tag, untag and remove on three engines at once', async () => {
    const address = fleet.registries.open.address;
    const reference = `${address}/team/tool:1`;
    const pulled = await run('pullImage', {
      hosts: { all: true },
      references: [reference],
      waitSeconds: 60,
    });
    assert.equal(pulled.state, 'SUCCEEDED', JSON.stringify(pulled));
    for (const { result } of pulled.tasks) {
      const [first] = result.pulled;
      assert.match(first.digest, /^sha256:[0-9a-f]{64}$/);
      assert.equal(first.isNew, true);
      assert.deepEqual(first.image.tags, [{ familiarName: reference }]);
    }
    const again = await run('pullImage', {
      hosts: { names: ['old'] },
      references: [reference],
      waitSeconds: 60,
    });
    assert.equal(again.tasks[0].result.pulled[0].isNew, false);

    const tagged = await run('tagImage', {
      hosts: { labels: 'kind=new' },
      image: reference,
      tags: ['team/tool:stable', 'tool'],
    });
    assert.equal(tagged.state, 'SUCCEEDED', JSON.stringify(tagged));
    assert.deepEqual(tagged.tasks.map(({ host }: any) => host.name).sort(), ['new', 'snap']);
    for (const { result } of tagged.tasks) {
      assert.deepEqual(
        result.image.tags.map(({ familiarName }: any) => familiarName).sort(),
        [reference, 'team/tool:stable', 'tool:latest'].sort(),
      );
    }
    const untagged = await run('untagImage', { hosts: { names: ['new'] }, tags: ['tool'] });
    assert.equal(untagged.state, 'SUCCEEDED', JSON.stringify(untagged));
    assert.equal(graph.fleet.host('new').slot.tags.has('docker.io/library/tool:latest'), false);

    const last = await run('untagImage', {
      hosts: { names: ['old'] },
      tags: [reference],
      keepImage: true,
    });
    assert.equal(last.tasks[0].error.code, 'CONFLICT');

    const removed = await run('removeImage', {
      hosts: { all: true },
      images: [reference],
      force: true,
    });
    assert.equal(removed.state, 'SUCCEEDED', JSON.stringify(removed));
    const old = removed.tasks.find(({ host }: any) => host.name === 'old').result;
    assert.ok(old.untagged.includes(reference), JSON.stringify(old));
    assert.ok(old.deleted.length > 0);
    assert.ok(old.freedBytes > 0);
    assert.equal(graph.fleet.host('old').slot.images.size, 0);
    const other = removed.tasks.find(({ host }: any) => host.name === 'snap').result;
    assert.equal(other.deleted.length, 0, 'the other tags hold the image');
  });

  it('push to the locked registry with credentials; without them the error says what to do', async () => {
    const { address, username, password } = fleet.registries.locked;
    const id = (
      await engines['new']!.docker(['import', '-', 'pushed:1'], { input: Buffer.alloc(1024) })
    ).trim();
    await graph.until('new', ({ slot }) => slot.images.has(id));
    const as = `${address}/test/pushed-${process.pid}:1`;
    const refused = await run('pushImage', {
      hosts: { names: ['new'] },
      references: ['pushed:1'],
      as,
      waitSeconds: 30,
    });
    assert.equal(refused.state, 'FAILED');
    assert.match(refused.tasks[0].error.hint ?? '', /credentials/);
    const credentials = [{ registry: address, username, password }];
    const pushed = await run('pushImage', {
      hosts: { names: ['new'] },
      references: ['pushed:1'],
      as,
      credentials,
      waitSeconds: 30,
    });
    assert.equal(pushed.state, 'SUCCEEDED', JSON.stringify(pushed));
    assert.match(pushed.tasks[0].result.pushed[0].digest, /^sha256:/);
    const { node } = await graph.ask(
      'query ($id: ID!) { node(id: $id) { ... on Operation { input logTail } } }',
      { id: pushed.id },
    );
    assert.doesNotMatch(JSON.stringify(node), new RegExp(password!));
  });
});
