import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Engine, EngineEvent } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { until } from '../support/settle.ts';

interface Watched extends AsyncDisposable {
  fake: FakeEngine;
  engine: Engine;
  events: AsyncIterator<EngineEvent, undefined>;
  stop: AbortController;
}

async function watched(): Promise<Watched> {
  const fake = await FakeEngine.start();
  const engine = openEngine(fake.endpoint, { host: 'alpha', callTimeoutMs: 300 });
  await engine.connect();
  const stop = new AbortController();
  const stream = await engine.events({ signal: stop.signal });
  const events = stream[Symbol.asyncIterator]() as AsyncIterator<EngineEvent, undefined>;
  return {
    fake,
    engine,
    events,
    stop,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await until(() => fake.connections === 0, 'all connections closed');
      await fake.stop();
    },
  };
}

async function nextAction(events: AsyncIterator<EngineEvent, undefined>) {
  return (await events.next()).value?.action;
}

suite('event stream', () => {
  test('tells what happened since it was opened, noise left out', async () => {
    await using w = await watched();
    const image = fakeImage('app:1');
    w.fake.addImage(image);
    w.fake.emit('container', 'exec_create: sh', 'c1');
    w.fake.removeImage(image.id);
    assert.equal(await nextAction(w.events), 'pull');
    assert.deepEqual((await w.events.next()).value?.actorId, image.id);
  });

  test('survives any cut of its bytes', async () => {
    await using w = await watched();
    const message = `${JSON.stringify({ Type: 'image', Action: 'tag', Actor: { ID: 'é😀' } })}\r\n`;
    for (const byte of Buffer.from(message + message)) w.fake.emitRaw(Uint8Array.of(byte));
    for (let n = 0; n < 2; n++) assert.equal((await w.events.next()).value?.actorId, 'é😀');
  });

  test('ends in HOST_UNREACHABLE when it is cut', async () => {
    await using w = await watched();
    w.fake.addImage(fakeImage('app:1'));
    const first = w.events.next();
    assert.equal((await first).value?.action, 'pull');
    const next = w.events.next();
    w.fake.cutEvents();
    await assert.rejects(next, { code: 'HOST_UNREACHABLE', host: 'alpha', message: /was cut/ });
  });

  test('ends in HOST_UNREACHABLE when the engine ends it well', async () => {
    await using w = await watched();
    const next = w.events.next();
    w.fake.endEvents();
    await assert.rejects(next, { code: 'HOST_UNREACHABLE', host: 'alpha' });
  });

  test('ends in ENGINE_ERROR on what is not JSON', async () => {
    await using w = await watched();
    const next = w.events.next();
    w.fake.emitRaw('<html>\n');
    await assert.rejects(next, { code: 'ENGINE_ERROR', host: 'alpha' });
  });

  test('ends well when its signal aborts, and lets go of the connection', async () => {
    await using w = await watched();
    const next = w.events.next();
    w.stop.abort();
    assert.deepEqual(await next, { value: undefined, done: true });
    await until(() => w.fake.subscribers === 0, 'the engine sees it gone');
  });

  test('lets go of the connection when its consumer leaves', async () => {
    await using w = await watched();
    await w.events.return?.();
    await until(() => w.fake.subscribers === 0, 'the engine sees it gone');
  });

  test('ends when the engine is closed', async () => {
    await using w = await watched();
    const next = w.events.next();
    await w.engine.close();
    await assert.rejects(next, { code: 'HOST_UNREACHABLE' });
  });

  test('is read while nobody takes anything; the newest are kept', async () => {
    await using w = await watched();
    // Far more than sockets buffer: a reader that waited would block the engine.
    const filler = 'x'.repeat(10_000);
    const many = 5_000;
    for (let n = 0; n < many; n++) {
      w.fake.emit('image', 'tag', `sha256:${n}`, { filler });
    }
    await until(() => w.fake.unsentEventBytes === 0, 'everything was read', 20_000);
    w.fake.emit('image', 'last', 'sha256:last');
    const kept: string[] = [];
    for (;;) {
      const event = (await w.events.next()).value;
      if (event?.action === 'last') break;
      kept.push(event?.actorId ?? '');
    }
    assert.equal(kept.at(-1), `sha256:${many - 1}`);
    assert.ok(kept.length >= 1000 && kept.length < many, `${kept.length} were kept`);
  });

  test('that is refused says so; one that is never answered ends in TIMEOUT', async () => {
    await using w = await watched();
    const { signal } = w.stop;
    w.fake.fault('events', { kind: 'STATUS', status: 403 });
    await assert.rejects(w.engine.events({ signal }), {
      code: 'ENGINE_UNSUPPORTED',
      host: 'alpha',
    });
    w.fake.fault('events', { kind: 'HANG' });
    await assert.rejects(w.engine.events({ signal }), { code: 'TIMEOUT', host: 'alpha' });
    w.fake.fault('events', null);
    await w.engine.events({ signal });
  });
});
