import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import { encodeMessage } from '../../src/engine/buildkit/messages.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import type { FakeEngineOptions } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import type { FakeImage } from '../support/fake-image.ts';
import { answerCall, framed, servePeer } from '../support/grpc-peer.ts';

const CONFIG = Buffer.from('{"architecture":"amd64"}');
const ID = digestOf(CONFIG);
const NO_LAYERS = { diffIds: new Set<string>(), maxBytes: 0 };
const NEVER = new AbortController().signal;

interface Classic extends AsyncDisposable {
  fake: FakeEngine;
  engine: Engine;
  /** Tags of an image; null where it is gone. */
  tagsOf(id: string): string[] | null;
  take(signal?: AbortSignal): ReturnType<Engine['verbs']['takeLayers']>;
}

/** An engine whose image `app:1` has that config, of which BuildKit tells after `meanwhile`. */
async function classic(
  {
    tags = ['app:1'],
    config = CONFIG,
    others = [],
  }: { tags?: string[]; config?: Buffer; others?: FakeImage[] },
  meanwhile: (fake: FakeEngine) => void = () => {},
  more: FakeEngineOptions = {},
): Promise<Classic> {
  const fake = await FakeEngine.start({
    images: [fakeImage('app:1', { id: ID, tags }), ...others],
    handle: (path, _request, response) => {
      const { 1: registry, 2: name } =
        /^\/distribution\/([^/]+)\/(.*):[^:]*\/json$/.exec(path) ?? [];
      if (registry === undefined) return false;
      void fetch(`http://${registry}/v2/${name}/manifests/1`).then(({ status }) =>
        response.writeHead(status).end(),
      );
      return true;
    },
    onUpgrade: (_request, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      servePeer(socket, ({ path, stream }) => {
        if (!path.endsWith('/ResolveImageConfig')) return;
        meanwhile(fake);
        const answer = encodeMessage('ResolveImageConfigResponse', { Config: config });
        answerCall(stream, framed(answer));
      });
    },
    ...more,
  });
  const engine = openEngine(fake.endpoint, { host: 'alpha' });
  await engine.connect();
  return {
    fake,
    engine,
    tagsOf: (id) => fake.images.get(id)?.tags ?? null,
    take: (signal = NEVER) =>
      engine.verbs.takeLayers({ id: ID, name: 'app:1' }, { ...NO_LAYERS, signal }),
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      await fake.stop();
    },
  };
}

suite('when layers were taken, an image', () => {
  test('has the tags that it had, and had one of ours meanwhile', async () => {
    let meanwhile: string[] = [];
    await using own = await classic({ tags: ['app:1', 'app:latest'] }, (fake) => {
      meanwhile = fake.images.get(ID)!.tags;
    });
    assert.deepEqual(await own.take(), { config: CONFIG, layers: [] });
    assert.deepEqual(own.tagsOf(ID), ['app:1', 'app:latest']);
    assert.equal(meanwhile.length, 3);
    assert.match(
      meanwhile[2]!,
      /^127\.0\.0\.1:\d+\/dockgraph-transfer\/[0-9a-f]{32}:until-\d{10}$/,
    );
  });

  test('is still there without a tag where its name went to another image meanwhile', async () => {
    const newer = fakeImage('app:2');
    await using own = await classic({ others: [newer] }, (fake) => {
      fake.retag(ID, fake.images.get(ID)!.tags.slice(1));
      fake.retag(newer.id, ['app:2', 'app:1']);
    });
    await own.take();
    assert.deepEqual(own.tagsOf(ID), []);
    assert.deepEqual(own.tagsOf(newer.id), ['app:2', 'app:1']);
  });

  test('keeps the tags that it got meanwhile, wherever its name went', async () => {
    const newer = fakeImage('app:2');
    await using own = await classic({ others: [newer] }, (fake) => {
      fake.retag(ID, [...fake.images.get(ID)!.tags.slice(1), 'app:old']);
      fake.retag(newer.id, ['app:1']);
    });
    await own.take();
    assert.deepEqual(own.tagsOf(ID), ['app:old']);
    assert.deepEqual(own.tagsOf(newer.id), ['app:1']);
  });

  test('is gone where its name was removed meanwhile', async () => {
    await using own = await classic({}, (fake) => {
      fake.retag(ID, fake.images.get(ID)!.tags.slice(1));
    });
    await own.take();
    assert.equal(own.tagsOf(ID), null);
  });
});

