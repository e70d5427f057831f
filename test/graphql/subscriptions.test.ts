import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Broadcast } from '../../src/common/broadcast.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';

async function next(events: AsyncGenerator<any>): Promise<any> {
  const { value, done } = await events.next();
  assert.ok(!done, 'the subscription ended');
  assert.equal(value.errors, undefined);
  return JSON.parse(JSON.stringify(value.data));
}

describe('subscriptions', () => {
  it('imageEvents tells what came, went and moved', async () => {
    const first = fakeImage('app:1');
    const second = fakeImage('app:2', { tags: [] });
    await using alpha = await FakeEngine.start({ images: [first] });
    await using graph = await Graph.over({ alpha });
    const events = await graph.events(
      'subscription { imageEvents { kind missed host { name } image { digest } tag { familiarName } previous { digest } } }',
    );
    const expectEvent = async (event: object) =>
      assert.deepEqual((await next(events)).imageEvents, {
        missed: 0,
        host: { name: 'alpha' },
        tag: null,
        previous: null,
        ...event,
      });
    alpha.addImage(second);
    await expectEvent({ kind: 'ADDED', image: { digest: second.id } });
    // A load takes the tag from the first image; engines raise no event for the loser.
    alpha.images.set(first.id, { ...first, tags: [] });
    alpha.retag(second.id, ['app:1']);
    await expectEvent({
      kind: 'TAG_MOVED',
      image: { digest: second.id },
      tag: { familiarName: 'app:1' },
      previous: { digest: first.id },
    });
    alpha.removeImage(second.id);
    await expectEvent({ kind: 'REMOVED', image: { digest: second.id } });
    await expectEvent({
      kind: 'UNTAGGED',
      image: { digest: second.id },
      tag: { familiarName: 'app:1' },
    });
    await events.return();
    assert.equal(graph.fleet.imageChanges.subscriberCount, 0);
  });

  it('imageEvents can be filtered by host, kind and reference', async () => {
    await using alpha = await FakeEngine.start();
    await using bravo = await FakeEngine.start();
    await using graph = await Graph.over({ alpha, bravo });
    const events = await graph.events(
      'subscription { imageEvents(filter: { hosts: ["bravo"], kinds: [TAGGED], reference: "web:*" }) { host { name } tag { familiarName } } }',
    );
    alpha.addImage(fakeImage('web:1'));
    await graph.until('alpha', ({ slot }) => slot.images.size === 1);
    bravo.addImage(fakeImage('db:1'));
    await graph.until('bravo', ({ slot }) => slot.images.size === 1);
    bravo.addImage(fakeImage('web:2'));
    assert.deepEqual((await next(events)).imageEvents, {
      host: { name: 'bravo' },
      tag: { familiarName: 'web:2' },
    });
  });

  it('hostChanged tells state and inventory, and a removed host once more', async () => {
    await using alpha = await FakeEngine.start();
    await using graph = await Graph.over({ alpha });
    const events = await graph.events(
      'subscription { hostChanged { name state removedAt error { code } images { totalCount } } }',
    );
    const until = async (test: (host: any) => boolean) => {
      for (;;) {
        const { hostChanged } = await next(events);
        if (test(hostChanged)) return hostChanged;
      }
    };
    alpha.addImage(fakeImage('app:1'));
    await until(({ images }) => images.totalCount === 1);
    await alpha.stop();
    assert.equal(
      (await until(({ state }) => state === 'UNREACHABLE')).error.code,
      'HOST_UNREACHABLE',
    );
    await alpha.listen();
    await until(({ state, error }) => state === 'ONLINE' && error === null);
    graph.fleet.configure([]);
    assert.equal((await until(({ removedAt }) => removedAt !== null)).name, 'alpha');
  });

  it('refuse an unknown host', async () => {
    await using alpha = await FakeEngine.start();
    await using graph = await Graph.over({ alpha });
    await assert.rejects(
      graph.events('subscription { hostChanged(hosts: ["nope"]) { name } }'),
      /no host \\?"nope/,
    );
  });
});

describe('a broadcast', () => {
  const collect = async (
    events: AsyncGenerator<{ value: number; missed: number }>,
    count: number,
  ) => {
    const got: [number, number][] = [];
    for (let at = 0; at < count; at++) {
      const { value } = await events.next();
      got.push([value!.value, value!.missed]);
    }
    return got;
  };

  it('drops the oldest of a slow subscriber and tells how many, and keeps the others whole', async () => {
    const { signal } = new AbortController();
    const broadcast = new Broadcast<number>();
    const slow = broadcast.subscribe({ signal, capacity: 3 });
    const quick = broadcast.subscribe({ signal });
    for (let n = 1; n <= 10; n++) broadcast.publish(n);
    assert.deepEqual(await collect(slow, 3), [
      [8, 7],
      [9, 0],
      [10, 0],
    ]);
    assert.deepEqual(
      (await collect(quick, 10)).map(([value]) => value),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  it('gives a coalescing subscriber the latest of each key', async () => {
    const { signal } = new AbortController();
    const broadcast = new Broadcast<number>();
    const events = broadcast.subscribe({ signal, coalesceBy: (n) => String(n % 2) });
    for (let n = 1; n <= 9; n++) broadcast.publish(n);
    assert.deepEqual(await collect(events, 2), [
      [8, 0],
      [9, 0],
    ]);
  });

  it('ends with the signal even while somebody waits, and forgets the subscriber', async () => {
    const controller = new AbortController();
    const broadcast = new Broadcast<number>();
    const events = broadcast.subscribe({ signal: controller.signal });
    const waiting = events.next();
    controller.abort();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert.equal(broadcast.subscriberCount, 0);
    const other = broadcast.subscribe({ signal: new AbortController().signal });
    const pending = other.next();
    await other.return();
    assert.equal((await pending).done, true);
    assert.equal(broadcast.subscriberCount, 0);
  });
});
