import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageFacts } from '../../src/engine/engine.ts';
import { freedBytes } from '../../src/fleet/freed-bytes.ts';
import { Inventory } from '../../src/fleet/inventory.ts';
import type { InventoryRow } from '../../src/fleet/inventory.ts';
import { pruneSelector } from '../../src/fleet/prune-selection.ts';
import type { PruneFilter } from '../../src/fleet/prune-selection.ts';

const NOW = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;

/** An image in short: what a table of tests needs to say of it. */
interface Given {
  tags?: string[];
  pulledAs?: string[];
  hoursOld?: number;
  labels?: Record<string, string>;
  /** Names with sizes, from the bottom up; null for an image whose facts nobody knows. */
  layers?: [name: string, size: number | null][] | null;
  used?: boolean;
}

function row(id: string, given: Given): InventoryRow {
  const { tags = [], pulledAs = [], hoursOld = 1, labels = {} } = given;
  const createdAt = NOW - hoursOld * HOUR;
  const layers = given.layers === undefined ? [[`${id}-top`, 1] as [string, number]] : given.layers;
  const facts: ImageFacts | null = layers && {
    contentDigest: `content-${id}`,
    architecture: 'amd64',
    os: 'linux',
    variant: null,
    createdAt,
    author: '',
    comment: '',
    config: {
      env: [],
      cmd: [],
      entrypoint: [],
      workingDir: '',
      user: '',
      exposedPorts: [],
      volumes: [],
      labels,
      stopSignal: null,
      healthcheck: null,
    },
    history: layers.map(([name]) => ({
      createdAt,
      createdBy: name,
      comment: '',
      sizeBytes: 1,
      emptyLayer: false,
    })),
    layers: layers.map(([name, sizeBytes]) => ({
      diffId: name,
      chainId: name,
      sizeBytes,
      createdBy: null,
    })),
  };
  const repoDigests = pulledAs.map((name) => `${name}@sha256:${'1'.repeat(64)}`);
  const listing = { id, tags, repoDigests, createdAt, sizeBytes: 10, labels };
  return { listing, factsKey: id, facts };
}

function hostWith(images: Record<string, Given>) {
  const inventory = new Inventory();
  const slot = inventory.addHost('alpha');
  const entries = Object.entries(images);
  inventory.applyImages(
    'alpha',
    entries.map(([id, given]) => row(id, given)),
  );
  const used = entries.filter(([, { used }]) => used);
  inventory.applyContainers('alpha', new Map(used.map(([id]) => [id, 1])));
  return { inventory, slot };
}

const ALL: PruneFilter = {
  all: true,
  label: [],
  labelNot: [],
  until: null,
  reference: [],
  keepNewest: null,
};

function chosen(images: Record<string, Given>, filter: Partial<PruneFilter>): string[] {
  const { slot } = hostWith(images);
  return pruneSelector(
    { ...ALL, ...filter },
    NOW,
  )(slot)
    .map(({ id }) => id)
    .toSorted();
}

