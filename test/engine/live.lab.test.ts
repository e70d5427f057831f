import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import type { Engine, EngineEvent } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { lab, startEngine } from '../lab/index.ts';
import type { Lab, ThrowAwayEngine } from '../lab/index.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';

function opened(endpoint: EngineEndpoint, host: string): Engine & AsyncDisposable {
  const engine = openEngine(endpoint, { host, callTimeoutMs: 5_000, connectTimeoutMs: 5_000 });
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
}

function endpointOf({ socketPath }: ThrowAwayEngine): EngineEndpoint {
  return { transport: 'UNIX', socketPath };
}

/** The first event that fits; fails with the stream. */
async function eventThat(
  events: AsyncIterator<EngineEvent>,
  fits: (event: EngineEvent) => boolean,
): Promise<EngineEvent> {
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(!done, 'the stream goes on');
    if (fits(value)) return value;
  }
}

suite('a live engine', () => {
  let theLab: Lab;
  before(async () => {
    theLab = await lab();
  });

  const kinds = [
    { release: '20.10', store: 'classic' },
    { release: '26.1', store: 'classic' },
    { release: '26.1', store: 'containerd' },
  ] as const;
  for (const { release, store } of kinds) {
    test(`${release}, ${store} store: tells its events, is killed, comes back`, async () => {
      await using dockerd = await startEngine({ release, store });
      await using engine = opened(endpointOf(dockerd), 'own');
      const info = await engine.connect();
      assert.equal(info.imageStore, store === 'containerd' ? 'CONTAINERD' : 'CLASSIC');
      assert.deepEqual(await engine.listImages(), []);

      const stream = await engine.events({ signal: new AbortController().signal });
      const events = stream[Symbol.asyncIterator]();
      const input = Buffer.alloc(1024);
      await dockerd.docker(['import', '-', 'team/imported:1'], { input });
      const imported = await eventThat(events, ({ action }) => action === 'import');
      assert.equal(imported.type, 'image');
      assert.ok(Math.abs(imported.at - Date.now()) < 60_000);
      await dockerd.docker(['tag', 'team/imported:1', 'team/imported:2']);
      await eventThat(events, ({ action }) => action === 'tag');
      const [listing] = await engine.listImages();
      assert.deepEqual(listing?.tags.toSorted(), ['team/imported:1', 'team/imported:2']);
      await dockerd.docker(['create', '--name', 'c1', 'team/imported:1', 'x']);
      const created = await eventThat(
        events,
        ({ type, action }) => type + action === 'containercreate',
      );
      assert.equal(created.attributes['name'], 'c1');
      const [container] = await engine.listContainers();
      assert.equal(container?.imageId, listing?.id);
      assert.equal(container?.id, created.actorId);

      const next = events.next();
      await Promise.all([
        assert.rejects(next, { code: 'HOST_UNREACHABLE', host: 'own' }),
        dockerd.kill(),
      ]);
      await assert.rejects(engine.listImages(), { code: 'HOST_UNREACHABLE' });
      await dockerd.start();
      await engine.connect();
      assert.equal((await engine.listImages()).length, 1);
    });
  }

  test('that is frozen ends every call in TIMEOUT, and goes on when it thaws', async () => {
    await using dockerd = await startEngine({ release: '20.10' });
    await using engine = openShort(dockerd);
    await engine.connect();
    await engine.listImages();
    process.kill(dockerd.pid!, 'SIGSTOP');
    try {
      await Promise.all([
        assert.rejects(engine.connect(), { code: 'TIMEOUT', host: 'own' }),
        assert.rejects(engine.listImages(), { code: 'TIMEOUT', host: 'own' }),
        assert.rejects(engine.ping(), { code: 'TIMEOUT', host: 'own' }),
      ]);
    } finally {
      process.kill(dockerd.pid!, 'SIGCONT');
    }
    await engine.connect();
    assert.deepEqual(await engine.listImages(), []);
  });

  test("asks registries for what is under a tag now, through the engine's own access", async () => {
    const { open, locked, tls } = theLab.registries;
    const moving = theLab.image('moving-new');
    for (const name of ['alpha', 'charlie', 'delta', 'echo'] as const) {
      await using engine = opened(labEndpoint(theLab, name), name);
      await engine.connect();
      const remote = await engine.remoteImage(`${open.address}/team/moving:1`);
      assert.equal(`${open.address}/team/moving@${remote.digest}`, moving.repoDigests.delta);
      assert.deepEqual(remote.platforms, ['linux/amd64']);
      await assert.rejects(engine.remoteImage(`${open.address}/team/never:1`), {
        code: 'NOT_FOUND',
        host: name,
      });
      const secret = `${locked.address}/secret/app:1`;
      await assert.rejects(engine.remoteImage(secret), {
        code: 'FORBIDDEN',
        host: name,
        details: { registry: locked.address, hint: `give credentials for ${locked.address}` },
      });
      const { username = '', password = '' } = locked;
      const auth = { serveraddress: locked.address, username, password };
      assert.match((await engine.remoteImage(secret, { auth })).digest, /^sha256:/);
      await assert.rejects(
        engine.remoteImage(`${tls.address}/secret/never:1`, {
          auth: { ...auth, serveraddress: tls.address },
        }),
        { code: 'NOT_FOUND', host: name },
      );
    }
  });
});

function openShort({ socketPath }: ThrowAwayEngine): Engine & AsyncDisposable {
  const engine = openEngine(
    { transport: 'UNIX', socketPath },
    { host: 'own', callTimeoutMs: 2_000, connectTimeoutMs: 2_000 },
  );
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
}
