import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PrunePlans } from '../../src/fleet/prune-plan.ts';
import { pruneVerb } from '../../src/verbs/prune-images.ts';
import { ManualClock } from '../operations/manual-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import type { FakeImage } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';

const PLAN = `query ($input: PrunePlanInput!) { prunePlan(input: $input) { id createdAt expiresAt totalFreedBytes
  hosts { hostName host { name } freedBytes reason images { engineId tags createdAt sizeBytes uniqueBytes image { engineId } } } } }`;
const PRUNE = `mutation ($input: PruneImagesInput!) { pruneImages(input: $input) { operation { id kind state logTail
  tasks { host { name } state error { code message hint retryable }
    result { ... on PruneImagesResult { untagged deleted freedBytes skipped { engineId tags reason } } } } } } }`;

const bytes = (image: FakeImage) => image.layers.at(-1)!.sizeBytes;
const old = fakeImage('old:1');
const twice = fakeImage('twice:1', { tags: ['twice:1', 'registry:5000/twice:1'] });
const used = fakeImage('used:1');
const dangling = fakeImage('dangling:1', { tags: [] });
const IMAGES = [old, twice, used, dangling];
const container = (image: FakeImage, name = 'web') => ({
  id: `container-${name}`,
  name,
  imageId: image.id,
  image: image.tags[0] ?? image.id,
  state: 'running',
});

async function start(options: { hosts?: string[]; latencyMs?: number; images?: FakeImage[] } = {}) {
  const names = options.hosts ?? ['alpha'];
  const engines: Record<string, FakeEngine> = {};
  for (const name of names) {
    const images = options.images ?? IMAGES;
    engines[name] = await FakeEngine.start({ images, containers: [container(used)] });
  }
  const graph = await Graph.over(engines);
  return {
    graph,
    engines,
    engine: engines[names[0]!]!,
    plan: async (input: object) =>
      (await graph.ask(PLAN, { input: { hosts: { all: true }, ...input } })).prunePlan,
    prune: async (input: object) => (await graph.ask(PRUNE, { input })).pruneImages.operation,
    async [Symbol.asyncDispose]() {
      await graph[Symbol.asyncDispose]();
      for (const engine of Object.values(engines)) await engine[Symbol.asyncDispose]();
    },
  };
}