describe('what a prune takes', () => {
  const images: Record<string, Given> = {
    dangling: { hoursOld: 5 },
    danglingUsed: { used: true },
    tagged: { tags: ['app:1'], hoursOld: 30, labels: { team: 'a' } },
    taggedUsed: { tags: ['app:2'], used: true },
    twice: { tags: ['app:3', 'registry:5000/app:3'], hoursOld: 3, labels: { keep: '', team: 'b' } },
    pulled: { pulledAs: ['registry:5000/app'], hoursOld: 48 },
  };
  const cases: [title: string, filter: Partial<PruneFilter>, expected: string[]][] = [
    ['only what has no tag, by default', { all: false }, ['dangling', 'pulled']],
    ['with `all` everything that is unused', {}, ['dangling', 'pulled', 'tagged', 'twice']],
    ['by label', { label: ['team'] }, ['tagged', 'twice']],
    ['by label and value', { label: ['team=b'] }, ['twice']],
    ['all labels must be there', { label: ['team', 'keep'] }, ['twice']],
    ['one unwanted label keeps it', { labelNot: ['keep'] }, ['dangling', 'pulled', 'tagged']],
    ['an unwanted value does', { labelNot: ['team=a', 'x'] }, ['dangling', 'pulled', 'twice']],
    ['older than', { until: '24h' }, ['pulled', 'tagged']],
    ['older than, dangling only', { until: '24h', all: false }, ['pulled']],
    ['by name', { reference: ['app'] }, ['tagged']],
    ['every tag must fit', { reference: ['app:3'] }, []],
    ['one glob or the other', { reference: ['app:3', 'registry:5000/*'] }, ['pulled', 'twice']],
    [
      'what lost its tag goes by what it was pulled as',
      { reference: ['registry:5000/app'] },
      ['pulled'],
    ],
  ];
  for (const [title, filter, expected] of cases) {
    it(title, () => assert.deepEqual(chosen(images, filter), expected));
  }

  const versions: Record<string, Given> = {
    v1: { tags: ['app:1'], hoursOld: 40 },
    v2: { tags: ['app:2'], hoursOld: 30 },
    v3: { tags: ['app:3'], hoursOld: 20, used: true },
    v4: { tags: ['app:4', 'other:1'], hoursOld: 10 },
    other2: { tags: ['other:2'], hoursOld: 5 },
    lost: { pulledAs: ['app'], hoursOld: 15 },
    nameless: { hoursOld: 1 },
  };
  const newest: [title: string, filter: Partial<PruneFilter>, expected: string[]][] = [
    ['one of each repository', { keepNewest: 1 }, ['lost', 'nameless', 'v1', 'v2']],
    ['two: those without a tag count', { keepNewest: 2 }, ['nameless', 'v1', 'v2']],
    ['three: used ones count', { keepNewest: 3 }, ['nameless', 'v1', 'v2']],
    ['more than there are', { keepNewest: 9 }, ['nameless']],
    ['with `until`, what is newest is so among all', { keepNewest: 3, until: '35h' }, ['v1']],
  ];
  for (const [title, filter, expected] of newest) {
    it(`keeps the newest, ${title}`, () => assert.deepEqual(chosen(versions, filter), expected));
  }

  it('keeps images of one age together', () => {
    const same = { a: { tags: ['a:1'] }, b: { tags: ['a:2'] }, c: { tags: ['a:3'], hoursOld: 2 } };
    assert.deepEqual(chosen(same, { keepNewest: 1 }), ['c']);
  });

  it('puts what is built on others first', () => {
    const { slot } = hostWith({
      base: { tags: ['base:1'], layers: [['l1', 1]] },
      child: {
        tags: ['child:1'],
        layers: [
          ['l1', 1],
          ['l2', 1],
          ['l3', 1],
        ],
      },
      middle: {
        tags: ['middle:1'],
        layers: [
          ['l1', 1],
          ['l2', 1],
        ],
      },
    });
    const ids = pruneSelector(ALL, NOW)(slot).map(({ id }) => id);
    assert.deepEqual(ids, ['child', 'middle', 'base']);
  });

  it('a filter that makes no sense is told', () => {
    const bad: [Partial<PruneFilter>, RegExp][] = [
      [{ keepNewest: 0 }, /`keepNewest` is 0; expected 1 or more/],
      [{ label: ['=x'] }, /"=x" in `label` has no key/],
      [{ labelNot: [''] }, /"" in `labelNot` has no key/],
      [{ until: 'soon' }, /"soon" is not a time/],
      [{ reference: ['a b'] }, /"a b" is not a reference glob/],
    ];
    for (const [filter, message] of bad) {
      assert.throws(() => pruneSelector({ ...ALL, ...filter }, NOW), message);
    }
  });
});

describe('what a prune frees', () => {
  const base: [string, number] = ['base', 100];
  const mine: [string, number] = ['mine', 10];
  const cases: [
    title: string,
    images: Record<string, Given>,
    removed: string[],
    bytes: number | null,
  ][] = [
    [
      'shared layers once',
      { a: { layers: [base, mine] }, b: { layers: [base, ['b', 1]] } },
      ['a', 'b'],
      111,
    ],
    ['nothing that stays', { a: { layers: [base, mine] }, b: { layers: [base] } }, ['a'], 10],
    ['nothing at all', { a: { layers: [base] }, b: { layers: [base] } }, ['a'], 0],
    ['unknown sizes', { a: { layers: [['x', null]] } }, ['a'], null],
    [
      'unknown sizes that stay',
      { a: { layers: [['x', null], mine] }, b: { layers: [['x', null]] } },
      ['a'],
      10,
    ],
    ['unknown facts', { a: { layers: null } }, ['a'], null],
    ['no images', { a: {} }, [], 0],
  ];
  for (const [title, images, removed, bytes] of cases) {
    it(title, () => {
      const { slot, inventory } = hostWith(images);
      const records = removed.map((id) => slot.images.get(id)!);
      assert.equal(freedBytes(records, slot), bytes);
      // The same figure when they have gone.
      const left = Object.entries(images).filter(([id]) => !removed.includes(id));
      inventory.applyImages(
        'alpha',
        left.map(([id, given]) => row(id, given)),
      );
      assert.equal(freedBytes(records, slot), bytes);
    });
  }

  it('a layer that only another host has is freed', () => {
    const { slot, inventory } = hostWith({ a: { layers: [base] } });
    inventory.addHost('bravo');
    inventory.applyImages('bravo', [row('b', { layers: [base] })]);
    assert.equal(freedBytes(slot.images.values(), slot), 100);
  });
});