test('layers are taken where somebody else takes our tag away', async () => {
  await using own = await classic({}, (fake) => fake.retag(ID, ['app:1']));
  assert.deepEqual(await own.take(), { config: CONFIG, layers: [] });
  assert.deepEqual(own.tagsOf(ID), ['app:1']);
});

suite('a take that is given up', () => {
  test('because the engine is closed ends before it, and the image has its tags again', async () => {
    const begun = Promise.withResolvers<void>();
    await using own = await classic({}, (fake) => {
      fake.latencyMs = 50;
      begun.resolve();
    });
    const taken = assert.rejects(own.take(), { code: 'CANCELLED', host: 'alpha' });
    // Another one waits for its turn.
    const waiting = assert.rejects(own.take(), { code: 'CANCELLED', host: 'alpha' });
    await begun.promise;
    await own.engine.close();
    assert.deepEqual(own.tagsOf(ID), ['app:1']);
    await Promise.all([taken, waiting]);
  });

  test('is over when the image has its tags again', async () => {
    const asker = new AbortController();
    await using own = await classic({}, (fake) => {
      fake.latencyMs = 50;
      asker.abort();
    });
    await assert.rejects(own.take(asker.signal), { code: 'CANCELLED', host: 'alpha' });
    assert.deepEqual(own.tagsOf(ID), ['app:1']);
  });

  test('is over in any case, though the engine answers no more', async () => {
    const asker = new AbortController();
    await using own = await classic({}, (fake) => {
      fake.freeze();
      asker.abort();
    });
    await assert.rejects(own.take(asker.signal), { code: 'CANCELLED', host: 'alpha' });
    assert.equal(own.tagsOf(ID)!.length, 2);
  });
});

suite('layers are not taken', () => {
  test('where the config is not that of the image, and the tag goes', async () => {
    await using own = await classic({ config: Buffer.from('{}') });
    await assert.rejects(own.take(), {
      code: 'DIGEST_MISMATCH',
      host: 'alpha',
      message: /^alpha gave the config sha256:\w{64} for the image sha256:\w{64}$/,
    });
    assert.deepEqual(own.tagsOf(ID), ['app:1']);
  });

  test('where there is no BuildKit, and the tag goes', async () => {
    await using own = await classic({}, undefined, {
      onUpgrade: (_request, socket) => {
        socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      },
    });
    await assert.rejects(own.take(), {
      host: 'alpha',
      message: /POST \/grpc.*404|404.*POST \/grpc/,
    });
    assert.equal(own.fake.calls.get('tag'), 1);
    assert.deepEqual(own.tagsOf(ID), ['app:1']);
  });

  test('where BuildKit gives no config, and the tag goes', async () => {
    await using own = await classic({}, undefined, {
      onUpgrade: (_request, socket) => {
        socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
        servePeer(socket, ({ stream }) =>
          stream.respond({ 'grpc-status': '5', 'grpc-message': 'not there' }, { endStream: true }),
        );
      },
    });
    await assert.rejects(own.take(), {
      code: 'ENGINE_ERROR',
      message: /^alpha does not give the config of 127\.0\.0\.1:\S+: not there$/,
    });
    assert.deepEqual(own.tagsOf(ID), ['app:1']);
  });

  test('where the engine does not come to us: it then gets no tag to push', async () => {
    await using own = await classic({}, undefined, { handle: () => false });
    await assert.rejects(own.take(), {
      code: 'ENGINE_UNSUPPORTED',
      host: 'alpha',
      message: /^alpha cannot connect to us: .*manifest unknown/,
    });
    assert.equal(own.fake.calls.get('tag'), undefined);
  });

  test('of an engine on another machine that is not reached over SSH, which is not even asked', async () => {
    for (const transport of ['TCP', 'TLS'] as const) {
      // A documentation address: to dial it would take until the deadline.
      const engine = openEngine({ transport, host: '192.0.2.1', port: 2375 }, { host: 'far' });
      const take = engine.verbs.takeLayers(
        { id: ID, name: 'app:1' },
        { ...NO_LAYERS, signal: NEVER },
      );
      await assert.rejects(take, {
        code: 'ENGINE_UNSUPPORTED',
        host: 'far',
        message: 'far is on another machine and not reached over SSH: it cannot connect to us',
      });
      await engine.close();
    }
  });
});
