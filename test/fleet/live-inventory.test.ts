import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../src/common/clock.ts';
import type { Clock } from '../../src/common/clock.ts';
import { DEFAULT_TIMINGS } from '../../src/fleet/host-monitor.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage, fakeImages } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';
import { until } from '../support/settle.ts';

const IMAGES =
  '{ hosts { nodes { name state images { nodes { tags { familiarName } inUse } } } } }';

/** What each host holds, as the graph tells it. */
async function held(graph: Graph): Promise<Record<string, string[]>> {
  const { hosts } = await graph.ask(IMAGES);
  return Object.fromEntries(
    hosts.nodes.map((host: any) => [
      host.name,
      host.images.nodes
        .flatMap((image: any) => image.tags.map((tag: any) => tag.familiarName))
        .sort(),
    ]),
  );
}

const tagsOn =
  (name: string, ...tags: string[]) =>
  ({ slot }: { slot: any }) =>
    slot.name === name && tags.every((tag) => slot.tags.has(`docker.io/library/${tag}`));

describe('the live inventory', () => {
  it('shows what each host holds, and what comes and goes, without being asked again', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using bravo = await FakeEngine.start({ images: [fakeImage('app:1'), fakeImage('db:2')] });
    await using graph = await Graph.over({ alpha, bravo });
    assert.deepEqual(await held(graph), { alpha: ['app:1'], bravo: ['app:1', 'db:2'] });

    alpha.addImage(fakeImage('new:1'));
    await graph.until('alpha', tagsOn('alpha', 'new:1'));
    alpha.removeImage(fakeImage('app:1').id);
    await graph.until('alpha', ({ slot }) => slot.images.size === 1);
    assert.deepEqual(await held(graph), { alpha: ['new:1'], bravo: ['app:1', 'db:2'] });
  });

  it('asks for the facts of an image once in the whole fleet', async () => {
    const images = fakeImages(40);
    await using alpha = await FakeEngine.start({ images, latencyMs: 2 });
    await using bravo = await FakeEngine.start({ images, latencyMs: 2 });
    await using charlie = await FakeEngine.start({ images, latencyMs: 2 });
    const engines = [alpha, bravo, charlie];
    await using graph = await Graph.over({ alpha, bravo, charlie });
    const inspections = () =>
      engines.reduce((sum, { calls }) => sum + (calls.get('inspect') ?? 0), 0);
    assert.equal(inspections(), 40);

    graph.fleet.refresh('bravo');
    const listed = bravo.calls.get('images')!;
    await graph.until('bravo', () => bravo.calls.get('images')! > listed);
    assert.equal(inspections(), 40, 'looking again asks for no facts again');
  });

  it('tells apart what containerd stores have of one index, also when it comes later', async () => {
    const id = fakeImage('index:1').id;
    const amd = fakeImage('index:1', { id, layers: ['amd/0'], sizeBytes: 1_000 });
    const arm = fakeImage('index:1', { id, layers: ['arm/0', 'arm/1'], sizeBytes: 2_000 });
    await using alpha = await FakeEngine.start({ store: 'CONTAINERD', images: [amd] });
    await using bravo = await FakeEngine.start({ store: 'CONTAINERD', images: [arm] });
    await using graph = await Graph.over({ alpha, bravo });
    const { inventory } = graph.fleet;
    const content = (host: string) => inventory.slot(host)!.images.get(id)!.image;
    const drifted = () => inventory.driftedTags.size;
    assert.notEqual(content('alpha'), content('bravo'));
    assert.equal(drifted(), 1);

    bravo.removeImage(id, { silent: true });
    bravo.addImage(amd);
    await graph.until('bravo', () => content('bravo') === content('alpha'));
    assert.equal(drifted(), 0);
    assert.equal(inventory.images.size, 1);
  });

  it('takes another host’s answer for the facts where the first one fails', async () => {
    const image = fakeImage('app:1');
    await using broken = await FakeEngine.start({ images: [image] });
    broken.fault('inspect', { kind: 'STATUS', status: 500, body: '{"message":"disk error"}' });
    await using sound = await FakeEngine.start({ images: [image] });
    await using graph = await Graph.over({ broken, sound });
    const { image: found } = await graph.ask(
      '{ image(ref: "app:1") { architecture hosts { nodes { host { name } } } } }',
    );
    assert.equal(found.architecture, 'amd64');
    assert.deepEqual(
      found.hosts.nodes.map(({ host }: any) => host.name),
      ['broken', 'sound'],
    );
  });

  it('does not wait long for the facts that an engine is asked for that never answers', async () => {
    await using stuck = await FakeEngine.start();
    await using sound = await FakeEngine.start();
    await using graph = await Graph.over({ stuck, sound });
    stuck.fault('inspect', { kind: 'HANG' });
    for (const image of fakeImages(10)) stuck.addImage(image);
    await until(() => (stuck.underway.get('inspect') ?? 0) > 0, 'stuck is asked for facts');
    for (const image of fakeImages(10)) sound.addImage(image);
    await graph.until('sound', ({ slot }) => slot.images.size === 10);
    assert.equal(sound.calls.get('inspect'), 10);
  });

  it('asks a docker engine too for what podman does not tell, whichever comes first', async () => {
    const image = fakeImage('app:1', { architecture: 'arm64' });
    const asDockerTells = { ...image, variant: 'v8' };
    await using podman = await FakeEngine.start({ store: 'PODMAN', images: [image] });
    await using docker = await FakeEngine.start();
    await using graph = await Graph.over({ podman, docker });
    const variant = async () =>
      (await graph.ask('{ image(ref: "app:1") { variant } }')).image.variant;
    assert.equal(await variant(), null);
    docker.addImage(asDockerTells);
    await graph.until('docker', tagsOn('docker', 'app:1'));
    assert.equal(await variant(), 'v8');
  });

  it('lists an image whose facts no engine tells, with nulls', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    alpha.fault('inspect', { kind: 'STATUS', status: 403, body: 'forbidden by the proxy' });
    await using graph = await Graph.over({ alpha });
    const { image } = await graph.ask(
      '{ image(ref: "app:1") { architecture layers { diffId } history { createdBy } config { env } sizeBytes tags { familiarName } } }',
    );
    assert.deepEqual(
      { ...image, sizeBytes: image.sizeBytes > 0 },
      {
        architecture: null,
        layers: null,
        history: null,
        config: null,
        sizeBytes: true,
        tags: [{ familiarName: 'app:1' }],
      },
    );
  });

  it('knows which images containers use', async () => {
    const image = fakeImage('app:1');
    await using alpha = await FakeEngine.start({ images: [image] });
    await using graph = await Graph.over({ alpha });
    const inUse = async () => (await graph.ask(IMAGES)).hosts.nodes[0].images.nodes[0].inUse;
    assert.equal(await inUse(), false);
    alpha.addContainer({
      id: 'c'.repeat(64),
      name: 'web',
      imageId: image.id,
      image: 'app:1',
      state: 'running',
    });
    await graph.until('alpha', ({ slot }) => slot.images.get(image.id)?.containerCount === 1);
    assert.equal(await inUse(), true);
    alpha.removeContainer('c'.repeat(64));
    await graph.until('alpha', ({ slot }) => slot.images.get(image.id)?.containerCount === 0);
  });

  it('finds what no event told when it looks again', async () => {
    await using alpha = await FakeEngine.start();
    await using graph = await Graph.over({ alpha }, { timings: { resyncMs: 50 } });
    alpha.addImage(fakeImage('silent:1'), { silent: true });
    await graph.until('alpha', tagsOn('alpha', 'silent:1'));
  });

  it('puts a burst of events into few looks', async () => {
    await using alpha = await FakeEngine.start();
    await using graph = await Graph.over(
      { alpha },
      { timings: { debounceMs: 30, debounceMaxMs: 300 } },
    );
    const before = alpha.calls.get('images')!;
    for (const image of fakeImages(200)) alpha.addImage(image);
    await graph.until('alpha', ({ slot }) => slot.images.size === 200);
    assert.ok(
      alpha.calls.get('images')! - before <= 5,
      `${alpha.calls.get('images')! - before} looks`,
    );
  });
});

