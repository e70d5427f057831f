import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemEnvironment } from '../../src/config/environment.ts';
import { loadHosts } from '../../src/config/hosts-source.ts';
import { HOST_NAMES, lab } from '../lab/index.ts';
import type { HostName, Lab } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';

/** Docker prints sizes for people: three or four digits and a decimal unit. */
function assertSize(printed: string, bytes: number, what: string): void {
  const [, amount, unit] = /^([\d.]+)([kMGT]?)B$/.exec(printed) ?? [];
  assert.ok(amount, `${what}: cannot read "${printed}"`);
  const expected = Number(amount) * 1000 ** ' kMGT'.indexOf(unit || ' ');
  const rounding = Math.max(0.5, expected * 0.005);
  assert.ok(Math.abs(expected - bytes) <= rounding, `${what}: docker ${printed}, graph ${bytes}`);
}

const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('the graph agrees with the docker CLI', () => {
  let fleet: Lab;
  let graph: Graph;
  before(async () => {
    fleet = await lab();
    const { hosts } = await loadHosts(fleet.hostsFile, systemEnvironment());
    graph = await Graph.start(hosts);
  });
  after(() => graph?.[Symbol.asyncDispose]());

  /** All images of a host as the graph has them. */
  const imagesOf = async (name: HostName) =>
    (
      await graph.ask(
        `query ($name: String!) { host(name: $name) { state images(first: 1000) { nodes {
          engineId sizeBytes uniqueBytes repoDigests dangling inUse
          tags { familiarName }
          image { layers { diffId chainId sizeBytes } history { createdBy sizeBytes comment } }
        } } } }`,
        { name },
      )
    ).host.images.nodes as any[];

  for (const name of HOST_NAMES) {
    it(`${name}: docker images --no-trunc --digests`, async () => {
      const rows = jsonLines(
        await fleet.docker(name, ['images', '--no-trunc', '--digests', '--format', '{{json .}}']),
      );
      const cli = new Map<string, { tags: Set<string>; digests: Set<string>; size: string }>();
      for (const { ID, Repository, Tag, Digest, Size } of rows) {
        const image = cli.get(ID) ?? { tags: new Set(), digests: new Set(), size: Size };
        if (Tag !== '<none>') image.tags.add(`${Repository}:${Tag}`);
        if (Digest !== '<none>') image.digests.add(`${Repository}@${Digest}`);
        cli.set(ID, image);
      }
      const images = await imagesOf(name);
      assert.deepEqual(images.map(({ engineId }) => engineId).sort(), [...cli.keys()].sort());
      for (const { engineId, tags, repoDigests, sizeBytes, dangling } of images) {
        const row = cli.get(engineId)!;
        assert.deepEqual(tags.map((tag: any) => tag.familiarName).sort(), [...row.tags].sort());
        assert.equal(dangling, row.tags.size === 0);
        assertSize(row.size, sizeBytes, engineId);
        // The CLI prints a digest beside a tag of its repository, and `<none>` where a dangling
        // image of a containerd store has one: what it prints must be in the graph.
        for (const digest of row.digests) {
          if (!digest.startsWith('<none>')) assert.ok(repoDigests.includes(digest), digest);
        }
      }
    });

    it(`${name}: docker history --no-trunc of every image`, async () => {
      for (const { engineId, image } of await imagesOf(name)) {
        const rows = jsonLines(
          await fleet.docker(name, [
            'history',
            '--no-trunc',
            '--human=false',
            '--format',
            '{{json .}}',
            engineId,
          ]),
        );
        assert.deepEqual(
          image.history.map(({ createdBy, comment }: any) => ({ createdBy, comment })).toReversed(),
          rows.map(({ CreatedBy, Comment }) => ({ createdBy: CreatedBy, comment: Comment })),
        );
      }
    });

    it(`${name}: docker inspect of every image: layers and their order`, async () => {
      for (const { engineId, image } of await imagesOf(name)) {
        const layers = await fleet.docker(name, [
          'inspect',
          '--format',
          '{{json .RootFS.Layers}}',
          engineId,
        ]);
        assert.deepEqual(
          image.layers.map(({ diffId }: any) => diffId),
          JSON.parse(layers) ?? [],
        );
      }
    });

    it(`${name}: docker system df`, async () => {
      const rows = jsonLines(await fleet.docker(name, ['system', 'df', '--format', '{{json .}}']));
      const { host } = await graph.ask(
        `query ($name: String!) { host(name: $name) { diskUsage {
          images { ...Entry } containers { ...Entry } volumes { ...Entry } buildCache { ...Entry }
        } } } fragment Entry on DiskUsageEntry { totalCount activeCount sizeBytes reclaimableBytes }`,
        { name },
      );
      const usage: Record<string, any> = {
        Images: host.diskUsage.images,
        Containers: host.diskUsage.containers,
        'Local Volumes': host.diskUsage.volumes,
        'Build Cache': host.diskUsage.buildCache,
      };
      assert.equal(rows.length, 4);
      for (const { Type, TotalCount, Active, Size, Reclaimable } of rows) {
        const entry = usage[Type];
        assert.equal(entry.totalCount, Number(TotalCount), Type);
        assert.equal(entry.activeCount, Number(Active), Type);
        assertSize(Size, entry.sizeBytes, `${Type} size`);
        assertSize(Reclaimable.split(' ')[0], entry.reclaimableBytes, `${Type} reclaimable`);
      }
    });

    it(`${name}: docker ps --all: containers and which images are in use`, async () => {
      const rows = jsonLines(
        await fleet.docker(name, ['ps', '--all', '--no-trunc', '--format', '{{json .}}']),
      );
      const { host } = await graph.ask(
        `query ($name: String!) { host(name: $name) { containers { nodes { id name state imageName image { engineId inUse } } } } }`,
        { name },
      );
      const seen = host.containers.nodes;
      assert.deepEqual(
        seen.map(({ id, name, imageName, state }: any) => [id, name, imageName, state]).sort(),
        rows.map(({ ID, Names, Image, State }) => [ID, Names, Image, State]).sort(),
      );
      for (const { image } of seen) assert.equal(image?.inUse, true);
      const used = new Set(seen.map(({ image }: any) => image.engineId));
      for (const { engineId, inUse } of await imagesOf(name))
        assert.equal(inUse, used.has(engineId));
    });
  }

  for (const name of ['alpha', 'bravo', 'charlie', 'delta'] as const) {
    it(`${name}: docker system df -v: what removing an image frees`, async () => {
      const rows: any[] = JSON.parse(
        await fleet.docker(name, ['system', 'df', '-v', '--format', '{{json .Images}}']),
      );
      const images = new Map((await imagesOf(name)).map((image) => [image.engineId, image]));
      for (const { ID, UniqueSize } of rows) {
        const { uniqueBytes } = images.get(ID);
        // Null is honest where layers could not be mapped; the seed has one such image at most.
        if (uniqueBytes === null) continue;
        const parent = await fleet.docker(name, ['inspect', '--format', '{{.Parent}}', ID]);
        // Newer engines count the hidden steps of a build as sharers, which go with the image.
        if (parent.trim() !== '' && UniqueSize === '0B') continue;
        assertSize(UniqueSize, uniqueBytes, `${ID} unique`);
      }
      const unknown = [...images.values()].filter(({ uniqueBytes }) => uniqueBytes === null);
      assert.ok(unknown.length <= 1, `${unknown.length} images without known layer sizes`);
    });
  }

  it('every seeded image is on the hosts that the plan says, under one identity', async () => {
    for (const seeded of fleet.images) {
      for (const [host, tags] of Object.entries(seeded.hosts)) {
        for (const tag of tags) {
          const { host: found } = await graph.ask(
            'query ($host: String!, $ref: String!) { host(name: $host) { image(ref: $ref) { image { id } } } }',
            { host, ref: tag },
          );
          assert.ok(found.image, `${tag} on ${host}`);
        }
      }
    }
    const { image } = await graph.ask(
      '{ image(ref: "team/base:1") { engineIds hosts { nodes { host { name } } } } }',
    );
    assert.deepEqual(
      image.hosts.nodes.map(({ host }: any) => host.name),
      [...HOST_NAMES].sort(),
    );
    assert.equal(
      image.engineIds.length,
      2,
      'one ID in classic stores, another in the containerd store',
    );
  });

  it('the one seeded drift is found, and nothing else', async () => {
    const { tags } = await graph.ask(
      '{ tags(first: 100, filter: { drifted: true }) { nodes { familiarName } } }',
    );
    const targets = new Map<string, Set<string>>();
    for (const { key, hosts } of fleet.images) {
      for (const tag of new Set(Object.values(hosts).flat())) {
        targets.set(tag, (targets.get(tag) ?? new Set()).add(key));
      }
    }
    const drifted = [...targets].filter(([, keys]) => keys.size > 1).map(([tag]) => tag);
    assert.ok(drifted.length > 0);
    assert.deepEqual(
      tags.nodes.map(({ familiarName }: any) => familiarName).sort(),
      drifted.sort(),
    );
  });
});
