import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/common/clock.ts';
import type {
  Engine,
  EngineEvent,
  EngineInfo,
  ImageListing,
  ImageStore,
} from '../../src/engine/engine.ts';
import type { HostRecord } from '../../src/fleet/fleet.ts';
import { HostMonitor } from '../../src/fleet/host-monitor.ts';
import type { HostState } from '../../src/fleet/host-monitor.ts';
import { ImageFactsCache } from '../../src/fleet/image-facts-cache.ts';
import { Inventory } from '../../src/fleet/inventory.ts';
import { LearnedTags } from '../../src/fleet/learned-tags.ts';

import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage, listRow } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';
import { until } from '../support/settle.ts';

const TAG = 'docker.io/library/app:1';

const INFO: Omit<EngineInfo, 'imageStore'> = {
  version: '26.1.5',
  apiVersion: '1.45',
  os: 'linux',
  architecture: 'amd64',
  operatingSystem: null,
  dataRoot: null,
  storageDriver: null,
  cpus: null,
  memoryBytes: null,
  registryMirrors: [],
  insecureRegistries: [],
};

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** An engine with one tag whose calls take effect and are answered some time after one another. */
class SlowEngine {
  readonly images = new Set(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
  /** Where the tag pointed, from the beginning. */
  readonly history: (string | null)[] = [null];
  readonly #next: (below: number) => number;
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  readonly #store: ImageStore;

  constructor(seed: number, store: ImageStore) {
    this.#next = random(seed);
    this.#store = store;
  }

  get owner(): string | null {
    return this.history.at(-1)!;
  }

  async pause(most: number): Promise<void> {
    for (let left = this.#next(most); left > 0; left--) await turn();
  }

  pick(below: number): number {
    return this.#next(below);
  }

  /** Answers which state of the history it made. */
  async point(id: string | null): Promise<number | null> {
    await this.pause(12);
    if (id !== null && !this.images.has(id)) return null;
    const made = this.#set(id);
    await this.pause(12);
    return made;
  }

  remove(id: string): void {
    this.images.delete(id);
    if (this.owner === id) this.#set(null);
    else this.#tell();
  }

  load(id: string): void {
    this.images.add(id);
    this.#tell();
  }

  asEngine(): Engine {
    return {
      connect: async () => ({ ...INFO, imageStore: this.#store }),
      ping: async () => 1,
      listImages: async () => {
        await this.pause(20);
        const listing = Array.from(this.images, (id): ImageListing => {
          const tags = id === this.owner ? [`own:${id}`, 'app:1'] : [`own:${id}`];
          return { id, tags, repoDigests: [], createdAt: 0, sizeBytes: 0, labels: {} };
        });
        await this.pause(20);
        return listing;
      },
      listContainers: async () => [],
      imageId: async () => {
        await this.pause(12);
        const { owner } = this;
        await this.pause(12);
        return owner;
      },
      imageFacts: async () => {
        await this.pause(3);
        throw new Error('it does not tell');
      },
      events: async ({ signal }: { signal: AbortSignal }) => this.#events(signal),
      close: async () => {},
    } as Partial<Engine> as Engine;
  }

  async *#events(signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const waiting: EngineEvent[] = [];
    this.#listeners.add((event) => waiting.push(event));
    while (!signal.aborted) {
      await this.pause(6);
      await turn();
      yield* waiting.splice(0);
    }
  }

  #set(id: string | null): number {
    this.#tell();
    return this.history.push(id) - 1;
  }

  #tell(): void {
    const attributes = { name: 'app:1' };
    const event = { type: 'image', action: 'tag', actorId: '', attributes, at: 0 };
    for (const listener of this.#listeners) listener(event);
  }
}

describe('what the answer to a call tells of a tag', () => {
  for (const seed of [11, 12, 13, 14, 15, 16, 17, 18]) {
    const store = seed % 2 === 0 ? 'CLASSIC' : 'CONTAINERD';
    it(`never shows an older state after a newer one (seed ${seed}, ${store})`, async () => {
      const engine = new SlowEngine(seed, store);
      const inventory = new Inventory();
      const slot = inventory.addHost('alpha');
      let state: HostState = 'CONNECTING';
      /** Nothing before this state of the engine's history may be shown any more. */
      let shown = 0;
      let newsOf: string | null = null;
      const look = () => {
        const owner = slot.tags.get(TAG)?.id ?? null;
        shown = engine.history.indexOf(owner, shown);
        assert.notEqual(shown, -1, `${owner} is older than what was shown`);
        return owner;
      };
      const failures: unknown[] = [];
      const monitor = new HostMonitor({
        name: 'alpha',
        engine: engine.asEngine(),
        inventory,
        facts: new ImageFactsCache(),
        clock: systemClock,
        timings: {
          debounceMs: 0,
          debounceMaxMs: 1,
          resyncMs: 60_000,
          pingMs: 60_000,
          backoff: { baseMs: 1, maxMs: 1 },
          stableMs: 1,
        },
        onStatus: (status) => {
          ({ state } = status);
        },
        onChanges: (changes) => {
          for (const change of changes) {
            if (!('tag' in change) || change.tag.reference !== TAG) continue;
            if (change.kind === 'UNTAGGED') newsOf = null;
            if (change.kind === 'TAGGED' || change.kind === 'TAG_MOVED') {
              newsOf = change.hostImage.id;
            }
          }
          try {
            assert.equal(newsOf, look(), 'what is told adds up to what is shown');
          } catch (error) {
            failures.push(error);
          }
        },
      });
      monitor.start();
      await until(() => state === 'ONLINE', 'the first listing');
      let learned = 0;
      const work = async () => {
        for (let round = 0; round < 60; round++) {
          await engine.pause(30);
          const id = engine.pick(4) === 0 ? null : `id-${engine.pick(6)}`;
          const learn = monitor.beforeTagCall();
          const made = await engine.point(id);
          if (made === null || !learn(TAG, id)) continue;
          learned++;
          shown = Math.max(shown, made);
          look();
        }
      };
      const others = async () => {
        for (let round = 0; round < 150; round++) {
          await engine.pause(25);
          const id = `id-${engine.pick(6)}`;
          if (engine.pick(3) > 0) await engine.point(id);
          else if (engine.images.has(id)) engine.remove(id);
          else engine.load(id);
        }
      };
      await Promise.all([work(), work(), others()]);
      await until(() => (slot.tags.get(TAG)?.id ?? null) === engine.owner, 'the end');
      await monitor.close();
      assert.deepEqual(failures, []);
      assert.ok(learned > 20, `only ${learned} answers were learned`);
    });
  }
});

describe('the answers that wait for a listing', () => {
  it('are bounded, and go with the next one', () => {
    const tags = new LearnedTags();
    const learn = (at: number) =>
      tags.learn(`docker.io/library/app:${at}`, null, {
        asked: tags.now(),
        isShown: false,
        look: 0,
      });
    for (let at = 0; at < 1000; at++) assert.ok(learn(at));
    assert.equal(learn(1000), false);
    tags.applied();
    assert.ok(learn(1000));
  });
});

const NAMES = '{ tags { nodes { familiarName targets { image { tags { familiarName } } } } } }';

/** An engine whose listings, once held, are what it listed when it was asked, answered later. */
async function engineWithHeldListings(names: string[], store: ImageStore = 'CLASSIC') {
  let holds = false;
  const held: (() => void)[] = [];
  const engine: FakeEngine = await FakeEngine.start({
    images: names.map((name) => fakeImage(name)),
    store,
    handle: (path, _request, response) => {
      if (!holds || !path.startsWith('/images/json')) return false;
      const body = `[${Array.from(engine.images.values(), listRow).join(',')}]`;
      held.push(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body));
      return true;
    },
  });
  return {
    engine,
    hold: () => {
      holds = true;
    },
    held,
    release: () => {
      holds = false;
      for (const answer of held.splice(0)) answer();
    },
  };
}

const RUN = 'operation { state tasks { error { message } } }';
const TAG_IMAGE = `mutation ($image: String!, $tag: String!) { tagImage(input: {
  hosts: { names: ["alpha"] }, image: $image, tags: [$tag], waitSeconds: 10 }) { ${RUN} } }`;
const UNTAG_IMAGE = `mutation ($tag: String!) { untagImage(input: {
  hosts: { names: ["alpha"] }, tags: [$tag], waitSeconds: 10 }) { ${RUN} } }`;
const EVENTS = 'subscription { imageEvents { kind tag { familiarName } } }';

describe('an operation that changes a tag', () => {
  it('ends without a listing, and one that was under way does not undo it', async () => {
    const { engine, hold, held, release } = await engineWithHeldListings(['app:1', 'db:1']);
    await using alpha = engine;
    await using graph = await Graph.over({ alpha });
    const events = await graph.events(EVENTS);
    const told: string[] = [];
    const listening = (async () => {
      for await (const { data } of events) {
        const { kind, tag } = data!['imageEvents'] as any;
        told.push(`${kind} ${tag?.familiarName}`);
      }
    })();
    hold();
    graph.fleet.refresh('alpha');
    await until(() => held.length === 1, 'a listing that is under way');
    const owner = (tag: string) =>
      graph.fleet.host('alpha').slot.tags.get(`docker.io/library/${tag}`)?.id;

    const image = fakeImage('app:1').id;
    const { tagImage } = await graph.ask(TAG_IMAGE, { image, tag: 'new:1' });
    assert.equal(tagImage.operation.state, 'SUCCEEDED');
    assert.equal(owner('new:1'), image);
    // The tag is taken from another image.
    await graph.ask(TAG_IMAGE, { image, tag: 'db:1' });
    assert.equal(owner('db:1'), image);
    assert.deepEqual(graph.fleet.host('alpha').slot.images.get(fakeImage('db:1').id)!.tags, []);
    const { untagImage } = await graph.ask(UNTAG_IMAGE, { tag: 'app:1' });
    assert.equal(untagImage.operation.state, 'SUCCEEDED');
    assert.equal(owner('app:1'), undefined);
    assert.equal(held.length, 1, 'nothing was listed for it');

    const before = graph.fleet.host('alpha').status.inventoryLook;
    release();
    await graph.until('alpha', ({ status }) => {
      assert.deepEqual([owner('new:1'), owner('db:1'), owner('app:1')], [image, image, undefined]);
      return status.inventoryLook >= before + 2;
    });
    await events.return();
    await listening;
    assert.deepEqual(told, ['TAGGED new:1', 'TAG_MOVED db:1', 'UNTAGGED app:1']);
    const { tags } = await graph.ask(NAMES);
    assert.deepEqual(
      tags.nodes.map(({ familiarName }: any) => familiarName),
      ['db:1', 'new:1'],
    );
  });

  it('is not undone by a listing in which its image is not there yet', async () => {
    const { engine, hold, held, release } = await engineWithHeldListings(['app:1']);
    await using alpha = engine;
    await using graph = await Graph.over({ alpha });
    const image = fakeImage('app:1');
    alpha.removeImage(image.id, { silent: true });
    hold();
    graph.fleet.refresh('alpha');
    await until(() => held.length === 1, 'a listing that is under way');
    alpha.addImage(image, { silent: true });
    await graph.ask(TAG_IMAGE, { image: image.id, tag: 'new:1' });
    release();
    const before = graph.fleet.host('alpha').status.inventoryLook;
    await graph.until('alpha', ({ slot, status }) => {
      assert.equal(slot.tags.get('docker.io/library/new:1')?.id, image.id);
      return status.inventoryLook > before;
    });
  });

  it('gives way to a listing that began after it', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    // Nothing is listed but when the test says so.
    await using graph = await Graph.over({ alpha }, { timings: { debounceMs: 60_000 } });
    const image = fakeImage('app:1');
    await graph.ask(TAG_IMAGE, { image: image.id, tag: 'new:1' });
    const { slot } = graph.fleet.host('alpha');
    assert.equal(slot.tags.get('docker.io/library/new:1')?.id, image.id);
    // Somebody else, of whom no event tells.
    alpha.addImage(image, { silent: true });
    const look = graph.fleet.refresh('alpha');
    await graph.until('alpha', ({ status }) => status.inventoryLook >= look);
    assert.deepEqual([...slot.tags.keys()], ['docker.io/library/app:1']);
  });

  it('waits for a look where the image went with its last tag', async () => {
    const { engine, hold, held, release } = await engineWithHeldListings(['app:1', 'db:1']);
    await using alpha = engine;
    await using graph = await Graph.over({ alpha });
    hold();
    const untagged = graph.ask(UNTAG_IMAGE, { tag: 'db:1' });
    await until(() => held.length === 1, 'the listing that it waits for');
    assert.equal(graph.fleet.host('alpha').slot.images.size, 2);
    release();
    assert.equal((await untagged).untagImage.operation.state, 'SUCCEEDED');
    assert.equal(graph.fleet.host('alpha').slot.images.size, 1);
  });

  it('waits for a look on podman, which lists tags under names of its own', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')], store: 'PODMAN' });
    await using graph = await Graph.over({ alpha });
    const listed = alpha.calls.get('images')!;
    await graph.ask(TAG_IMAGE, { image: 'app:1', tag: 'new:1' });
    assert.ok(alpha.calls.get('images')! > listed);
  });
});

