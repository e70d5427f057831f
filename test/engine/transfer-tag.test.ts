import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { engineEvent } from '../../src/engine/engine-event.ts';
import { transferRepository, transferTag } from '../../src/engine/layers/transfer-tag.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { until } from '../support/settle.ts';

const HOUR_MS = 3_600_000;

/** The tag that a take which began so long ago gave its image. */
function tagSince(ms: number): string {
  return transferTag(40_000, transferRepository(), Date.now() - ms);
}

suite('the tag of an image that layers are taken of', () => {
  test('is shown to nobody while it may be in use, nor are its events', async () => {
    const live = tagSince(0);
    const image = fakeImage('app', { tags: ['app:1', live] });
    await using fake = await FakeEngine.start({ images: [image] });
    const engine = openEngine(fake.endpoint, { host: 'alpha' });
    await engine.connect();
    const [listing] = await engine.listImages();
    assert.deepEqual(listing!.tags, ['app:1']);
    assert.equal(fake.calls.get('remove') ?? 0, 0, 'somebody may be using it');
    const event = { Type: 'image', Action: 'tag', Actor: { ID: 'x', Attributes: { name: live } } };
    assert.equal(engineEvent(event), null);
    await engine.close();
  });

  test('is taken away when it is found long afterwards, and the image stays', async () => {
    const left = tagSince(HOUR_MS);
    const image = fakeImage('app', { tags: ['app:1', left] });
    await using fake = await FakeEngine.start({ images: [image] });
    const engine = openEngine(fake.endpoint, { host: 'alpha' });
    await engine.connect();
    await engine.listImages();
    const tags = () => [...fake.images.values()][0]!.tags;
    await until(() => tags().length === 1, 'the tag is taken away');
    assert.deepEqual((await engine.listImages())[0]!.tags, ['app:1']);
    await engine.close();
  });

  test('is left alone and shown where it is the last one: with it the image would go', async () => {
    const left = tagSince(HOUR_MS);
    await using fake = await FakeEngine.start({ images: [fakeImage('app', { tags: [left] })] });
    const engine = openEngine(fake.endpoint, { host: 'alpha' });
    await engine.connect();
    const [listing] = await engine.listImages();
    assert.deepEqual(listing!.tags, [left]);
    assert.equal(fake.calls.get('remove') ?? 0, 0);
    await engine.close();
  });
});
