import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { digestOf } from '../../src/common/digest.ts';
import { buildImage, startRegistry } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayRegistry } from '../lab/index.ts';
import { allIds, inspect, proveUsable, untilTagged } from './copy-proof.ts';
import { baseAndApp, load, randomLayer, startTransferFleet } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';

type Name = 'classic' | 'source' | 'to20' | 'toClassic' | 'toContainerd' | 'toPodman' | 'third';

const INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const TARGETS = ['to20', 'toClassic', 'toContainerd', 'toPodman'] as const;
const OVERHEAD_BYTES = 64 * 1024;

describe('transferImage of what a containerd store has pulled', () => {
  let fleet: TransferFleet<Name>;
  let registry: ThrowAwayRegistry;

  before(async () => {
    [fleet, registry] = await Promise.all([
      startTransferFleet({
        classic: 1,
        source: 2,
        to20: 0,
        toClassic: 1,
        toContainerd: 2,
        toPodman: 3,
        third: 1,
      }),
      startRegistry(),
    ]);
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  /** Pushes an image that no engine keeps. */
  const push = async (image: BuiltImage, repository: string, tag: string): Promise<void> => {
    const { classic } = fleet.engines;
    const reference = `${registry.address}/${repository}:${tag}`;
    await load(classic, image, reference);
    await classic.docker(['push', reference]);
    await classic.docker(['rmi', reference]);
  };

  /** An index of what was pushed: the name of it, and its digest, which is its ID once pulled. */
  const pushIndex = async (repository: string, platforms: Record<string, string>) => {
    const url = `http://${registry.address}/v2/${repository}/manifests/`;
    const manifests = await Promise.all(
      Object.entries(platforms).map(async ([tag, architecture]) => {
        const bytes = await fetch(url + tag, { headers: { accept: MANIFEST } }).then((answer) =>
          answer.bytes(),
        );
        const digest = digestOf(bytes);
        const platform = { os: 'linux', architecture };
        return { mediaType: MANIFEST, digest, size: bytes.length, platform };
      }),
    );
    const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
    const answer = await fetch(`${url}all`, {
      method: 'PUT',
      headers: { 'content-type': INDEX },
      body,
    });
    assert.equal(answer.status, 201, await answer.text());
    return { reference: `${registry.address}/${repository}:all`, digest: digestOf(body) };
  };

  const transfer = async (reference: string, targets: readonly Name[]) => {
    const { state, tasks } = await fleet.transfer({
      references: [reference],
      source: 'source',
      targets: { names: targets },
      compression: 'NONE',
    });
    assert.equal(state, 'SUCCEEDED', JSON.stringify(tasks));
    return Object.fromEntries(tasks.map(({ host, result }: any) => [host.name, result.images[0]]));
  };

  const prove = async (target: Name, tag: string, image: BuiltImage, isPushed = true) => {
    const { diffIds } = await inspect(fleet.engines[target], tag);
    assert.deepEqual(diffIds, image.diffIds, target);
    await fleet.engines[target].docker(['tag', tag, 'lab.test/proven:1']);
    await proveUsable(fleet.engines[target], 'lab.test/proven:1', image, {
      third: fleet.engines.third,
      registry: isPushed ? registry.address : null,
    });
    await fleet.engines[target].docker(['rmi', 'lab.test/proven:1']);
  };

  /** Half an index is pushed from nowhere but where it was pulled: the copy is as docker's own. */
  const assertNotPushedEither = async (reference: string) => {
    const { source, toContainerd } = fleet.engines;
    await assert.rejects(toContainerd.docker(['push', reference]), /missing content/);
    await toContainerd.docker(['rmi', reference]);
    const file = join(source.directory, 'half.tar');
    await source.docker(['save', `--output=${file}`, reference]);
    await toContainerd.docker(['load', `--input=${file}`]);
    await assert.rejects(toContainerd.docker(['push', reference]), /missing content/);
  };

  for (const pulled of [['amd64'], ['amd64', 'arm64']]) {
    it(`an index of which ${pulled.join(' and ')} was pulled`, async () => {
      const name = `index-${pulled.length}`;
      const { app } = await baseAndApp(name, { baseBytes: 300_000 });
      const arm = await buildImage({
        layers: [app.layers[1]!, randomLayer(`${name}-arm`, 2_000_000)],
        architecture: 'arm64',
      });
      await push(app, name, 'amd64');
      await push(arm, name, 'arm64');
      const { reference, digest } = await pushIndex(name, { amd64: 'amd64', arm64: 'arm64' });
      for (const platform of pulled) {
        await fleet.engines.source.docker(['pull', `--platform=linux/${platform}`, reference]);
      }
      await untilTagged(fleet.graph, 'source', reference);
      const copies = await transfer(reference, TARGETS);
      assert.equal(copies.toContainerd.engineId, digest);
      const there = await inspect(fleet.engines.source, reference);
      assert.deepEqual(await inspect(fleet.engines.toContainerd, reference), there);
      for (const target of TARGETS) {
        const { engineId, bytesSent, mode, wholeBecause } = copies[target];
        assert.deepEqual([mode, wholeBecause], ['WHOLE', null], target);
        // Classic stores have no use for other platforms: they are not sent.
        if (target !== 'toContainerd') {
          assert.equal(engineId, app.configDigest);
          assert.ok(bytesSent < 3_500_000, `${bytesSent} bytes sent`);
        }
        const isHalf = target === 'toContainerd' && pulled.length === 1;
        await prove(target, reference, app, !isHalf);
        if (isHalf) await assertNotPushedEither(reference);
      }
    });
  }

  it('a pulled image, to targets that pulled its base, loaded it or have nothing', async () => {
    const { base, app } = await baseAndApp('compressed', { baseBytes: 500_000 });
    await push(base, 'compressed', 'base');
    await push(app, 'compressed', 'app');
    const names = {
      base: `${registry.address}/compressed:base`,
      app: `${registry.address}/compressed:app`,
    };
    await fleet.engines.source.docker(['pull', names.app]);
    await untilTagged(fleet.graph, 'source', names.app);
    const before = await allIds(fleet.engines.toContainerd);
    await fleet.engines.toContainerd.docker(['pull', names.base]);
    await fleet.engines.toClassic.docker(['pull', names.base]);
    await fleet.engines.toPodman.docker(['pull', names.base]);
    await load(fleet.engines.to20, base, names.base);
    for (const target of TARGETS) await untilTagged(fleet.graph, target, names.base);
    const copies = await transfer(names.app, TARGETS);
    for (const target of TARGETS) {
      const { mode, wholeBecause, bytesSent } = copies[target];
      // Also a containerd store: it has the very blobs that the source's manifest names.
      assert.deepEqual([mode, wholeBecause], ['DELTA', null], target);
      assert.ok(bytesSent < 100_000 + OVERHEAD_BYTES, `${bytesSent} bytes sent to ${target}`);
      await prove(target, names.app, app);
    }
    const { id } = await inspect(fleet.engines.source, names.app);
    assert.equal(copies.toContainerd.engineId, id);
    assert.equal((await allIds(fleet.engines.toContainerd)).length, before.length + 2);
  });

  it('a pulled image, to a containerd store that loaded its base', async () => {
    const { base, app } = await baseAndApp('mixed', { baseBytes: 500_000 });
    await push(app, 'mixed', 'app');
    const reference = `${registry.address}/mixed:app`;
    await fleet.engines.source.docker(['pull', reference]);
    await load(fleet.engines.toContainerd, base, 'mixed:base');
    await untilTagged(fleet.graph, 'source', reference);
    await untilTagged(fleet.graph, 'toContainerd', 'mixed:base');
    const { toContainerd } = await transfer(reference, ['toContainerd']);
    // It holds the layers uncompressed, and the manifest names them compressed.
    assert.equal(toContainerd.mode, 'WHOLE');
    assert.match(toContainerd.wholeBecause, /only in part/);
    await prove('toContainerd', reference, app);
  });

  it('an index of which the target has another platform only', async () => {
    const { app } = await baseAndApp('other-half', { baseBytes: 300_000 });
    const arm = await buildImage({ layers: [randomLayer('half', 1_000)], architecture: 'arm64' });
    await push(app, 'half', 'amd64');
    await push(arm, 'half', 'arm64');
    const { reference } = await pushIndex('half', { amd64: 'amd64', arm64: 'arm64' });
    const { source, toContainerd } = fleet.engines;
    await source.docker(['pull', '--platform=linux/amd64', reference]);
    await untilTagged(fleet.graph, 'source', reference);
    // Both have one ID then, and what is under it the source told.
    await toContainerd.docker(['pull', '--platform=linux/arm64', reference]);
    await untilTagged(fleet.graph, 'toContainerd', reference);
    assert.equal((await inspect(toContainerd, reference)).platform, 'linux/arm64/');
    const copies = await transfer(reference, ['toContainerd']);
    assert.equal(copies.toContainerd.mode, 'WHOLE');
    const there = await inspect(source, reference);
    assert.deepEqual(await inspect(toContainerd, reference), there);
    await prove('toContainerd', reference, app);
  });
});