describe('an event of a containerd store, which takes long to list', () => {
  it('is shown ahead of the listing', async () => {
    const { engine, hold, held, release } = await engineWithHeldListings(
      ['app:1', 'db:1'],
      'CONTAINERD',
    );
    await using alpha = engine;
    await using graph = await Graph.over({ alpha });
    hold();
    const image = fakeImage('app:1');
    const point = (action: 'tag' | 'untag', tag: string, tags: string[]) => {
      alpha.images.set(image.id, { ...image, tags });
      alpha.emit('image', action, image.id, { name: tag });
    };
    const has = (tag: string) => (host: HostRecord) =>
      host.slot.tags.has(`docker.io/library/${tag}`);
    point('tag', 'new:1', ['app:1', 'new:1']);
    await graph.until('alpha', has('new:1'));
    point('untag', 'app:1', ['new:1']);
    await graph.until('alpha', (host) => !has('app:1')(host));
    // Whether the image is still there without its last tag, only a listing tells.
    const asked = alpha.calls.get('inspect')!;
    alpha.removeImage(image.id, { silent: true });
    alpha.emit('image', 'untag', image.id, { name: 'new:1' });
    await until(() => alpha.calls.get('inspect')! > asked && held.length > 0, 'both questions');
    assert.ok(has('new:1')(graph.fleet.host('alpha')));
    release();
    await graph.until('alpha', ({ slot }) => !slot.images.has(image.id));
  });
});