describe('a host that is not well', () => {
  it('down at the start: is data, and is served when it comes', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using bravo = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await bravo.stop();
    await using graph = await Graph.over({ alpha, bravo });
    const { hosts } = await graph.ask(
      '{ hosts { nodes { name state error { code message } inventoryAt images { totalCount } } } }',
    );
    assert.equal(hosts.nodes[0].state, 'ONLINE');
    assert.equal(hosts.nodes[1].state, 'UNREACHABLE');
    assert.equal(hosts.nodes[1].error.code, 'HOST_UNREACHABLE');
    assert.equal(hosts.nodes[1].inventoryAt, null);
    await bravo.listen();
    await graph.until(
      'bravo',
      ({ status, slot }) => status.state === 'ONLINE' && slot.images.size === 1,
    );
  });

  it('dies: its last inventory is served with its age, and it heals by itself', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using graph = await Graph.over({ alpha });
    await alpha.stop();
    await graph.until('alpha', ({ status }) => status.state === 'UNREACHABLE');
    const { hosts } = await graph.ask(
      '{ hosts { nodes { state error { code since } inventoryAt images { totalCount } } } }',
    );
    assert.equal(hosts.nodes[0].images.totalCount, 1);
    assert.ok(Date.parse(hosts.nodes[0].inventoryAt) <= Date.parse(hosts.nodes[0].error.since));

    alpha.addImage(fakeImage('meanwhile:1'), { silent: true });
    await alpha.listen();
    const host = await graph.until('alpha', tagsOn('alpha', 'meanwhile:1'));
    await graph.until('alpha', ({ status }) => status.state === 'ONLINE');
    assert.equal(host.status.error, null);
  });

  it('cuts the event stream: what happened meanwhile is found', async () => {
    await using alpha = await FakeEngine.start();
    await using graph = await Graph.over({ alpha });
    alpha.addImage(fakeImage('missed:1'), { silent: true });
    alpha.cutEvents();
    await graph.until('alpha', tagsOn('alpha', 'missed:1'));
  });

  it('comes back: what its former connection waited for does not make it miss events', async () => {
    await using alpha = await FakeEngine.start();
    const { resyncMs } = DEFAULT_TIMINGS;
    const resyncs: (() => void)[] = [];
    const clock: Clock = {
      now: () => systemClock.now(),
      sleep: async (ms, signal) => {
        if (ms !== resyncMs) return systemClock.sleep(ms, signal);
        const { promise, resolve } = Promise.withResolvers<void>();
        resyncs.push(resolve);
        await Promise.race([promise, systemClock.sleep(2 ** 30, signal)]);
      },
    };
    await using graph = await Graph.over({ alpha }, { clock });
    await until(() => resyncs.length === 1, 'an idle host');
    alpha.cutEvents();
    await until(() => resyncs.length === 2, 'an idle host again');
    resyncs[0]!();
    await turn();
    alpha.addImage(fakeImage('app:1'));
    await graph.until('alpha', tagsOn('alpha', 'app:1'));
  });

  it('accepts and never answers: ends in a coded error while the others are served', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using stuck = await FakeEngine.start();
    stuck.freeze();
    await using graph = await Graph.over({ alpha, stuck }, { engine: { connectTimeoutMs: 150 } });
    const { status } = graph.fleet.host('stuck');
    assert.equal(status.state, 'UNREACHABLE');
    assert.equal(status.error?.code, 'TIMEOUT');
    assert.match(status.error.message, /stuck/);
    assert.deepEqual((await held(graph))['alpha'], ['app:1']);
    stuck.freeze(false);
    await graph.until('stuck', (host) => host.status.state === 'ONLINE');
  });

  it('freezes while it is online: the ping notices', async () => {
    await using alpha = await FakeEngine.start();
    await using graph = await Graph.over(
      { alpha },
      { timings: { pingMs: 20 }, engine: { connectTimeoutMs: 100 } },
    );
    alpha.freeze();
    const { status } = await graph.until('alpha', (host) => host.status.state === 'UNREACHABLE');
    assert.equal(status.error?.code, 'TIMEOUT');
    alpha.freeze(false);
    await graph.until('alpha', (host) => host.status.state === 'ONLINE');
  });

  it('dies while it is listed: keeps what was known', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using graph = await Graph.over({ alpha });
    alpha.fault('images', { kind: 'DIE_IN_BODY' });
    graph.fleet.refresh('alpha');
    await graph.until('alpha', ({ status }) => status.state === 'UNREACHABLE');
    assert.deepEqual(await held(graph), { alpha: ['app:1'] });
    alpha.fault('images', null);
    await graph.until('alpha', ({ status }) => status.state === 'ONLINE');
  });

  it('refuses the containers (a socket proxy): images are listed all the same', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    alpha.fault('containers', { kind: 'STATUS', status: 403, body: '<html>Forbidden</html>' });
    await using graph = await Graph.over({ alpha });
    assert.equal(graph.fleet.host('alpha').status.state, 'ONLINE');
    const { data, errors } = await graph.query(
      '{ host(name: "alpha") { images { totalCount nodes { inUse containerCount } } containers { totalCount } } }',
    );
    assert.deepEqual(data.host.images, {
      totalCount: 1,
      nodes: [{ inUse: null, containerCount: null }],
    });
    assert.equal(data.host.containers, null);
    assert.equal(errors[0]?.extensions?.['code'], 'ENGINE_UNSUPPORTED');
    assert.equal(errors[0]?.extensions?.['host'], 'alpha');
  });

  it('answers HTML instead of JSON: is told as such', async () => {
    await using alpha = await FakeEngine.start();
    alpha.fault('version', { kind: 'HTML' });
    alpha.fault('ping', { kind: 'HTML' });
    await using graph = await Graph.over({ alpha });
    const { status } = graph.fleet.host('alpha');
    assert.equal(status.state, 'UNREACHABLE');
    assert.equal(status.error?.code, 'ENGINE_ERROR');
  });
});