describe('a plan', () => {
  it('lists what would go with what it would free, and changes nothing', async () => {
    await using lab = await start();
    const all = await lab.plan({ all: true });
    const [host] = all.hosts;
    assert.equal(host.reason, null);
    assert.deepEqual(
      host.images.map(({ engineId, tags }: any) => [engineId, tags]).toSorted(),
      [
        [old.id, ['old:1']],
        [twice.id, ['twice:1', 'registry:5000/twice:1']],
        [dangling.id, []],
      ].toSorted(),
    );
    // The base stays: the used image has it.
    assert.equal(host.freedBytes, bytes(old) + bytes(twice) + bytes(dangling));
    assert.equal(all.totalFreedBytes, host.freedBytes);
    assert.equal(Date.parse(all.expiresAt) - Date.parse(all.createdAt), 15 * 60_000);
    assert.equal(lab.engine.images.size, 4);
    const few = await lab.plan({});
    assert.deepEqual(
      few.hosts[0].images.map(({ engineId }: any) => engineId),
      [dangling.id],
    );
  });

  it('applied, removes exactly that; applied again, says that nothing is there', async () => {
    await using lab = await start({ hosts: ['alpha', 'bravo'] });
    const { id, totalFreedBytes, hosts } = await lab.plan({ all: true });
    const late = fakeImage('late:1');
    lab.engine.addImage(late);
    const done = await lab.prune({ plan: id });
    assert.equal(done.kind, 'PRUNE_IMAGES');
    assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done));
    let freed = 0;
    for (const [at, { result }] of done.tasks.entries()) {
      const planned = hosts[at].images;
      assert.deepEqual(
        result.deleted,
        planned.map(({ engineId }: any) => engineId),
      );
      assert.deepEqual(
        result.untagged.toSorted(),
        planned.flatMap(({ tags }: any) => tags).toSorted(),
      );
      assert.deepEqual(result.skipped, []);
      freed += result.freedBytes;
    }
    assert.equal(freed, totalFreedBytes);
    assert.deepEqual([...lab.engine.images.keys()].toSorted(), [used.id, late.id].toSorted());
    const held = [...lab.graph.fleet.host('alpha').slot.images.keys()];
    assert.deepEqual(held.toSorted(), [used.id, late.id].toSorted(), 'the inventory shows it');

    const again = await lab.prune({ plan: id });
    assert.equal(again.state, 'SUCCEEDED');
    const [{ result }] = again.tasks;
    assert.deepEqual([result.untagged, result.deleted, result.freedBytes], [[], [], 0]);
    assert.deepEqual(
      result.skipped.map(({ reason }: any) => reason),
      Array(3).fill('it is not there any more'),
    );
  });

  it('what became used, tagged or untagged since stays as it is, and is told', async () => {
    const more = [fakeImage('moved:1'), fakeImage('named:1', { tags: [] })];
    await using lab = await start({ images: [...IMAGES, ...more] });
    const { id } = await lab.plan({ all: true });
    lab.engine.addContainer(container(twice, 'late'));
    lab.engine.retag(more[0]!.id, []);
    lab.engine.retag(more[1]!.id, ['named:2']);
    const { state, tasks, logTail } = await lab.prune({ plan: id });
    assert.equal(state, 'SUCCEEDED');
    const [{ result }] = tasks;
    const reasons = Object.fromEntries(
      result.skipped.map((row: any) => [row.engineId, row.reason]),
    );
    assert.deepEqual(reasons, {
      [twice.id]: 'container late (running) uses it',
      [more[0]!.id]: 'it has lost the tag moved:1 since',
      [more[1]!.id]: 'it was tagged named:2 since',
    });
    assert.deepEqual(result.deleted.toSorted(), [old.id, dangling.id].toSorted());
    assert.deepEqual(lab.engine.images.get(twice.id)!.tags, twice.tags);
    const line = 'Skipped: twice:1: container late (running) uses it';
    assert.ok(
      logTail.some((text: string) => text.endsWith(line)),
      logTail.join('\n'),
    );
  });

  it('a host that is not live is listed with the reason, and left out when it is applied', async () => {
    await using lab = await start({ hosts: ['alpha', 'bravo', 'charlie'] });
    const { alpha, bravo, charlie } = lab.engines;
    await bravo!.stop();
    await lab.graph.until('bravo', ({ status }) => status.state === 'UNREACHABLE');
    charlie!.fault('containers', { kind: 'STATUS', status: 403, body: '{"message":"Forbidden"}' });
    lab.graph.fleet.refresh('charlie');
    await lab.graph.until('charlie', ({ slot }) => !slot.containersKnown);
    const { id, hosts } = await lab.plan({ all: true });
    assert.deepEqual(
      hosts.map(({ images }: any) => images.length),
      [3, 0, 0],
    );
    assert.deepEqual(
      hosts.map(({ freedBytes }: any) => freedBytes > 0),
      [true, false, false],
    );
    assert.match(
      hosts[1].reason,
      /^bravo is UNREACHABLE, so what it holds and uses now is not known: /,
    );
    assert.match(hosts[2].reason, /^the engine of charlie does not let its containers be listed/);
    const { tasks } = await lab.prune({ plan: id });
    assert.deepEqual(
      tasks.map(({ host }: any) => host.name),
      ['alpha'],
    );
    assert.equal(alpha!.images.size, 1);

    const direct = await lab.prune({ hosts: { names: ['bravo', 'charlie'] }, all: true });
    assert.deepEqual(
      direct.tasks.map(({ error }: any) => error.code),
      ['HOST_UNREACHABLE', 'ENGINE_UNSUPPORTED'],
    );
    assert.equal(charlie!.images.size, 4);

    const blind = await lab.plan({ hosts: { names: ['bravo', 'charlie'] } });
    const refusal = await lab.graph.refusal(PRUNE, { input: { plan: blind.id } });
    assert.equal(refusal.extensions!['code'], 'CONFLICT');
  });

  it('is known for a while only; a repeated request finds its operation all the same', async () => {
    await using lab = await start();
    const { id } = await lab.plan({});
    const input = { plan: id, idempotencyKey: 'nightly' };
    const first = await lab.prune(input);
    assert.equal((await lab.prune(input)).id, first.id);
    for (let count = 0; count < 100; count++) await lab.plan({});
    assert.equal((await lab.prune(input)).id, first.id);
    for (const gone of [{ plan: id }, { plan: id, idempotencyKey: 'other' }]) {
      const { message, extensions } = await lab.graph.refusal(PRUNE, { input: gone });
      assert.match(message, /the plan has expired or the gateway was restarted$/);
      assert.equal(extensions!['code'], 'NOT_FOUND');
    }
  });

  it('expires, and old ones make room for new ones', async () => {
    await using lab = await start();
    const clock = new ManualClock();
    const filter = {
      all: true,
      label: [],
      labelNot: [],
      until: null,
      reference: [],
      keepNewest: null,
    };
    const make = (plans: PrunePlans) => plans.make(lab.graph.fleet, ['alpha'], filter).id;
    const plans = new PrunePlans({ clock, maxAgeMs: 1000, maxPlans: 2 });
    const [a, b, c] = [make(plans), make(plans), make(plans)];
    assert.deepEqual(
      [a, b, c].map((id) => plans.find(id) !== undefined),
      [false, true, true],
    );
    await clock.advance(1000);
    assert.equal(plans.find(c), undefined);
    const few = new PrunePlans({ clock, maxWeight: 5 });
    const [d, e] = [make(few), make(few)];
    assert.deepEqual(
      [d, e].map((id) => few.find(id) !== undefined),
      [false, true],
      'three images each',
    );
  });
});

