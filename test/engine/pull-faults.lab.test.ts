import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import type { ProgressMessage } from '../../src/engine/image-verbs.ts';
import { startRegistry, waitUntil } from '../lab/index.ts';
import {
  archiveOf,
  ENGINE_KINDS,
  randomImage,
  startOwnEngine,
  tagsOn,
} from '../support/own-engine.ts';
import type { EngineKind, OwnEngine } from '../support/own-engine.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import type { RegistryProxy } from '../support/registry-proxy.ts';

const MB = 1024 * 1024;
const LAYER_BYTES = 8 * MB;

interface Slow extends AsyncDisposable {
  own: OwnEngine;
  proxy: RegistryProxy;
  /** In the registry and not on the engine; the engine reaches it through the proxy. */
  reference: string;
}

async function slow(kind: EngineKind): Promise<Slow> {
  const stack = new AsyncDisposableStack();
  const own = stack.use(await startOwnEngine(kind, { streamIdleMs: 60_000 }));
  const registry = stack.use(await startRegistry());
  const proxy = stack.use(await startRegistryProxy(registry.address));
  const reference = `${proxy.address}/team/large:1`;
  const image = await randomImage('large', LAYER_BYTES, LAYER_BYTES);
  const { verbs } = own.engine;
  await verbs.loadImages(archiveOf(image, reference), {});
  await verbs.pushImage(reference, {});
  await verbs.removeImage(reference);
  return { own, proxy, reference, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const kind of ENGINE_KINDS) {
  suite(`a pull that goes wrong, ${kind.release}, ${kind.store} store`, () => {
    test('cancelled in the middle of a layer: the engine stops to download', async () => {
      await using all = await slow(kind);
      const { own, proxy, reference } = all;
      const { verbs } = own.engine;
      const bytesBefore = proxy.bytes;
      proxy.holdAfter(MB);
      const stop = new AbortController();
      const pull = assert.rejects(verbs.pullImage(reference, { signal: stop.signal }), {
        code: 'CANCELLED',
        host: 'own',
      });
      await waitUntil(() => proxy.held >= 2, { what: 'both layers under way', deadlineMs: 20_000 });
      stop.abort();
      await pull;
      // Classic stores notice with the next bytes that come, and close the connection then.
      proxy.trickle();
      await waitUntil(() => proxy.held === 0, { what: 'end of downloads', deadlineMs: 20_000 });
      const { bytes } = proxy;
      await delay(500);
      assert.equal(proxy.bytes, bytes, 'nothing is downloaded any more');
      assert.ok(bytes - bytesBefore < 2 * LAYER_BYTES, `${bytes - bytesBefore} bytes`);
      assert.deepEqual(await tagsOn(own.engine), []);
      // And it is as good as before.
      proxy.holdAfter(null);
      assert.equal((await verbs.pullImage(reference, {})).isNew, true);
      assert.deepEqual(await tagsOn(own.engine), [reference]);
    });

    test('held up for ever: given up after the idle time, the engine stops', async () => {
      await using all = await slow(kind);
      const { own, proxy, reference } = all;
      const { openEngine } = await import('../../src/engine/open-engine.ts');
      const hasty = openEngine(own.engine.endpoint, { host: 'own', streamIdleMs: 1_500 });
      await hasty.connect();
      try {
        proxy.holdAfter(MB);
        await assert.rejects(hasty.verbs.pullImage(reference, {}), {
          code: 'TIMEOUT',
          retryable: true,
          message: /nothing came from own for 1\.5 s/,
        });
        assert.ok(proxy.everHeld >= 2);
        proxy.trickle();
        await waitUntil(() => proxy.held === 0, { what: 'end of downloads', deadlineMs: 20_000 });
      } finally {
        await hasty.close();
      }
    });

    test('two at once of the same: one is cancelled, the other one goes on', async () => {
      await using all = await slow(kind);
      const { own, proxy, reference } = all;
      const { verbs } = own.engine;
      proxy.holdAfter(MB);
      const stop = new AbortController();
      const cancelled = assert.rejects(verbs.pullImage(reference, { signal: stop.signal }), {
        code: 'CANCELLED',
      });
      const other = verbs.pullImage(reference, {});
      await waitUntil(() => proxy.held >= 2, { what: 'both layers under way', deadlineMs: 20_000 });
      stop.abort();
      await cancelled;
      await delay(300);
      proxy.holdAfter(null);
      assert.match((await other).digest ?? '', /^sha256:/);
      assert.deepEqual(await tagsOn(own.engine), [reference]);
    });

    test('a push that is cancelled in the middle of a layer: the engine stops to upload', async () => {
      await using all = await slow(kind);
      const { own, proxy } = all;
      const { verbs } = own.engine;
      const pushed = `${proxy.address}/team/pushed:1`;
      await verbs.loadImages(archiveOf(await randomImage('pushed', 40 * MB), pushed), {});
      proxy.holdAfter(MB);
      const stop = new AbortController();
      const push = assert.rejects(verbs.pushImage(pushed, { signal: stop.signal }), {
        code: 'CANCELLED',
        host: 'own',
      });
      await waitUntil(() => proxy.held >= 1, { what: 'the layer under way', deadlineMs: 20_000 });
      const before = proxy.bytes;
      stop.abort();
      await push;
      proxy.trickle();
      await waitUntil(() => proxy.held === 0, { what: 'end of the upload', deadlineMs: 40_000 });
      const { bytes } = proxy;
      // What the kernel had taken already still comes.
      assert.ok(bytes - before < 20 * MB, `${bytes - before} bytes`);
      await delay(500);
      assert.equal(proxy.bytes, bytes, 'nothing is uploaded any more');
      proxy.holdAfter(null);
      await assert.rejects(verbs.pullImage(pushed, {}), { code: 'NOT_FOUND' });
      assert.match((await verbs.pushImage(pushed, {})).digest, /^sha256:/);
    });

    test('the engine is killed: HOST_UNREACHABLE, and after its start a pull succeeds', async () => {
      await using all = await slow(kind);
      const { own, proxy, reference } = all;
      const { verbs } = own.engine;
      proxy.holdAfter(MB);
      const pull = assert.rejects(verbs.pullImage(reference, {}), {
        code: 'HOST_UNREACHABLE',
        host: 'own',
        retryable: true,
        message: `own broke off in the middle of the pull of ${reference}`,
      });
      await waitUntil(() => proxy.held >= 2, { what: 'both layers under way', deadlineMs: 20_000 });
      await own.dockerd.kill();
      await pull;
      await assert.rejects(verbs.pullImage(reference, {}), { code: 'HOST_UNREACHABLE' });
      proxy.holdAfter(null);
      await own.dockerd.start();
      await own.engine.connect();
      assert.equal((await verbs.pullImage(reference, {})).isNew, true);
    });

    test('the registry dies in the middle of a layer and comes back', async () => {
      await using all = await slow(kind);
      const { own, proxy, reference } = all;
      const { verbs } = own.engine;
      proxy.holdAfter(MB);
      const seen = new Set<string>();
      const onProgress = ({ status }: ProgressMessage) => seen.add(status.replace(/\d+/, 'N'));
      const pull = ending(verbs.pullImage(reference, { onProgress }));
      await waitUntil(() => proxy.held >= 2, { what: 'both layers under way', deadlineMs: 20_000 });
      proxy.die();
      await delay(500);
      proxy.holdAfter(null);
      await proxy.revive();
      const end = await pull;
      if (kind.store === 'classic') {
        assert.ok(!('error' in end), JSON.stringify(end));
        assert.equal(end.result.isNew, true);
        assert.ok(seen.has('Retrying in N seconds'), [...seen].join());
      } else {
        // This store does not try again by itself.
        assert.ok('error' in end);
        assertRegistryFailure(end.error, proxy);
        assert.equal((await verbs.pullImage(reference, {})).isNew, true);
      }
      assert.deepEqual(await tagsOn(own.engine), [reference]);
    });
  });
}

suite('a registry that dies in the middle of a layer and stays away', () => {
  // Classic stores try five times, with longer and longer waits: more than a minute in all.
  test('is named by every engine', async () => {
    await Promise.all(
      ENGINE_KINDS.map(async (kind) => {
        await using all = await slow(kind);
        const { own, proxy, reference } = all;
        proxy.holdAfter(MB);
        const pull = ending(own.engine.verbs.pullImage(reference, {}));
        const what = 'both layers under way';
        await waitUntil(() => proxy.held >= 2, { what, deadlineMs: 20_000 });
        proxy.die();
        const end = await pull;
        assert.ok('error' in end);
        assertRegistryFailure(end.error, proxy);
        assert.deepEqual(await own.engine.listImages(), []);
      }),
    );
  });
});

type Failure = Error & { code: string; retryable: boolean; details: Record<string, unknown> };

async function ending<T>(work: Promise<T>): Promise<{ result: T } | { error: Failure }> {
  return work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error: error as Failure }),
  );
}

function assertRegistryFailure(error: Failure, { address }: RegistryProxy): void {
  assert.equal(error.code, 'ENGINE_ERROR', error.message);
  assert.equal(error.retryable, true, error.message);
  assert.equal(error.details['registry'], address);
  assert.ok(error.message.includes(address), error.message);
  assert.ok(String(error.details['hint']).includes(address), error.message);
}
