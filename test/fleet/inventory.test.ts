import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageFacts, ImageListing } from '../../src/engine/engine.ts';
import { Inventory } from '../../src/fleet/inventory.ts';
import type { InventoryRow } from '../../src/fleet/inventory.ts';
import type { InventoryChange } from '../../src/fleet/records.ts';
import { LayerUsage, sharing } from '../../src/fleet/layer-usage.ts';

/** A generator of numbers that a failing seed can be run again with. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const CONFIG: ImageFacts['config'] = {
  env: [],
  cmd: [],
  entrypoint: [],
  workingDir: '',
  user: '',
  exposedPorts: [],
  volumes: [],
  labels: {},
  stopSignal: null,
  healthcheck: null,
};

/** Image number `n`: chains of layers that share their lower part. */
function facts(n: number): ImageFacts {
  const layers = Array.from({ length: 1 + (n % 4) }, (_, depth) => {
    const chainId = `chain-${depth === 3 ? n : n % 2}-${depth}`;
    return { diffId: `diff-${depth}`, chainId, sizeBytes: 10 ** depth, createdBy: null };
  });
  return {
    contentDigest: `content-${n}`,
    architecture: 'amd64',
    os: 'linux',
    variant: null,
    createdAt: n,
    author: '',
    comment: '',
    config: CONFIG,
    history: [],
    layers,
  };
}

interface ModelImage {
  listing: ImageListing;
  facts: ImageFacts | null;
  containers: number;
}
/** The truth, kept without any index: host → engine ID → image. */
type Model = Map<string, Map<string, ModelImage>>;

/** Every index of the inventory, made anew from the model by scanning. */
function expected(model: Model) {
  const images = new Map<string, Set<string>>();
  const tags = new Map<string, Map<string, string>>();
  const layers = new Map<string, { images: Set<string>; hosts: Set<string> }>();
  const dangling = new Set<string>();
  const used = new Set<string>();
  for (const [host, held] of model) {
    for (const [id, { listing, facts: known, containers }] of held) {
      const key = known?.contentDigest ?? `unknown:${id}`;
      images.set(key, (images.get(key) ?? new Set()).add(host));
      if (listing.tags.length === 0) dangling.add(key);
      if (containers > 0) used.add(key);
      for (const tag of listing.tags) {
        const reference = `docker.io/library/${tag}`;
        tags.set(reference, (tags.get(reference) ?? new Map()).set(host, key));
      }
      for (const { chainId } of known?.layers ?? []) {
        const layer = layers.get(chainId) ?? { images: new Set(), hosts: new Set() };
        layer.images.add(key);
        layer.hosts.add(host);
        layers.set(chainId, layer);
      }
    }
  }
  const drifted = [...tags].filter(([, targets]) => new Set(targets.values()).size > 1);
  return {
    images: sorted(images, (hosts) => [...hosts].sort()),
    tags: sorted(tags, (targets) => [...targets].sort()),
    layers: sorted(layers, (layer) => [[...layer.images].sort(), [...layer.hosts].sort()]),
    drifted: drifted.map(([reference]) => reference).sort(),
    dangling: [...dangling].sort(),
    unused: [...images.keys()].filter((key) => !used.has(key)).sort(),
    hostImages: [...model.values()].reduce((sum, held) => sum + held.size, 0),
  };
}

/** The same, as the inventory has it. */
function actual(inventory: Inventory) {
  const usage = new LayerUsage(inventory);
  const names = (hosts: Iterable<number>) =>
    [...hosts].map((at) => inventory.slotAt(at).name).sort();
  return {
    images: sorted(inventory.images, ({ hosts }) => names(hosts)),
    tags: sorted(inventory.tags, ({ targets }) =>
      [...targets].map(([host, { image }]) => [host, image.key]).sort(),
    ),
    layers: sorted(inventory.layers, (layer) => [
      [...layer.images].map(({ key }) => key).sort(),
      names(usage.hostsOf(layer)),
    ]),
    drifted: [...inventory.driftedTags].map(({ reference }) => reference).sort(),
    dangling: [...inventory.danglingImages].map(({ key }) => key).sort(),
    unused: [...inventory.unusedImages].map(({ key }) => key).sort(),
    hostImages: inventory.hostImageCount,
  };
}