describe('a prune', () => {
  it('without a plan looks at each host and removes what fits', async () => {
    await using lab = await start();
    lab.engine.addImage(fakeImage('unseen:1'), { silent: true });
    const { tasks, state } = await lab.prune({
      hosts: { names: ['alpha'] },
      all: true,
      reference: ['unseen', 'old'],
    });
    assert.equal(state, 'SUCCEEDED');
    assert.deepEqual(tasks[0].result.untagged.toSorted(), ['old:1', 'unseen:1']);
    assert.equal(lab.engine.images.size, 3);
  });

  it('an image that the engine refuses to remove keeps all its tags', async () => {
    await using lab = await start({ images: [twice, dangling] });
    const { id } = await lab.plan({ all: true });
    // Made after the containers were listed.
    lab.engine.fault('containers', { kind: 'BODY', body: '[]' });
    lab.engine.addContainer(container(twice, 'late'));
    const { state, tasks } = await lab.prune({ plan: id });
    assert.equal(state, 'SUCCEEDED', JSON.stringify(tasks));
    const [{ result }] = tasks;
    assert.deepEqual(result.deleted, [dangling.id]);
    assert.match(result.skipped[0].reason, /image is being used by stopped container/);
    assert.deepEqual(lab.engine.images.get(twice.id)!.tags.toSorted(), twice.tags.toSorted());
  });

  it('cancelled, stops between two images and tells what went', async () => {
    const images = Array.from({ length: 20 }, (_, at) => fakeImage(`app-${at}:1`));
    await using lab = await start({ images });
    lab.engine.latencyMs = 40;
    const { id } = await lab.prune({ hosts: { all: true }, all: true, waitSeconds: 0 });
    while (lab.engine.images.size > 17) await new Promise((resolve) => setTimeout(resolve, 5));
    const { cancelOperation } = await lab.graph.ask(
      `mutation ($id: ID!) { cancelOperation(input: { id: $id }) { operation { state tasks { error { message } } } } }`,
      { id },
    );
    const { state, tasks } = cancelOperation.operation;
    assert.equal(state, 'CANCELLED');
    const gone = 20 - lab.engine.images.size;
    assert.ok(gone >= 3 && gone < 10, `${gone} went`);
    assert.match(
      tasks[0].error.message,
      new RegExp(`${gone} of 20 images were removed \\(app-.*, the others stay$`),
    );
  });

  it('an engine that goes away in the middle: the error says what went', async () => {
    const images = Array.from({ length: 6 }, (_, at) => fakeImage(`app-${at}:1`));
    await using lab = await start({ images });
    lab.engine.latencyMs = 30;
    const running = lab.prune({ hosts: { all: true }, all: true });
    while (lab.engine.images.size > 4) await new Promise((resolve) => setTimeout(resolve, 5));
    await lab.engine.stop();
    const { state, tasks } = await running;
    assert.equal(state, 'FAILED');
    assert.equal(tasks[0].error.code, 'HOST_UNREACHABLE');
    assert.match(tasks[0].error.message, /until then, \d of 6 images were removed/);
  });

  it('mistakes in the input are told before anything starts', async () => {
    await using lab = await start();
    const { id } = await lab.plan({});
    const hosts = { all: true };
    const cases: [object, RegExp][] = [
      [{}, /neither `plan` nor `hosts` was given/],
      [{ plan: id, hosts }, /`hosts` was given with `plan`/],
      [{ plan: id, all: true }, /`all` was given with `plan`/],
      [{ plan: id, until: '1h' }, /`until` was given with `plan`/],
      [{ hosts, until: 'soon' }, /"soon" is not a time/],
      [{ hosts, keepNewest: 0 }, /`keepNewest` is 0/],
      [{ hosts: { names: ['nobody'] } }, /there is no host "nobody"/],
    ];
    for (const [input, message] of cases) {
      const refusal = await lab.graph.refusal(PRUNE, { input });
      assert.match(refusal.message, message);
    }
    assert.equal(await lab.graph.operations.count(), 0);
  });

  it('after a crash in the middle, a plan whose images have all gone is done', async (t) => {
    await using lab = await start();
    // All within one millisecond: a look from before the images went must not pass for a new one.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const verb = pruneVerb({ fleet: lab.graph.fleet } as never);
    const images = { alpha: [old, dangling].map(({ id }) => ({ engineId: id, tags: [] })) };
    const look = () =>
      verb.recover!(
        { plan: 'p', images },
        {
          operationId: 'o',
          taskId: 't',
          host: 'alpha',
          signal: AbortSignal.timeout(5000),
        },
      );
    assert.equal(await look(), null);
    for (const { id } of [old, dangling]) lab.engine.removeImage(id, { silent: true });
    assert.deepEqual((await look())!.deleted, [old.id, dangling.id]);
  });
});
