import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { toFamiliar } from '../../src/registry/reference.ts';
import { imageArchive, startEngine, startRegistry, waitUntil } from '../lab/index.ts';
import type { ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { archiveOf, PODMAN, randomImage } from '../support/own-engine.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import { busybox, makeWork, onlyTask, startWebServer } from '../support/verb-fleet.ts';

const OPERATION = `operation { id state tasks { state error { code message hint }
  result { __typename
    ... on PullImageResult { pulled { reference digest isNew image { engineId } } }
    ... on PushImageResult { pushed { reference digest } }
    ... on TagImageResult { tagged { reference previousEngineId } image { engineId tags { familiarName } } }
    ... on UntagImageResult { untagged deleted }
    ... on RemoveImageResult { untagged deleted freedBytes }
    ... on PruneImagesResult { untagged deleted freedBytes skipped { tags reason } }
    ... on CommitContainerResult { engineId image { tags { familiarName } image { author comment config { env cmd } layers { diffId } } } }
    ... on ImportImageResult { engineId image { tags { familiarName } image { comment config { cmd } layers { diffId } } } }
    ... on BuildImageResult { engineId builder steps cachedSteps image { tags { familiarName } image { config { labels { key value } } layers { diffId } } } } } } }`;

const HOST = 'podman';
const hosts = { names: [HOST] };

describe('verbs and inventory on podman', () => {
  let engine: ThrowAwayEngine;
  let graph: Graph;
  const allowed: string[] = [];

  before(async () => {
    engine = await startEngine(PODMAN);
    const endpoint = { transport: 'UNIX', socketPath: engine.socketPath } as const;
    graph = await Graph.start([{ name: HOST, labels: {}, endpoint }], { importUrls: allowed });
  });
  after(async () => {
    await graph?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });

  const run = async (mutation: string, input: object) => {
    const type = mutation[0]!.toUpperCase() + mutation.slice(1);
    // Less than an operation waits for an inventory that never shows what it waits for.
    const data = await graph.ask(
      `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { ${OPERATION} } }`,
      { input: { waitSeconds: 12, ...input } },
    );
    return data[mutation].operation;
  };
  const done = async (mutation: string, input: object) =>
    onlyTask(await run(mutation, input), 'SUCCEEDED').result;
  const refused = async (mutation: string, input: object) =>
    onlyTask(await run(mutation, input), 'FAILED').error;
  const tags = () =>
    [...graph.fleet.host(HOST).slot.images.values()]
      .flatMap((image) => image.tags.map(({ familiarName }) => familiarName))
      .toSorted();
  const until = (...names: string[]) =>
    graph.until(HOST, () => names.every((name) => tags().includes(toFamiliar(name))));
  /** Loads a small image of that name; its ID. */
  const put = async (name: string, ...names: string[]): Promise<string> => {
    const image = await randomImage(name, 20_000, 300);
    await engine.docker(['load'], { input: archiveOf(image, ...names) });
    await graph.until(HOST, ({ slot }) => slot.images.has(image.configDigest));
    await until(...names);
    return image.configDigest;
  };
  const clear = async () => {
    const { slot } = graph.fleet.host(HOST);
    const images = [...slot.images.keys()];
    if (images.length > 0) await done('removeImage', { hosts, images, force: true });
    assert.equal(slot.images.size, 0);
  };

  it('follows what is done there: images, tags, containers, disk usage', async () => {
    const image = await busybox('followed');
    const input = imageArchive([{ image, tags: ['localhost/tool:1', 'docker.io/team/tool:1'] }]);
    await engine.docker(['load'], { input });
    await until('localhost/tool:1', 'team/tool:1');
    await engine.docker(['tag', 'localhost/tool:1', 'docker.io/library/tool:2']);
    await until('tool:2');
    await engine.docker(['rmi', 'docker.io/team/tool:1']);
    await graph.until(HOST, () => !tags().includes('team/tool:1'));
    await engine.docker([
      'run',
      '--detach',
      '--network=none',
      '--name=one',
      'tool:2',
      'sleep',
      '100',
    ]);
    const { host } = await graph.ask(
      `{ host(name: "podman") { image(ref: "tool:2") { engineId inUse containerCount
          containers { name state imageName } tags { familiarName }
          image { layers { diffId sizeBytes } history { createdBy sizeBytes } } }
        diskUsage { layersBytes images { totalCount activeCount sizeBytes } containers { totalCount activeCount } } } }`,
    );
    assert.equal(host.image.engineId, image.configDigest);
    assert.deepEqual(host.image.tags.map(({ familiarName }: any) => familiarName).toSorted(), [
      'localhost/tool:1',
      'tool:2',
    ]);
    assert.deepEqual(host.image.containers, [
      { name: 'one', state: 'running', imageName: 'docker.io/library/tool:2' },
    ]);
    assert.deepEqual(
      host.image.image.layers.map(({ diffId }: any) => diffId),
      image.diffIds,
    );
    assert.ok(host.image.image.layers[0].sizeBytes > 1_000_000);
    const { layersBytes, images, containers } = host.diskUsage;
    assert.deepEqual([images.totalCount, images.activeCount], [1, 1], 'an image of two tags');
    assert.equal(images.sizeBytes, layersBytes);
    assert.deepEqual([containers.totalCount, containers.activeCount], [1, 1]);

    // By force, podman would remove the container with the last name; docker never does.
    await done('removeImage', { hosts, images: ['localhost/tool:1'], force: true });
    for (const images of [['tool:2'], [image.configDigest]]) {
      for (const force of [false, true]) {
        const error = await refused('removeImage', { hosts, images, force });
        assert.equal(error.code, 'CONFLICT', error.message);
        assert.match(error.hint, /remove the container/, error.message);
      }
    }
    const { hosts: plans } = (
      await graph.ask(
        `{ prunePlan(input: { hosts: { all: true }, all: true }) { hosts { images { engineId } } } }`,
      )
    ).prunePlan;
    assert.deepEqual(plans[0]?.images ?? [], []);
    await engine.docker(['kill', 'one']);
    await engine.docker(['rm', 'one']);
    await clear();
  });

  it('takes a short name for the name of Docker Hub, whatever podman finds first', async () => {
    const local = await put('local', 'localhost/app:1');
    const hub = await put('hub', 'docker.io/library/app:1');
    const byName = async (ref: string) =>
      (
        await graph.ask(
          'query ($ref: String!) { host(name: "podman") { image(ref: $ref) { engineId } } }',
          { ref },
        )
      ).host.image?.engineId;
    assert.deepEqual([await byName('app:1'), await byName('localhost/app:1')], [hub, local]);

    const tagged = await done('tagImage', { hosts, image: 'app:1', tags: ['app', 'team/app:1'] });
    assert.equal(tagged.image.engineId, hub);
    assert.deepEqual(tags(), ['app:1', 'app:latest', 'localhost/app:1', 'team/app:1']);
    const moved = await done('tagImage', { hosts, image: 'localhost/app:1', tags: ['team/app:1'] });
    assert.deepEqual(moved.tagged, [{ reference: 'team/app:1', previousEngineId: hub }]);

    const removed = await done('removeImage', { hosts, images: ['app:1'] });
    assert.deepEqual([removed.untagged, removed.deleted], [['app:1'], []]);
    assert.deepEqual(tags(), ['app:latest', 'localhost/app:1', 'team/app:1']);
    const several = await refused('removeImage', { hosts, images: [local] });
    assert.equal(several.code, 'CONFLICT', several.message);
    assert.match(several.hint, /force the removal/);
    const keep = { hosts, tags: ['app'], keepImage: true };
    assert.equal((await refused('untagImage', keep)).code, 'CONFLICT');
    const last = await done('untagImage', { hosts, tags: ['app'] });
    assert.deepEqual(last, {
      __typename: 'UntagImageResult',
      untagged: ['app:latest'],
      deleted: [hub],
    });
    const forced = await done('removeImage', { hosts, images: [local], force: true });
    assert.deepEqual(forced.deleted, [local]);
    assert.ok(forced.freedBytes > 20_000);
    const gone = await refused('removeImage', { hosts, images: ['app:1'] });
    assert.equal(gone.code, 'NOT_FOUND');
    assert.deepEqual(tags(), []);
  });

  it('prunes what nothing uses', async () => {
    const [one, two] = [
      await put('unused'),
      await put('unnamed-not', 'localhost/two:1', 'localhost/two:2'),
    ];
    const pruned = await done('pruneImages', { hosts, all: false });
    assert.deepEqual([pruned.deleted, pruned.skipped], [[one], []]);
    const all = await done('pruneImages', { hosts, all: true });
    assert.deepEqual([all.deleted, all.skipped], [[two], []]);
    assert.deepEqual(all.untagged.toSorted(), ['localhost/two:1', 'localhost/two:2']);
    assert.equal(graph.fleet.host(HOST).slot.images.size, 0);
  });

  it('pushes and pulls', async () => {
    await using registry = await startRegistry();
    const reference = `${registry.address}/team/app:1`;
    const older = await put('older', reference);
    const { pushed } = await done('pushImage', { hosts, references: [reference] });
    assert.equal(pushed[0].reference, reference);
    const answer = await fetch(`http://${registry.address}/v2/team/app/manifests/1`, {
      headers: {
        accept:
          'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json',
      },
    });
    assert.equal(answer.headers.get('docker-content-digest'), pushed[0].digest);
    await clear();

    const pull = async (input: object = {}) =>
      (await done('pullImage', { hosts, references: [reference], ...input })).pulled[0];
    const expected = {
      reference,
      digest: pushed[0].digest,
      isNew: true,
      image: { engineId: older },
    };
    assert.deepEqual(await pull(), expected);
    assert.deepEqual(await pull(), { ...expected, isNew: false });
    const byDigest = `${registry.address}/team/app@${pushed[0].digest}`;
    const again = await pull({ references: [byDigest] });
    assert.deepEqual(again, { ...expected, reference: byDigest, isNew: false });
    const foreign = await refused('pullImage', {
      hosts,
      references: [reference],
      platform: 'linux/arm64',
    });
    assert.equal(foreign.code, 'NOT_FOUND');
    assert.match(foreign.hint, /not there for this platform/);

    // The tag goes to another image there, and comes back here.
    const newer = await put('newer', reference);
    await done('pushImage', { hosts, references: [reference] });
    await done('tagImage', { hosts, image: older, tags: [reference] });
    const moved = await pull();
    assert.deepEqual([moved.isNew, moved.image.engineId], [true, newer]);

    for (const mutation of ['pullImage', 'pushImage']) {
      const missing = await refused(mutation, {
        hosts,
        references: [`${registry.address}/team/none:1`],
      });
      assert.equal(missing.code, 'NOT_FOUND', missing.message);
    }
    await clear();
  });

  it('tells registries that refuse it from those that it does not reach', async () => {
    const htpasswd = { username: 'ada', password: 'love & lace/+?' };
    await using registry = await startRegistry({ htpasswd });
    const { address } = registry;
    const references = [`${address}/team/private:1`];
    await put('private', ...references);
    for (const mutation of ['pushImage', 'pullImage']) {
      const anonymous = await refused(mutation, { hosts, references });
      assert.deepEqual(
        [anonymous.code, anonymous.hint],
        ['FORBIDDEN', `give credentials for ${address}`],
      );
      const wrong = [{ registry: address, ...htpasswd, password: 'pa55word' }];
      const error = await refused(mutation, { hosts, references, credentials: wrong });
      assert.equal(error.code, 'FORBIDDEN', error.message);
      assert.match(error.hint, /refuses the credentials given/);
      assert.doesNotMatch(error.message, /pa55word/);
      await done(mutation, {
        hosts,
        references,
        credentials: [{ registry: address, ...htpasswd }],
      });
    }
    await registry.kill();
    const down = await refused('pullImage', { hosts, references });
    assert.match(down.hint, new RegExp(`does not reach ${address}`));
    await clear();
  });

  it('makes images of containers, tars and Dockerfiles', async () => {
    const tar = singleFileTar('hello', Buffer.from('hello\n'));
    await using web = await startWebServer((request, response) => {
      if (request.url === '/root.tar') response.end(tar);
      else response.end('no tar at all'.repeat(100));
    });
    allowed.push(web.url);
    const image = await busybox('made');
    await engine.docker(['load'], {
      input: imageArchive([{ image, tags: ['docker.io/library/busybox:1'] }]),
    });
    await until('busybox:1');
    const from = { host: HOST, container: 'work' };
    await makeWork(engine);
    const committed = await done('commitContainer', {
      ...from,
      reference: 'team/committed',
      author: 'Jo',
      message: 'as it was',
      changes: ['ENV MADE=yes', 'CMD ["cat", "/made"]'],
    });
    assert.deepEqual(committed.image.tags, [{ familiarName: 'team/committed:latest' }]);
    const { author, comment, config, layers } = committed.image.image;
    assert.deepEqual([author, comment, config.cmd], ['Jo', 'as it was', ['cat', '/made']]);
    assert.ok(config.env.includes('MADE=yes'));
    assert.equal(layers.length, 2);
    const run = ['run', '--rm', '--network=none', 'docker.io/team/committed'];
    assert.equal(await engine.docker(run), 'made\n');
    assert.deepEqual((await done('commitContainer', from)).image.tags, []);
    assert.equal(
      (await refused('commitContainer', { ...from, container: 'nobody' })).code,
      'NOT_FOUND',
    );
    assert.equal(
      (await refused('commitContainer', { ...from, changes: ['BOGUS x'] })).code,
      'BAD_USER_INPUT',
    );
    await engine.docker(['rm', 'work']);

    const url = `${web.url}/root.tar`;
    const imported = await done('importImage', {
      hosts,
      url,
      reference: 'team/imported:1',
      message: 'from a test',
      changes: ['CMD ["/hello"]'],
      platform: 'linux/amd64',
    });
    assert.deepEqual(imported.image.tags, [{ familiarName: 'team/imported:1' }]);
    assert.equal(imported.image.image.comment, 'from a test');
    assert.deepEqual(imported.image.image.config.cmd, ['/hello']);
    const foreign = await refused('importImage', { hosts, url, platform: 'linux/arm64' });
    assert.equal(foreign.code, 'ENGINE_UNSUPPORTED');
    await refused('importImage', { hosts, url: `${web.url}/text`, reference: 'team/no-tar:1' });

    const build = {
      hosts,
      tags: ['team/built:1', 'localhost/built:1'],
      labels: [{ key: 'from', value: 'outside' }],
    };
    const dockerfile = 'FROM busybox:1\nLABEL stage=one\nCOPY Dockerfile /copied\n';
    const built = await done('buildImage', { ...build, context: { dockerfile } });
    assert.deepEqual([built.builder, built.steps, built.cachedSteps], ['CLASSIC', 4, 0]);
    assert.deepEqual(built.image.tags.map(({ familiarName }: any) => familiarName).toSorted(), [
      'localhost/built:1',
      'team/built:1',
    ]);
    assert.equal(built.image.image.layers.length, 2);
    for (const bad of ['FRM busybox:1\n', 'FROM busybox:1\nBOGUS x\n']) {
      const error = await refused('buildImage', {
        hosts,
        tags: ['team/bad:1'],
        context: { dockerfile: bad },
      });
      assert.equal(error.code, 'BAD_USER_INPUT', error.message);
    }
    // Podman would take no notice of the URL, and not find the Dockerfile.
    const fetched = await refused('buildImage', { hosts, tags: ['team/bad:1'], context: { url } });
    assert.equal(fetched.code, 'ENGINE_UNSUPPORTED', fetched.message);
    assert.match(fetched.hint, /upload the context/);
    const untargeted = { tags: ['team/bad:1'], context: { dockerfile }, target: 'nope' };
    assert.equal((await refused('buildImage', { hosts, ...untargeted })).code, 'BAD_USER_INPUT');
    assert.ok(!tags().some((name) => /no-tar|bad/.test(name)), tags().join());
    await clear();
  });

  it('says what it loaded, and refuses what is no archive', async () => {
    const { verbs } = graph.fleet.host(HOST).engine;
    const image = await randomImage('nameless', 3_000);
    const nameless = await verbs.loadImages(archiveOf(image), {});
    assert.deepEqual(nameless, { references: [], ids: [image.configDigest] });
    const names = ['localhost/named:1', 'lab.test/named:1'];
    const named = await verbs.loadImages(archiveOf(image, ...names), {});
    assert.deepEqual(named, { references: names, ids: [] });
    for (const junk of [singleFileTar('a', Buffer.from('b')), Buffer.from('no tar at all')]) {
      await assert.rejects(verbs.loadImages(Readable.from([junk]), {}), {
        code: 'ENGINE_ERROR',
        retryable: false,
        message: /supported image formats/,
      });
    }
    const { signal } = new AbortController();
    const missing = verbs.saveImages(['docker.io/library/none:1'], { signal });
    await assert.rejects(missing, { code: 'NOT_FOUND' });
    await graph.until(HOST, () => tags().length === 2);
    await clear();
  });

  it('stops a pull and a build that are cancelled', async () => {
    await using registry = await startRegistry();
    await using proxy = await startRegistryProxy(registry.address);
    const reference = `${registry.address}/team/slow:1`;
    const image = await randomImage('slow', 6_000_000);
    await engine.docker(['load'], { input: archiveOf(image, reference) });
    await until(reference);
    await done('pushImage', { hosts, references: [reference] });
    await clear();
    const slow = `${proxy.address}/team/slow:1`;
    const cancelled = async (mutation: string, input: object) => {
      proxy.holdAfter(1_000_000);
      const { id } = await run(mutation, { hosts, waitSeconds: 0, ...input });
      await waitUntil(async () => proxy.held > 0, { what: 'the layer', deadlineMs: 20_000 });
      const cancel = 'cancelOperation(input: { id: $id }) { operation { id } }';
      await graph.ask(`mutation ($id: ID!) { ${cancel} }`, { id });
      const { operation } = await graph.ask(
        'query ($id: ID!) { operation(id: $id, waitSeconds: 20) { state tasks { state error { message } } } }',
        { id },
      );
      return onlyTask(operation, 'CANCELLED').error;
    };
    await cancelled('pullImage', { references: [slow] });
    await waitUntil(async () => proxy.open === 0, {
      what: 'the end of the pull on podman',
      deadlineMs: 20_000,
    });
    proxy.holdAfter(null);
    await done('pullImage', { hosts, references: [slow] });
    assert.deepEqual(tags(), [slow]);
    await clear();

    const context = { dockerfile: `FROM ${slow}\n` };
    const { message } = await cancelled('buildImage', { tags: ['team/slow:1'], context });
    assert.match(message, /may go on building to the end/);
    proxy.die();
  });

  it('searches a registry', async () => {
    await using hub = await startWebServer((request, response) => {
      response.setHeader('Content-Type', 'application/json');
      const results = [
        { name: 'tool', description: 'The tool.', star_count: 12, is_official: true },
      ];
      const isSearch = request.url?.startsWith('/v1/search') === true;
      response.end(JSON.stringify(isSearch ? { query: 'tool', num_results: 1, results } : {}));
    });
    const { host: address } = new URL(hub.url);
    const { searchImages } = await graph.ask(
      'query ($term: String!) { searchImages(term: $term, host: "podman") { name description stars official } }',
      { term: `${address}/tool` },
    );
    assert.deepEqual(searchImages, [
      { name: `${address}/tool`, description: 'The tool.', stars: 12, official: true },
    ]);
  });
});
