import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { tarSize } from '../lab/seed/tar-writer.ts';
import { allIds, inspect, proveUsable, untilTagged } from './copy-proof.ts';
import { PAIR_HOSTS, startPairFleet } from './pair-fleet.ts';
import type { PairFleet, PairHost } from './pair-fleet.ts';
import { baseAndApp, load } from './transfer-fleet.ts';

/** What an archive may have beside the layers that a target lacks. */
const OVERHEAD_BYTES = 64 * 1024;

const SOURCES = ['a-20.10', 'a-classic', 'a-containerd', 'a-podman'] as const;
const TARGETS = ['b-20.10', 'b-classic', 'b-containerd', 'b-podman'] as const;
/** What the target has of the image, and how it came there. */
const BASES = ['nothing', 'the loaded base', 'the pulled base'] as const;

describe('transferImage on every pair of engines', { timeout: 600_000 }, () => {
  let fleet: PairFleet;

  before(async () => {
    fleet = await startPairFleet();
  });
  after(() => fleet?.[Symbol.asyncDispose]());

  for (const source of SOURCES) {
    for (const target of TARGETS) {
      for (const base of BASES) {
        it(`${source} to ${target} with ${base}`, () => copies(fleet, source, target, base));
      }
    }
  }
  it('from TCP to a unix socket', () => copies(fleet, 'b-classic', 'a-20.10', 'the loaded base'));
});

const storeOf = (host: PairHost) => PAIR_HOSTS[host].kind.store;

async function copies(
  fleet: PairFleet,
  source: PairHost,
  target: PairHost,
  holds: (typeof BASES)[number],
): Promise<void> {
  const { engines, graph, registry } = fleet;
  const name = `${source}-${target}-${holds.replaceAll(' ', '-')}`.replaceAll('.', '');
  const { base, app } = await baseAndApp(name, { baseBytes: 1_000_000 });
  // In full: where a name has no registry, podman puts one before it.
  const tags = { app: `lab.test/${name}/app:1`, base: `lab.test/${name}/base:1` };
  const third = engines[source === 'a-classic' ? 'a-20.10' : 'a-classic'];
  await load(engines[source], app, tags.app);
  if (holds === 'the loaded base') await load(engines[target], base, tags.base);
  if (holds === 'the pulled base') {
    const pulled = `${registry.address}/${tags.base}`;
    await load(third, base, pulled);
    await third.docker(['push', pulled]);
    await third.docker(['rmi', '--force', pulled]);
    await engines[target].docker(['pull', pulled]);
    await engines[target].docker(['tag', pulled, tags.base]);
  }
  await untilTagged(graph, source, tags.app);
  if (holds !== 'nothing') await untilTagged(graph, target, tags.base);
  const idsBefore = await allIds(engines[target]);

  const isUseless = holds === 'the pulled base' && storeOf(target) === 'containerd';
  const operation = await fleet.transfer({
    references: [tags.app],
    source,
    targets: { names: [target] },
    compression: 'NONE',
  });
  const [task] = operation.tasks;
  assert.equal(task.state, 'SUCCEEDED', JSON.stringify(task));
  const [image] = task.result.images;

  // The inventory shows it, without another look.
  assert.deepEqual(image.image, { engineId: image.engineId, tags: [{ familiarName: tags.app }] });
  const there = await inspect(engines[source], tags.app);
  const here = await inspect(engines[target], tags.app);
  assert.equal(here.id, image.engineId);
  const isOneKind = (storeOf(source) === 'containerd') === (storeOf(target) === 'containerd');
  assert.deepEqual({ ...here, id: isOneKind ? here.id : there.id }, there);
  assert.deepEqual(await allIds(engines[target]), [...idsBefore, here.id].toSorted());

  assert.equal(image.source, source);
  assert.equal(image.mode, holds === 'nothing' || isUseless ? 'WHOLE' : 'DELTA');
  if (image.mode === 'DELTA') {
    assert.equal(image.wholeBecause, null);
    const missing = tarSize(app.layers.at(-1)!.entries);
    assert.ok(image.bytesSent <= missing + OVERHEAD_BYTES, `${image.bytesSent} bytes sent`);
  } else if (isUseless) {
    assert.match(image.wholeBecause, /only in part/);
  } else {
    assert.equal(image.wholeBecause, null);
  }
  await proveUsable(engines[target], tags.app, app, { third, registry: registry.address });
}
