import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  EngineError,
  EngineUnsupportedError,
  HostUnreachableError,
} from '../../src/common/errors.ts';
import type { HostRecord } from '../../src/fleet/fleet.ts';
import type { ImageRecord, LayerRecord } from '../../src/fleet/records.ts';
import type { Reading } from '../../src/transfer/image-read.ts';
import { LayerTakes } from '../../src/transfer/layer-takes.ts';
import { SharedChunks } from '../../src/transfer/shared-chunks.ts';
import { NotTakenError } from '../../src/transfer/read-layers.ts';
import type { TransferSource } from '../../src/transfer/transfer-source.ts';

const MB = 1024 * 1024;

const layers = [100 * MB, MB].map((sizeBytes, at): LayerRecord => {
  const digest = `sha256:${`${at}`.repeat(64)}`;
  return { diffId: digest, chainId: digest, sizeBytes, createdBy: null, images: new Set() };
});
const [base, top] = layers as [LayerRecord, LayerRecord];
const image = { layers } as unknown as ImageRecord;
const target = { slot: { imageStore: 'CLASSIC' } } as unknown as HostRecord;

/** An image on a host whose engine answers takes so. */
function source(takeLayers: () => Promise<never>, id = 'sha256:1'): TransferSource {
  return {
    host: {
      config: { name: 'alpha' },
      slot: { imageStore: 'CLASSIC' },
      engine: { verbs: { takeLayers } },
    },
    hostImage: { id, tags: [{ reference: 'docker.io/library/app:1' }] },
  } as unknown as TransferSource;
}

const reading: Reading = {
  visitor: { layerBegin: () => {}, layerBytes: () => {}, layerEnd: () => {} },
  signal: new AbortController().signal,
  gathered: async () => {},
  begin: () => {},
  took: () => null,
  chunks: new SharedChunks(),
  isWanted: ({ diffId }) => diffId === top.diffId,
};

suite('whether layers are taken one by one', () => {
  const never = source(() => Promise.reject(new Error('not asked')));
  const isWorth = (on: TransferSource, missing: LayerRecord[], of = image, to = target) =>
    new LayerTakes().isWorth(on, to, of, missing);

  test('depends on how much of the image is missing, and on where it lies', () => {
    assert.equal(isWorth(never, [top]), true);
    assert.equal(isWorth(never, []), true, 'the config alone');
    assert.equal(isWorth(never, [base]), false, 'too large');
    assert.equal(isWorth(never, layers), false, 'all of it');
    const upside = { layers: [top, base] } as unknown as ImageRecord;
    assert.equal(isWorth(never, [top], upside), false, 'below another');
    const small = { layers: [{ ...base, sizeBytes: 10 * MB }, top] } as unknown as ImageRecord;
    assert.equal(isWorth(never, [top], small), false, 'a save is as quick');
    const unknown = { layers: [{ ...base, sizeBytes: null }, top] } as unknown as ImageRecord;
    assert.equal(isWorth(never, [top], unknown), false, 'sizes are not known');
  });

  test('depends on the stores and on a tag', () => {
    const { host, hostImage } = never;
    const untagged = { host, hostImage: { ...hostImage, tags: [] } };
    assert.equal(isWorth(untagged, [top]), false);
    const on = (imageStore: string) =>
      ({ host: { ...host, slot: { imageStore } }, hostImage }) as unknown as TransferSource;
    assert.equal(isWorth(on('PODMAN'), [top]), false);
    assert.equal(isWorth(on('CONTAINERD'), [top]), true);
    const containerd = { slot: { imageStore: 'CONTAINERD' } } as unknown as HostRecord;
    assert.equal(isWorth(never, [top], image, containerd), false, 'sizes of tars are not known');
    assert.equal(isWorth(on('CONTAINERD'), [top], image, containerd), true);
  });
});

suite('after layers could not be taken', () => {
  const failing = async (error: Error) => {
    const takes = new LayerTakes();
    const refuse = async (): Promise<never> => {
      throw error;
    };
    const on = source(refuse);
    await assert.rejects(takes.read(on, image)(reading), (thrown: Error) => {
      assert.ok(thrown instanceof NotTakenError);
      assert.equal(thrown.message, error.message);
      return true;
    });
    const other = source(refuse, 'sha256:2');
    return [on, other].map((one) => takes.isWorth(one, target, image, [top]));
  };

  test('because the host cannot do it, it is not asked again', async () => {
    assert.deepEqual(await failing(new EngineUnsupportedError('no way')), [false, false]);
  });

  test('of one image, it is asked for others', async () => {
    assert.deepEqual(await failing(new EngineError('not whole')), [false, true]);
  });

  test('because it broke off, it is asked again', async () => {
    assert.deepEqual(await failing(new HostUnreachableError('gone')), [true, true]);
  });

  test('because the host cannot do it, nobody waits for it any longer', async () => {
    const takes = new LayerTakes();
    const first = Promise.withResolvers<never>();
    const asked = [first.promise, new Promise<never>(() => {})];
    const on = source(async () => {
      throw new Error('replaced');
    });
    const takeLayers = (_image: unknown, { signal }: { signal: AbortSignal }) => {
      const left = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => left.reject(new Error('was told to stop')));
      return Promise.race([asked.shift()!, left.promise]);
    };
    Object.assign(on.host.engine.verbs, { takeLayers });
    const reads = [0, 1].map(() => takes.read(on, image)(reading));
    const outcomes = Promise.allSettled(reads);
    await new Promise(setImmediate);
    first.reject(new EngineUnsupportedError('no way'));
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof NotTakenError);
    }
    assert.equal(takes.isWorth(on, target, image, [top]), false);
  });
});