function sorted<T>(map: ReadonlyMap<string, T>, value: (item: T) => unknown): unknown[] {
  return [...map].map(([key, item]) => [key, value(item)]).sort(([a], [b]) => (a! < b! ? -1 : 1));
}

const row = ({ listing, facts: known }: ModelImage): InventoryRow => ({
  listing,
  factsKey: listing.id,
  facts: known,
});

describe('the inventory', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`keeps every index true through any course of events (seed ${seed})`, () => {
      const next = random(seed);
      const inventory = new Inventory();
      const model: Model = new Map();
      for (let step = 0; step < 300; step++) {
        const host = `host-${next(5)}`;
        if (!model.has(host)) {
          model.set(host, new Map());
          inventory.addHost(host);
        } else if (next(12) === 0) {
          model.delete(host);
          inventory.removeHost(host);
        } else if (next(3) === 0) {
          const counts = new Map<string, number>();
          for (const [id, image] of model.get(host)!) {
            image.containers = next(3) === 0 ? next(3) : 0;
            counts.set(id, image.containers);
          }
          inventory.applyContainers(host, counts);
        } else if (next(4) === 0) {
          const tag = `app:${next(6)}`;
          const held = model.get(host)!;
          const owner = [...held.keys()].find(() => next(2) === 0);
          for (const { listing } of held.values()) {
            listing.tags = listing.tags.filter((other) => other !== tag);
          }
          if (owner !== undefined) held.get(owner)!.listing.tags.push(tag);
          inventory.applyTag(host, `docker.io/library/${tag}`, owner ?? null);
        } else {
          const before = model.get(host)!;
          const held = new Map<string, ModelImage>();
          const freeTags = new Set(Array.from({ length: 6 }, (_, at) => `app:${at}`));
          for (let at = 0; at < next(7); at++) {
            const n = next(9);
            const id = `id-${n}`;
            const tags = [...freeTags].filter(() => next(4) === 0);
            for (const tag of tags) freeTags.delete(tag);
            for (const tag of held.get(id)?.listing.tags ?? []) freeTags.add(tag);
            const listing = { id, tags, repoDigests: [], createdAt: n, sizeBytes: 1, labels: {} };
            held.set(id, { listing, facts: facts(n), containers: before.get(id)?.containers ?? 0 });
          }
          model.set(host, held);
          inventory.applyImages(host, [...held.values()].map(row));
        }
        assert.deepEqual(actual(inventory), expected(model), `step ${step}`);
      }
    });
  }

  it('tells what each look and each tag changed', () => {
    const inventory = new Inventory();
    inventory.addHost('a');
    const image = (n: number, ...tags: string[]) =>
      row({
        listing: { id: `id-${n}`, tags, repoDigests: [], createdAt: 0, sizeBytes: 0, labels: {} },
        facts: facts(n),
        containers: 0,
      });
    const told = (changes: InventoryChange[]) =>
      changes.map((change) =>
        [
          change.kind,
          change.hostImage.id,
          'tag' in change ? change.tag.familiarName : '',
          'previous' in change ? change.previous.id : '',
        ]
          .join(' ')
          .trim(),
      );
    const changes = (...rows: InventoryRow[]) => told(inventory.applyImages('a', rows));
    const tag = (name: string, id: string | null) =>
      told(inventory.applyTag('a', `docker.io/library/${name}`, id));
    assert.deepEqual(changes(image(1, 'app:1'), image(2)), [
      'ADDED id-1',
      'ADDED id-2',
      'TAGGED id-1 app:1',
    ]);
    assert.deepEqual(changes(image(1, 'app:1'), image(2)), []);
    assert.deepEqual(changes(image(1), image(2, 'app:1')), ['TAG_MOVED id-2 app:1 id-1']);
    assert.deepEqual(tag('app:1', 'id-1'), ['TAG_MOVED id-1 app:1 id-2']);
    assert.deepEqual(tag('app:1', 'id-1'), []);
    assert.deepEqual(tag('app:1', null), ['UNTAGGED id-1 app:1']);
    assert.deepEqual(tag('app:1', null), []);
    assert.deepEqual(tag('app:1', 'id-2'), ['TAGGED id-2 app:1']);
    assert.deepEqual(changes(image(1)), ['REMOVED id-2', 'UNTAGGED id-2 app:1']);
    assert.throws(() => tag('app:1', 'id-2'), /holds no image id-2/);
  });

  it('knows variant and health check from whoever tells them, whichever comes first', () => {
    const healthcheck = {
      test: ['CMD', 'true'],
      intervalMs: 1,
      timeoutMs: null,
      startPeriodMs: null,
      retries: null,
    };
    const podman = facts(1);
    const docker = { ...podman, variant: 'v8', config: { ...CONFIG, healthcheck } };
    for (const order of [
      [podman, docker],
      [docker, podman],
    ]) {
      const inventory = new Inventory();
      order.forEach((told, at) => {
        inventory.addHost(`host-${at}`);
        const listing: ImageListing = {
          id: `sha256:${at}`,
          tags: [],
          repoDigests: [],
          createdAt: 1,
          sizeBytes: 1,
          labels: {},
        };
        inventory.applyImages(`host-${at}`, [{ listing, factsKey: listing.id, facts: told }]);
      });
      const [image] = inventory.images.values();
      assert.equal(image?.holders.size, 2);
      assert.deepEqual(
        [image.facts?.variant, image.facts?.config.healthcheck],
        ['v8', healthcheck],
      );
    }
  });

  it('knows layers by the exactest size that any engine tells, whichever comes first', () => {
    const listing = (id: string) => ({
      id,
      tags: [],
      repoDigests: [],
      createdAt: 0,
      sizeBytes: 0,
      labels: {},
    });
    const exact = facts(3);
    // A containerd store counts blocks.
    const rounded = {
      ...exact,
      layers: exact.layers.map((layer) => ({ ...layer, sizeBytes: layer.sizeBytes! + 4096 })),
    };
    const views = [
      { host: 'classic', row: { listing: listing('id-c'), factsKey: 'id-c', facts: exact } },
      { host: 'containerd', row: { listing: listing('id-m'), factsKey: 'id-m', facts: rounded } },
    ];
    for (const order of [views, views.toReversed()]) {
      const inventory = new Inventory();
      for (const { host, row } of order) {
        inventory.addHost(host);
        inventory.applyImages(host, [row]);
      }
      const sizes = [...inventory.layers.values()].map(({ sizeBytes }) => sizeBytes);
      assert.deepEqual(
        sizes,
        exact.layers.map(({ sizeBytes }) => sizeBytes),
      );
    }
  });

  it('says what a removal really frees', () => {
    const inventory = new Inventory();
    const slot = inventory.addHost('a');
    const listing = (n: number) => ({
      id: `id-${n}`,
      tags: [],
      repoDigests: [],
      createdAt: 0,
      sizeBytes: 0,
      labels: {},
    });
    // Both have the layers of 1, 10 and 100 bytes in common, and 1000 bytes each for itself.
    const rows = [3, 7].map((n) => ({ listing: listing(n), factsKey: `id-${n}`, facts: facts(n) }));
    inventory.applyImages('a', rows);
    assert.deepEqual(sharing(slot.images.get('id-3')!), { shared: 111, unique: 1000 });
    inventory.applyImages('a', rows.slice(0, 1));
    assert.deepEqual(sharing(slot.images.get('id-3')!), { shared: 0, unique: 1111 });
  });
});
