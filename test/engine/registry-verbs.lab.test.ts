import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import type { ProgressMessage, RegistryAuth } from '../../src/engine/image-verbs.ts';
import { startRegistry } from '../lab/index.ts';
import {
  archiveOf,
  ENGINE_KINDS,
  randomImage,
  startOwnEngine,
  tagsOn,
} from '../support/own-engine.ts';

const MB = 1024 * 1024;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

for (const kind of ENGINE_KINDS) {
  suite(`registries, ${kind.release}, ${kind.store} store`, () => {
    test('push tells layers and digest; pull tells layers and whether it was new', async () => {
      await using own = await startOwnEngine(kind);
      await using registry = await startRegistry();
      const { engine } = own;
      const { verbs } = engine;
      const image = await randomImage('app', 20, 6 * MB, 3 * MB);
      const reference = `${registry.address}/team/app:1`;
      await verbs.loadImages(archiveOf(image, reference), {});

      const pushed = new Map<string, Set<string>>();
      const push = await verbs.pushImage(reference, { onProgress: into(pushed) });
      assert.match(push.digest, DIGEST);
      assert.ok((push.manifestBytes ?? 0) > 100);
      const pushedLayers = pushed.entries().filter(([id]) => id !== '');
      for (const [id, statuses] of pushedLayers) {
        assert.ok(statuses.has('Pushed') || statuses.has('Layer already exists'), id);
      }
      const again = await verbs.pushImage(reference, {});
      assert.equal(again.digest, push.digest);

      await verbs.removeImage(reference);
      assert.deepEqual(await tagsOn(engine), []);
      const seen = new Map<string, Set<string>>();
      let mostBytes = 0;
      const pull = await verbs.pullImage(reference, {
        onProgress: (message) => {
          into(seen)(message);
          mostBytes = Math.max(mostBytes, message.totalBytes ?? 0);
        },
      });
      assert.deepEqual(pull, { digest: push.digest, isNew: true });
      assert.deepEqual(await tagsOn(engine), [reference]);
      const layers = [...seen.keys()].filter((id) => id !== '');
      assert.equal(layers.length, 3, JSON.stringify(layers));
      assert.ok(layers.every((id) => /^[0-9a-f]{12}$/.test(id)));
      const statuses = seen.values().reduce((all, some) => all.union(some), new Set<string>());
      const expected =
        kind.store === 'classic'
          ? ['Pulling fs layer', 'Downloading', 'Download complete', 'Extracting', 'Pull complete']
          : ['Pulling fs layer', 'Download complete'];
      for (const status of expected) assert.ok(statuses.has(status), `${status} was seen`);
      if (kind.store === 'classic') assert.ok(mostBytes >= 6 * MB, `${mostBytes} bytes`);

      assert.deepEqual(await verbs.pullImage(reference, {}), { ...pull, isNew: false });
      const byDigest = `${registry.address}/team/app@${push.digest}`;
      assert.equal((await verbs.pullImage(byDigest, {})).digest, push.digest);
      await assert.rejects(verbs.pullImage(`${registry.address}/team/app:2`, {}), {
        code: 'NOT_FOUND',
        host: 'own',
      });
      await assert.rejects(verbs.pullImage(`${registry.address}/team/none:1`, {}), {
        code: 'NOT_FOUND',
      });
      await assert.rejects(verbs.pushImage(`${registry.address}/team/app:2`, {}), {
        code: 'NOT_FOUND',
      });
    });

    test('a private one takes the right password, and a wrong or no one is told apart', async () => {
      await using own = await startOwnEngine(kind);
      const htpasswd = { username: 'ada', password: 'love & lace/+?' };
      await using registry = await startRegistry({ htpasswd });
      const { verbs } = own.engine;
      const { address } = registry;
      const right = { serveraddress: address, ...htpasswd };
      const wrong = { ...right, password: 'pa55word' };
      const reference = `${address}/team/private:1`;
      await verbs.loadImages(archiveOf(await randomImage('private', 20_000), reference), {});

      const calls = [
        (auth?: RegistryAuth) => verbs.pushImage(reference, auth ? { auth } : {}),
        (auth?: RegistryAuth) => verbs.pullImage(reference, auth ? { auth } : {}),
      ];
      for (const call of calls) {
        await assert.rejects(call(), (error: any) => {
          assert.equal(error.code, 'FORBIDDEN', error.message);
          assert.equal(error.details.hint, `give credentials for ${address}`);
          assert.equal(error.details.registry, address);
          return true;
        });
        await assert.rejects(call(wrong), (error: any) => {
          assert.equal(error.code, 'FORBIDDEN', error.message);
          assert.match(error.details.hint, /refuses the credentials given/);
          assert.doesNotMatch(JSON.stringify([error, error.message, error.cause]), /pa55word/);
          return true;
        });
        assert.match((await call(right)).digest ?? '', DIGEST);
      }
      await verbs.checkAuth(right);
      await assert.rejects(verbs.checkAuth(wrong), { code: 'FORBIDDEN', host: 'own' });
    });

    test('one that is down is named, and may be tried again', async () => {
      await using own = await startOwnEngine(kind);
      await using registry = await startRegistry();
      const { verbs } = own.engine;
      const reference = `${registry.address}/team/app:1`;
      await verbs.loadImages(archiveOf(await randomImage('down', 2_000), reference), {});
      await registry.kill();
      const { address } = registry;
      const check = (error: any) => {
        assert.equal(error.code, 'ENGINE_ERROR', error.message);
        assert.equal(error.retryable, true, error.message);
        assert.equal(error.details.registry, address);
        assert.match(error.details.hint, new RegExp(`does not reach ${address}`));
        return true;
      };
      await assert.rejects(verbs.pullImage(reference, {}), check);
      await assert.rejects(
        verbs.checkAuth({ serveraddress: address, username: 'a', password: 'b' }),
        check,
      );
    });

    test('search goes to the registry that the term names', async () => {
      await using own = await startOwnEngine(kind);
      const asked: string[] = [];
      // Docker Hub's protocol, of which nothing can be reached from here.
      const hub = createServer((request, response) => {
        asked.push(request.url ?? '');
        if (request.url?.startsWith('/v1/search') !== true) {
          response.setHeader('X-Docker-Registry-Version', '0.6.0').end('{"standalone":true}');
          return;
        }
        const results = [
          { name: 'web', description: 'a web', star_count: 12, is_official: true },
          { name: 'team/web', description: 'ours', star_count: 3, is_official: false },
        ];
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ query: 'web', num_results: 2, results }));
      });
      await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
      try {
        const address = `127.0.0.1:${(hub.address() as AddressInfo).port}`;
        const term = `${address}/web`;
        const all = await own.engine.verbs.searchImages(term, { limit: 7 });
        assert.deepEqual(all, [
          { name: 'web', description: 'a web', stars: 12, official: true },
          { name: 'team/web', description: 'ours', stars: 3, official: false },
        ]);
        assert.ok(
          asked.some((url) => /\/v1\/search\?.*n=7/.test(url)),
          asked.join(),
        );
        const names = async (options: object) =>
          (await own.engine.verbs.searchImages(term, options)).map(({ name }) => name);
        assert.deepEqual(await names({ official: true }), ['web']);
        assert.deepEqual(await names({ official: false }), ['team/web']);
        assert.deepEqual(await names({ minStars: 10 }), ['web']);
      } finally {
        hub.closeAllConnections();
        hub.close();
      }
    });
  });
}

function into(seen: Map<string, Set<string>>): (message: ProgressMessage) => void {
  return ({ id, status }) => {
    const statuses = seen.get(id) ?? new Set();
    seen.set(id, statuses.add(status));
  };
}
