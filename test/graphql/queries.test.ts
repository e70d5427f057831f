import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';

const DAY = 86_400_000;
const OLD = fakeImage('old:1', { createdAt: Date.now() - 30 * DAY, labels: { team: 'red' } });
const APP1 = fakeImage('app:1', {
  createdAt: Date.now() - 10 * DAY,
  labels: { team: 'blue', tier: 'web' },
});
const APP2 = fakeImage('app:2', {
  createdAt: Date.now() - 2 * DAY,
  layers: ['base/0', 'base/1', 'huge/top'],
});
const ARM = fakeImage('registry:5000/team/arm:prod', {
  architecture: 'arm64',
  createdAt: Date.now() - DAY,
});
const UNTAGGED = fakeImage('untagged', { tags: [], createdAt: Date.now() - 5 * DAY });
const REPO_DIGEST = digestOf('pushed');

describe('the graph over three hosts', () => {
  let engines: FakeEngine[];
  let graph: Graph;

  before(async () => {
    const pushed = { ...APP1, repoDigests: [`app@${REPO_DIGEST}`] };
    engines = await Promise.all([
      FakeEngine.start({ images: [OLD, pushed, APP2, UNTAGGED] }),
      FakeEngine.start({ images: [OLD, { ...APP1, tags: ['app:1', 'app:stable'] }] }),
      // The tag app:1 has drifted: here it is the second version.
      FakeEngine.start({ images: [{ ...APP2, tags: ['app:1'] }, ARM, { ...OLD, tags: [] }] }),
    ]);
    engines[0]!.addContainer({
      id: 'c'.repeat(64),
      name: 'web',
      imageId: APP1.id,
      image: 'app:1',
      state: 'running',
    });
    const [alpha, bravo, charlie] = engines as [FakeEngine, FakeEngine, FakeEngine];
    graph = await Graph.over({ alpha, bravo, charlie });
  });
  after(async () => {
    await graph[Symbol.asyncDispose]();
    for (const engine of engines) await engine.stop();
  });

  /** First tags of the images that a filter lets through, oldest first. */
  async function select(filter: string, on = ''): Promise<string[]> {
    const nodes = `images(filter: { ${filter} }, orderBy: { field: CREATED_AT, direction: ASC }) { totalCount nodes { ID } }`;
    const { result } =
      on === ''
        ? { result: (await graph.ask(`{ ${nodes.replace('ID', 'digest')} }`)).images }
        : {
            result: (
              await graph.ask(
                `{ host(name: "${on}") { ${nodes.replace('ID', 'digest: engineId')} } }`,
              )
            ).host.images,
          };
    assert.equal(result.totalCount, result.nodes.length);
    const names = new Map(
      [OLD, APP1, APP2, ARM, UNTAGGED].map(({ id }, at) => [
        id,
        ['old', 'app1', 'app2', 'arm', 'untagged'][at]!,
      ]),
    );
    return result.nodes.map(({ digest }: any) => names.get(digest));
  }

  const FILTERS: [filter: string, expected: string[], onHost?: string][] = [
    ['', ['old', 'app1', 'untagged', 'app2', 'arm']],
    ['reference: "app"', ['app1', 'app2']],
    ['reference: "docker.io/library/app"', ['app1', 'app2']],
    ['reference: "app:1"', ['app1', 'app2']],
    ['reference: "app:s*"', ['app1']],
    ['reference: ["old", "registry:5000/*/arm"]', ['old', 'arm']],
    ['reference: "*/arm"', []],
    ['reference: "**/arm"', ['arm']],
    ['reference: "app", hosts: ["bravo"]', ['app1']],
    ['dangling: true', ['old', 'untagged']],
    ['dangling: true, hosts: ["alpha"]', ['untagged']],
    ['dangling: false', ['app1', 'app2', 'arm']],
    ['label: "team"', ['old', 'app1']],
    ['label: ["team=blue", "tier"]', ['app1']],
    ['before: "untagged:latest"', []],
    [`before: "${UNTAGGED.id}"`, ['old', 'app1']],
    [`since: "${UNTAGGED.id.slice(7, 19)}"`, ['app2', 'arm']],
    ['until: "96h"', ['old', 'app1', 'untagged']],
    ['hosts: ["charlie"]', ['old', 'app2', 'arm']],
    ['missingFrom: ["charlie"]', ['app1', 'untagged']],
    ['hosts: ["alpha"], missingFrom: ["bravo"]', ['untagged', 'app2']],
    ['inUse: true', ['app1']],
    ['inUse: false', ['old', 'untagged', 'app2', 'arm']],
    ['inUse: false, hosts: ["bravo"]', ['old', 'app1']],
    ['minHosts: 3', ['old']],
    ['architecture: "arm64"', ['arm']],
    ['architecture: "linux/amd64", minHosts: 2', ['old', 'app1', 'app2']],
    [
      `largerThan: ${APP2.sizeBytes - 1}, reference: "app"`,
      APP1.sizeBytes >= APP2.sizeBytes ? ['app1', 'app2'] : ['app2'],
    ],
    [`hasLayer: "${digestOf('layer huge/top')}"`, ['app2']],
    [`hasLayer: "${digestOf('nothing')}"`, []],
    ['', ['old', 'app1'], 'bravo'],
    ['dangling: true', ['old'], 'charlie'],
    ['inUse: true', [], 'bravo'],
    ['missingFrom: ["bravo"]', ['untagged', 'app2'], 'alpha'],
  ];
  for (const [filter, expected, onHost] of FILTERS) {
    it(`images(filter: {${filter}})${onHost ? ` on ${onHost}` : ''}`, async () => {
      // "untagged:latest" is a name that nothing has: `before` must say so.
      if (filter.includes('untagged:latest')) {
        const error = await graph.refusal(`{ images(filter: { ${filter} }) { totalCount } }`);
        assert.equal(error.extensions?.['code'], 'NOT_FOUND');
        return;
      }
      assert.deepEqual(await select(filter, onHost), expected);
    });
  }

  it('finds an image by every name that docker knows it by', async () => {
    const hex = APP1.id.slice(7);
    for (const ref of [
      'app:stable',
      'docker.io/library/app:stable',
      hex,
      `sha256:${hex}`,
      hex.slice(0, 12),
      `sha256:${hex.slice(0, 12)}`,
      `app@${REPO_DIGEST}`,
    ]) {
      const { image } = await graph.ask(
        'query ($ref: String!) { image(ref: $ref) { digest shortId } }',
        { ref },
      );
      assert.deepEqual(image, { digest: APP1.id, shortId: hex.slice(0, 12) }, ref);
    }
    const { host } = await graph.ask(
      '{ host(name: "charlie") { image(ref: "app:1") { engineId } } }',
    );
    assert.equal(host.image.engineId, APP2.id);
  });

  it('lists the candidates where a reference fits several', async () => {
    const error = await graph.refusal('{ image(ref: "app:1") { digest } }');
    assert.equal(error.extensions?.['code'], 'AMBIGUOUS_REFERENCE');
    const { candidates } = error.extensions as { candidates: { digest: string }[] };
    const digests = candidates.map(({ digest }) => digest);
    assert.deepEqual(digests.sort(), [APP1.id, APP2.id].sort());
    assert.match(error.message, /fits 2/);
  });

  it('tells which tags drifted, with what they point at host by host', async () => {
    const { tags, fleet } = await graph.ask(
      '{ tags(filter: { drifted: true }) { nodes { familiarName drifted targets { host { name } image { digest } } contents { image { digest } hosts { name } } } } fleet { driftedTagCount } }',
    );
    assert.deepEqual(tags.nodes, [
      {
        familiarName: 'app:1',
        drifted: true,
        targets: [
          { host: { name: 'alpha' }, image: { digest: APP1.id } },
          { host: { name: 'bravo' }, image: { digest: APP1.id } },
          { host: { name: 'charlie' }, image: { digest: APP2.id } },
        ],
        contents: [
          { image: { digest: APP1.id }, hosts: [{ name: 'alpha' }, { name: 'bravo' }] },
          { image: { digest: APP2.id }, hosts: [{ name: 'charlie' }] },
        ],
      },
    ]);
    assert.equal(fleet.driftedTagCount, 1);
  });

  it('counts and adds up the fleet', async () => {
    const { fleet } = await graph.ask(
      '{ fleet { hostCount hostsByState { state count } imageCount hostImageCount tagCount danglingImageCount unusedImageCount logicalBytes storedBytes uniqueBytes } }',
    );
    const unique = new Map(
      [OLD, APP1, APP2, ARM, UNTAGGED].flatMap(({ layers }) =>
        layers.map((l) => [l.diffId, l.sizeBytes]),
      ),
    );
    const sum = (sizes: Iterable<number>) => [...sizes].reduce((total, size) => total + size, 0);
    assert.equal(fleet.uniqueBytes, sum(unique.values()));
    const held = [
      [OLD, APP1, APP2, UNTAGGED],
      [OLD, APP1],
      [APP2, ARM, OLD],
    ];
    assert.equal(fleet.logicalBytes, sum(held.flat().map(({ sizeBytes }) => sizeBytes)));
    assert.equal(
      fleet.storedBytes,
      sum(
        held.map((images) =>
          sum(
            new Map(
              images.flatMap(({ layers }) => layers.map((l) => [l.diffId, l.sizeBytes])),
            ).values(),
          ),
        ),
      ),
    );
    assert.deepEqual(
      [
        fleet.hostCount,
        fleet.imageCount,
        fleet.hostImageCount,
        fleet.tagCount,
        fleet.danglingImageCount,
        fleet.unusedImageCount,
      ],
      [3, 5, 9, 5, 2, 4],
    );
    assert.deepEqual(
      fleet.hostsByState.find(({ state }: any) => state === 'ONLINE'),
      { state: 'ONLINE', count: 3 },
    );
  });

  it('orders layers by what sharing them saves', async () => {
    const { layers } = await graph.ask(
      '{ layers(first: 2, orderBy: { field: IMAGE_COUNT, direction: DESC }) { nodes { diffId chainId savedBytes sizeBytes images { totalCount } hosts { totalCount nodes { name } } } } }',
    );
    const [top] = layers.nodes;
    assert.deepEqual(top.hosts, {
      totalCount: 3,
      nodes: [{ name: 'alpha' }, { name: 'bravo' }, { name: 'charlie' }],
    });
    assert.equal(top.images.totalCount, 5);
    // Nine copies would be needed without sharing; three hosts have one each.
    assert.equal(top.savedBytes, top.sizeBytes * 6);
    const { layer } = await graph.ask('query ($d: String!) { layer(digest: $d) { chainId } }', {
      d: top.diffId,
    });
    assert.equal(layer.chainId, top.chainId);
  });

  it('finds every object again by its global ID', async () => {
    const { host, tag, layers } = await graph.ask(
      '{ host(name: "alpha") { id images(first: 1) { nodes { id image { id } } } } tag(ref: "app:2") { id } layers(first: 1) { nodes { id } } }',
    );
    const ids = [
      host.id,
      host.images.nodes[0].id,
      host.images.nodes[0].image.id,
      tag.id,
      layers.nodes[0].id,
    ];
    const { nodes } = await graph.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
      { ids },
    );
    assert.deepEqual(
      nodes.map(({ __typename }: any) => __typename),
      ['Host', 'HostImage', 'Image', 'Tag', 'Layer'],
    );
    assert.deepEqual(
      nodes.map(({ id }: any) => id),
      ids,
    );
    const gone = Buffer.from('Host:nobody').toString('base64url');
    assert.deepEqual(await graph.ask(`{ node(id: "${gone}") { id } }`), { node: null });
  });

  it('asks each engine once a request for what is not in the inventory', async () => {
    const before = engines.map(({ calls }) => [calls.get('df') ?? 0, calls.get('containers') ?? 0]);
    const { hosts } = await graph.ask(
      '{ hosts { nodes { a: diskUsage { layersBytes } b: diskUsage { images { totalCount } } containers { nodes { name image { engineId } } } images { nodes { containers { name } } } } } }',
    );
    assert.deepEqual(
      engines.map(({ calls }) => [calls.get('df') ?? 0, calls.get('containers') ?? 0]),
      before.map(([df, containers]) => [df! + 1, containers! + 1]),
    );
    assert.deepEqual(hosts.nodes[0].containers.nodes, [
      { name: 'web', image: { engineId: APP1.id } },
    ]);
  });

  it('asks the registry through an engine whether a tag is up to date', async () => {
    engines[0]!.remoteDigests.set('docker.io/library/app:1', REPO_DIGEST);
    const remote =
      '{ tag(ref: "app:1") { remote(host: "alpha") { host { name } digest upToDate platforms } } }';
    assert.deepEqual((await graph.ask(remote)).tag.remote, {
      host: { name: 'alpha' },
      digest: REPO_DIGEST,
      upToDate: true,
      platforms: ['linux/amd64'],
    });
    engines[0]!.remoteDigests.set('docker.io/library/app:1', digestOf('newer'));
    assert.equal((await graph.ask(remote)).tag.remote.upToDate, false);
  });
});

