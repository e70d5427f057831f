import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { imageArchive, startRegistry } from '../lab/index.ts';
import type { ThrowAwayRegistry } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { startTokenServer } from '../support/token-service.ts';
import type { TokenServer } from '../support/token-service.ts';
import { busybox, startVerbFleet, VERB_HOSTS } from '../support/verb-fleet.ts';
import type { VerbFleet } from '../support/verb-fleet.ts';

const CREDENTIALS = { username: 'ada', password: 'love & lace/+?' };

const REGISTRY = `query ($name: String!, $path: String!) { registry(name: $name) {
  repositories { totalCount nodes { name tags { nodes { name digest } } } }
  repository(name: $path) { tags { nodes { name } } } } }`;

describe('a real registry that wants tokens of a service on another port', () => {
  let folder: string;
  let tokens: TokenServer;
  let registry: ThrowAwayRegistry;
  let fleet: VerbFleet;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dockgraph-tokens-'));
    tokens = await startTokenServer(CREDENTIALS);
    registry = await startRegistry({ tokens: tokens.service });
    const { address } = registry;
    const file = join(folder, 'config.json');
    await writeFile(file, JSON.stringify({ auths: { [address]: CREDENTIALS } }));
    fleet = await startVerbFleet({
      credentialFiles: [file],
      registries: {
        allowed: [address, tokens.address].map((host) => ({ host, plainHttp: false })),
      },
    });
    const image = await busybox('tokens');
    for (const host of VERB_HOSTS) {
      const tags = [`${address}/team/${host}:1`];
      await fleet.engines[host].docker(['load'], { input: imageArchive([{ image, tags }]) });
    }
    await fleet.run('refreshHosts', { hosts: { all: true } }, 'state');
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
    await tokens?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true });
  });

  it('push, remote digest and check go through it on every kind of engine', async () => {
    for (const host of VERB_HOSTS) {
      const hosts = { names: [host] };
      const reference = `${registry.address}/team/${host}:1`;
      const fields =
        'state tasks { error { message } result { ... on PushImageResult { pushed { digest } } } }';
      const pushed = await fleet.run(
        'pushImage',
        { hosts, references: [reference], waitSeconds: 60 },
        fields,
      );
      assert.equal(pushed.state, 'SUCCEEDED', JSON.stringify(pushed));
      const { tag } = await fleet.graph.ask(
        'query ($ref: String!, $host: String!) { tag(ref: $ref) { remote(host: $host) { digest } } }',
        { ref: reference, host },
      );
      assert.equal(tag.remote.digest, pushed.tasks[0].result.pushed[0].digest);
    }
    const input = { hosts: { all: true }, registries: [registry.address] };
    const fields = 'state tasks { error { code hint } }';
    const own = await fleet.run('checkRegistryCredentials', input, fields);
    assert.equal(own.state, 'SUCCEEDED', JSON.stringify(own));
    const wrong = [{ registry: registry.address, username: 'ada', password: 'pa55w0rd' }];
    const refused = await fleet.run(
      'checkRegistryCredentials',
      { ...input, credentials: wrong },
      fields,
    );
    for (const { error } of refused.tasks) assert.equal(error?.code, 'FORBIDDEN');
  });

  it('its repositories, tags and digests are read with a token for each', async () => {
    tokens.granted.length = 0;
    const variables = { name: registry.address, path: 'team/old' };
    const data = await fleet.graph.ask(REGISTRY, variables);
    const { repositories, repository } = data.registry;
    assert.deepEqual(
      repositories.nodes.map(({ name, tags }: any) => [name, tags.nodes.length]),
      VERB_HOSTS.map((host) => [`team/${host}`, 1]).toSorted(),
    );
    for (const { tags } of repositories.nodes) assert.match(tags.nodes[0].digest, /^sha256:/);
    assert.deepEqual(repository.tags.nodes, [{ name: '1' }]);
    assert.ok(tokens.granted.includes('registry:catalog:*'));
    for (const host of VERB_HOSTS)
      assert.ok(tokens.granted.includes(`repository:team/${host}:pull`));
  });

  it('nothing is sent to a token service that is not listed', async () => {
    tokens.granted.length = 0;
    const allowed = [{ host: registry.address, plainHttp: false }];
    const credentialFiles = [join(folder, 'config.json')];
    await using graph = await Graph.start([], { credentialFiles, registries: { allowed } });
    const { errors } = await graph.query(REGISTRY, { name: registry.address, path: 'team/old' });
    assert.equal(errors.length, 2);
    for (const { extensions } of errors) {
      assert.equal(extensions?.['code'], 'FORBIDDEN');
      assert.ok(String(extensions?.['hint']).includes(`add ${tokens.address} to`));
    }
    assert.deepEqual(tokens.granted, []);
  });
});