describe('hosts that come and go by configuration', () => {
  const config = (name: string, { endpoint }: FakeEngine, labels = {}) => ({
    name,
    endpoint,
    labels,
  });

  it('are added, removed, moved and relabelled without disturbing the others', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using bravo = await FakeEngine.start({ images: [fakeImage('app:2')] });
    await using graph = await Graph.start([config('alpha', alpha)]);
    const connections = alpha.calls.get('version');

    assert.deepEqual(graph.fleet.configure([config('alpha', alpha), config('bravo', bravo)]), {
      added: ['bravo'],
      removed: [],
      changed: [],
    });
    await graph.until('bravo', ({ status }) => status.state === 'ONLINE');
    assert.deepEqual(await held(graph), { alpha: ['app:1'], bravo: ['app:2'] });

    graph.fleet.configure([config('alpha', alpha, { env: 'prod' }), config('bravo', alpha)]);
    await graph.until('bravo', tagsOn('bravo', 'app:1'));
    assert.deepEqual(await held(graph), { alpha: ['app:1'], bravo: ['app:1'] });
    const { hosts } = await graph.ask(
      '{ hosts(filter: { labels: "env=prod" }) { nodes { name } } }',
    );
    assert.deepEqual(hosts.nodes, [{ name: 'alpha' }]);

    assert.deepEqual(graph.fleet.configure([config('bravo', alpha)]).removed, ['alpha']);
    assert.deepEqual(await held(graph), { bravo: ['app:1'] });
    const { fleet } = await graph.ask('{ fleet { hostCount imageCount hostImageCount tagCount } }');
    assert.deepEqual(fleet, { hostCount: 1, imageCount: 1, hostImageCount: 1, tagCount: 1 });
    assert.ok(connections !== undefined);
  });

  it('leave no connection behind when they go', async () => {
    await using alpha = await FakeEngine.start({ images: fakeImages(10) });
    const graph = await Graph.over({ alpha });
    assert.ok(alpha.connections > 0);
    await graph[Symbol.asyncDispose]();
    await waitUntil(() => alpha.connections === 0, {
      what: 'every connection is closed',
      deadlineMs: 5000,
    });
  });
});
