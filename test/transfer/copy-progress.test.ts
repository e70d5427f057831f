import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TaskProgress } from '../../src/operations/operation.ts';
import { CopyProgress } from '../../src/transfer/copy-progress.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const short = (letter: string) => letter.repeat(12);
const layer = (letter: string, sizeBytes: number | null) =>
  ({ diffId: digest(letter), chainId: digest(letter), sizeBytes }) as never;
const passing = (letter: string | null, sizeBytes: number, name = digest('f')) => ({
  name,
  diffId: letter === null ? null : digest(letter),
  digest: null,
  sizeBytes,
  isOfPlatform: true,
});

function started() {
  const told: TaskProgress[] = [];
  const bytes = { bytesSent: 0, bytesSaved: 0 };
  const context = {
    progress: (progress: TaskProgress) => void told.push(structuredClone(progress)),
  };
  const layers = [layer('a', 100), layer('b', 50), layer('c', null)];
  const progress = new CopyProgress(context, layers, new Set([digest('a')]), () => bytes);
  return { progress, bytes, last: () => told.at(-1)!, told };
}

suite('the progress of a copy', () => {
  test('begins with the layers that are to go, and those that are there', () => {
    const { last } = started();
    assert.deepEqual(last(), {
      phase: 'SAVING',
      currentBytes: 0,
      totalBytes: 50,
      percent: null,
      bytesPerSecond: null,
      etaSeconds: null,
      bytesSent: 0,
      bytesSaved: 0,
      parts: [
        { id: short('a'), status: 'Already exists', currentBytes: null, totalBytes: null },
        { id: short('b'), status: 'Waiting', currentBytes: 0, totalBytes: 50 },
        { id: short('c'), status: 'Waiting', currentBytes: 0, totalBytes: null },
      ],
    });
  });

  test('takes the sizes that layers have in the archive, and tells when one is sent', () => {
    const { progress, bytes, last } = started();
    progress.enter('SENDING');
    progress.layer(passing('a', 120), false);
    progress.layerBytes(120);
    assert.equal(last().currentBytes, 0);
    progress.layer(passing('b', 60), true);
    progress.layerBytes(59);
    bytes.bytesSent = 60;
    progress.layerBytes(1);
    assert.equal(last().phase, 'SENDING');
    assert.equal(last().bytesSent, 60);
    assert.deepEqual(last().parts[1], {
      id: short('b'),
      status: 'Sent',
      currentBytes: 60,
      totalBytes: 60,
    });
    progress.enter('LOADING');
    progress.loading({ id: short('b'), status: 'Loading layer', currentBytes: 30, totalBytes: 60 });
    assert.equal(last().parts[1]!.status, 'Loading layer');
    progress.loading({ id: short('b'), status: 'Loading layer', currentBytes: 60, totalBytes: 60 });
    assert.equal(last().parts[1]!.status, 'Loaded');
    progress.loading({ id: 'unknown', status: 'Loading layer', currentBytes: 1, totalBytes: 2 });
    assert.equal(last().parts.length, 3);
    assert.equal(progress.phase, 'LOADING');
  });

  test('names a layer by what the archive calls it where its diffID is not known', () => {
    const { progress, last } = started();
    progress.layer(passing(null, 10), true);
    assert.equal(last().parts.at(-1)!.id, short('f'));
  });

  test('tells bytes seldom, however often they come', () => {
    const { progress, told } = started();
    progress.layer(passing('b', 10_000), true);
    const before = told.length;
    for (let at = 0; at < 9_000; at++) progress.layerBytes(1);
    assert.ok(told.length - before < 50, `${told.length - before}`);
  });
});