describe('a field that needs an engine', () => {
  it('is null for the host that is down, with one error that names it, and at once', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using bravo = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using graph = await Graph.over(
      { alpha, bravo },
      { timings: { backoff: { baseMs: 60_000, maxMs: 60_000 } } },
    );
    await bravo.stop();
    await graph.until('bravo', ({ status }) => status.state === 'UNREACHABLE');
    const { data, errors } = await graph.query(
      '{ hosts { nodes { name images { totalCount } diskUsage { layersBytes } } } }',
    );
    assert.deepEqual(
      data.hosts.nodes.map(({ images }: any) => images.totalCount),
      [1, 1],
    );
    assert.ok(data.hosts.nodes[0].diskUsage.layersBytes > 0);
    assert.equal(data.hosts.nodes[1].diskUsage, null);
    assert.equal(errors.length, 1);
    assert.deepEqual(errors[0]!.path, ['hosts', 'nodes', 1, 'diskUsage']);
    assert.deepEqual(errors[0]!.extensions, {
      code: 'HOST_UNREACHABLE',
      host: 'bravo',
      retryable: true,
    });
  });
});

describe('content', () => {
  it('is one image where two stores name it differently, and no drift', async () => {
    const classic = fakeImage('app:1');
    await using alpha = await FakeEngine.start({ images: [classic] });
    await using echo = await FakeEngine.start({
      images: [{ ...classic, id: digestOf('manifest of app:1') }],
      store: 'CONTAINERD',
    });
    await using graph = await Graph.over({ alpha, echo });
    const { images, tags } = await graph.ask(
      '{ images { totalCount nodes { digest engineIds hosts { nodes { host { name } engineId } } } } tags(filter: { drifted: true }) { totalCount } }',
    );
    assert.equal(images.totalCount, 1);
    assert.equal(images.nodes[0].digest, classic.id);
    assert.deepEqual(
      images.nodes[0].engineIds.toSorted(),
      [classic.id, digestOf('manifest of app:1')].toSorted(),
    );
    assert.equal(images.nodes[0].hosts.nodes.length, 2);
    assert.equal(tags.totalCount, 0);
  });
});
