import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { HostUnreachableError } from '../../src/common/errors.ts';
import { DetachedError, ImageRead } from '../../src/transfer/image-read.ts';
import type { ReadTarget, ReadTargetOptions } from '../../src/transfer/image-read.ts';
import { readSave } from '../../src/transfer/read-save.ts';
import { ReadRoom } from '../../src/transfer/read-room.ts';
import { TransferParty } from '../../src/transfer/transfer-party.ts';
import { tarFile } from '../../src/archive/tar-header.ts';
import { archiveFiles, savableImage } from '../support/fake-content.ts';
import { until } from '../support/settle.ts';

const MB = 1024 * 1024;
const WINDOW = 16 * MB;
const CHUNK = 64 * 1024;
const image = savableImage('app:1', { base: 40 * MB, top: 20 * MB });
const archive = Buffer.concat([
  ...archiveFiles(image, 'OCI').map(({ path, content }) => tarFile(path, content)),
  Buffer.alloc(1024),
]);
const expected = {
  id: image.id,
  diffIds: image.layers.map(({ diffId }) => diffId),
  os: 'linux',
  architecture: 'amd64',
  variant: null,
};
const TARGET: ReadTargetOptions = {
  leavesOut: () => false,
  keepOriginal: false,
  takesZstd: true,
  maxBytesPerSecond: null,
  onLayer: () => {},
  onLayerBytes: () => {},
};

/** A save whose bytes are counted; it may break after some of them. */
function source(breaksAfter = Infinity) {
  const said = { opened: 0, given: 0, closed: 0 };
  const open = async () => {
    said.opened++;
    let at = 0;
    const save = new Readable({
      highWaterMark: CHUNK,
      read() {
        if (at >= breaksAfter) {
          this.destroy(new HostUnreachableError('alpha broke off', { host: 'alpha' }));
          return;
        }
        const chunk = archive.subarray(at, at + CHUNK);
        at += CHUNK;
        said.given += chunk.length;
        // As from a socket: not in the turn in which it was asked for.
        setImmediate(() => this.push(chunk.length === 0 ? null : chunk));
      },
    });
    save.once('close', () => said.closed++);
    return save;
  };
  return { said, open };
}

function read(open: () => Promise<Readable>, patienceMs?: number) {
  const complete = () => Promise.resolve();
  const options = {
    source: 'alpha',
    read: readSave({ expected, knowledge: async () => undefined, open }),
    complete,
  };
  return new ImageRead({ ...options, ...(patienceMs !== undefined && { patienceMs }) });
}

/** Takes all of a target's archive. */
async function drain({ feed }: ReadTarget): Promise<number> {
  let bytes = 0;
  for await (const chunk of feed as AsyncIterable<Buffer>) bytes += chunk.length;
  return bytes;
}

suite('a read of an image', () => {
  test('feeds four targets from one save, the same bytes each', async () => {
    const { said, open } = source();
    const one = read(open);
    const targets = Array.from({ length: 4 }, () => one.join(TARGET));
    const [, ...bytes] = await Promise.all([one.run(), ...targets.map(drain)]);
    assert.equal(said.opened, 1);
    assert.equal(said.given, archive.length);
    assert.equal(one.bytesRead, archive.length);
    assert.equal(new Set(bytes).size, 1);
    assert.ok(bytes[0]! > 60 * MB);
    const [contents] = await Promise.all(targets.map((target) => target.contents));
    assert.equal(contents!.configDigest, image.id);
    assert.equal(said.closed, 1);
  });

  test('frees what every target has been sent, and nothing before', async () => {
    const given: Buffer[] = [];
    const open = async () =>
      Readable.from(
        (function* () {
          for (let at = 0; at < archive.length; at += CHUNK) {
            const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, archive.length - at));
            archive.copy(chunk, 0, at);
            given.push(chunk);
            yield chunk;
          }
        })(),
        { objectMode: false, highWaterMark: CHUNK },
      );
    const one = read(open);
    const fast = one.join(TARGET);
    const slow = one.join(TARGET);
    fast.feed.on('data', (chunk: Buffer) => fast.feed.sent(chunk.length));
    const running = one.run();
    await until(() => slow.feed.pendingBytes >= WINDOW, 'the window is full');
    assert.equal(given[0]!.length, CHUNK);
    const hash = createHash('sha256');
    slow.feed.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      slow.feed.sent(chunk.length);
    });
    await Promise.all([running, once(slow.feed, 'end'), once(fast.feed, 'end')]);
    const whole = createHash('sha256');
    const other = read(source().open);
    const again = other.join(TARGET);
    again.feed.on('data', (chunk: Buffer) => whole.update(chunk));
    await Promise.all([other.run(), once(again.feed, 'end')]);
    assert.equal(hash.digest('hex'), whole.digest('hex'));
    assert.deepEqual(
      given.filter(({ length }) => length > 0),
      [],
    );
  });

  test('leaves out for each what it has', async () => {
    const one = read(source().open);
    const [base, top] = expected.diffIds;
    const lacksTop = one.join({ ...TARGET, leavesOut: ({ diffId }) => diffId === base });
    const lacksBase = one.join({ ...TARGET, leavesOut: ({ diffId }) => diffId === top });
    const [, small, large] = await Promise.all([one.run(), drain(lacksTop), drain(lacksBase)]);
    assert.ok(small < 20 * MB + 64 * 1024, `${small}`);
    assert.ok(large < 40 * MB + 64 * 1024, `${large}`);
  });

  test('reads ahead of a target that takes nothing by no more than the window', async () => {
    const { said, open } = source();
    const one = read(open);
    const target = one.join(TARGET);
    const running = one.run();
    await until(() => target.feed.pendingBytes >= WINDOW, 'the window is full');
    const before = said.given;
    // Whatever goes on by itself would go on now.
    for (let turns = 0; turns < 1_000; turns++) await turn();
    assert.ok(said.given <= before + 4 * CHUNK, `${said.given}`);
    assert.ok(said.given <= WINDOW + MB, `${said.given}`);
    // Alone it is waited for, however long it takes: it holds nobody up.
    const [bytes] = await Promise.all([drain(target), running]);
    assert.ok(bytes > 60 * MB);
  });

  test('keeps no more than the window for all targets together: they share the bytes', async () => {
    const { open } = source();
    const one = read(open);
    const targets = Array.from({ length: 20 }, () => one.join(TARGET));
    global.gc?.();
    const { arrayBuffers } = process.memoryUsage();
    const running = one.run();
    await until(() => targets.every(({ feed }) => feed.pendingBytes >= WINDOW - CHUNK), 'full');
    const more = process.memoryUsage().arrayBuffers - arrayBuffers;
    // The save's chunks are parts of the archive here: whatever is new would be copies.
    assert.ok(more < 8 * MB, `${more}`);
    for (const { feed } of targets) feed.destroy();
    await running;
  });

  test('leaves a target behind that takes nothing, and the others get all of it', async () => {
    const { said, open } = source();
    const one = read(open, 50);
    const hung = one.join(TARGET);
    const others = [one.join(TARGET), one.join(TARGET)];
    const [, ...bytes] = await Promise.all([one.run(), ...others.map(drain)]);
    assert.ok(bytes.every((count) => count > 60 * MB));
    await assert.rejects(hung.contents, DetachedError);
    assert.ok(hung.feed.destroyed);
    assert.equal(hung.feed.readableEnded, false);
    assert.equal(said.opened, 1);
  });

  test('leaves two targets behind that take nothing, and the third gets all of it', async () => {
    const one = read(source().open, 50);
    const hung = [one.join(TARGET), one.join(TARGET)];
    const [, bytes] = await Promise.all([one.run(), drain(one.join(TARGET))]);
    assert.ok(bytes > 60 * MB);
    for (const { contents } of hung) await assert.rejects(contents, DetachedError);
  });

  test('does not leave a target behind that is held back by its own limit', async () => {
    const one = read(source().open, 50);
    const limited = one.join({ ...TARGET, maxBytesPerSecond: 60 * MB });
    const free = one.join(TARGET);
    const [, slow, fast] = await Promise.all([one.run(), drain(limited), drain(free)]);
    assert.equal(slow, fast);
  });

  test('that breaks off fails every target, and no archive ends', async () => {
    const one = read(source(30 * MB).open);
    const targets = [one.join(TARGET), one.join(TARGET)];
    const drained = targets.map((target) => assert.rejects(drain(target), /alpha broke off/));
    await one.run();
    for (const { contents, feed } of targets) {
      await assert.rejects(contents, { code: 'HOST_UNREACHABLE', host: 'alpha' });
      assert.equal(feed.readableEnded, false);
    }
    await Promise.all(drained);
  });

  test('that cannot be opened fails every target before its upload is begun', async () => {
    const one = read(async () => {
      throw new HostUnreachableError('alpha is down', { host: 'alpha' });
    });
    const target = one.join(TARGET);
    await one.run();
    await assert.rejects(target.started, /alpha is down/);
    await assert.rejects(target.contents, /alpha is down/);
  });

  test('stops when the last target has left, and closes the save', async () => {
    const { said, open } = source();
    const one = read(open);
    const targets = [one.join(TARGET), one.join(TARGET)];
    const running = one.run();
    await targets[0]!.started;
    targets[0]!.feed.destroy();
    await once(targets[0]!.feed, 'close');
    assert.equal(said.closed, 0);
    targets[1]!.feed.destroy();
    await running;
    assert.equal(said.closed, 1);
    assert.ok(said.given < archive.length);
  });

  test('one target that leaves does not disturb the other', async () => {
    const one = read(source().open);
    const [leaver, stayer] = [one.join(TARGET), one.join(TARGET)];
    const running = one.run();
    await leaver.started;
    leaver.feed.destroy(new Error('left'));
    assert.ok((await drain(stayer)) > 60 * MB);
    await running;
  });
});

suite('the room where targets meet', () => {
  const options = (open: () => Promise<Readable>) => ({
    source: 'alpha',
    read: readSave({ expected, knowledge: async () => undefined, open }),
  });
  const gathering = (isAwaited: () => boolean) => ({ key: 'k', isAwaited });

  test('those who are awaited share a read; who comes after it began gets another', async () => {
    const room = new ReadRoom();
    const { said, open } = source();
    let isAwaited = true;
    const first = room.join(
      gathering(() => isAwaited),
      options(open),
      TARGET,
    );
    const second = room.join(
      gathering(() => isAwaited),
      options(open),
      TARGET,
    );
    assert.equal(room.readsOn('alpha'), 1);
    await until(() => said.opened === 1, 'the save is opened before all are there');
    isAwaited = false;
    room.look();
    await first.started;
    const late = room.join(
      gathering(() => isAwaited),
      options(open),
      TARGET,
    );
    assert.equal(room.readsOn('alpha'), 2);
    const bytes = await Promise.all([first, second, late].map(drain));
    assert.equal(new Set(bytes).size, 1);
    assert.equal(said.opened, 2);
    await until(() => room.readsOn('alpha') === 0, 'both reads are over');
  });

  test('nobody waits for ever for somebody who does not come', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const room = new ReadRoom();
    const { said, open } = source();
    const first = room.join(
      gathering(() => true),
      options(open),
      TARGET,
    );
    let isStarted = false;
    void first.started.then(() => {
      isStarted = true;
    });
    // The time is counted from the first byte on, which comes when it comes.
    await until(() => {
      if (said.given > 0) t.mock.timers.tick(2_000);
      return isStarted;
    }, 'it begins without him');
    first.feed.destroy();
    await until(() => room.readsOn('alpha') === 0, 'it is over');
  });

  test('who comes when all before him have left gets a read of his own', async () => {
    const room = new ReadRoom();
    const { said, open } = source();
    const first = room.join(
      gathering(() => true),
      options(open),
      TARGET,
    );
    await until(() => said.given > 0, 'the save gives bytes');
    first.feed.destroy();
    await once(first.feed, 'close');
    const second = room.join(
      gathering(() => false),
      options(open),
      TARGET,
    );
    assert.ok((await drain(second)) > 60 * MB);
    assert.equal(said.opened, 2);
    await until(() => room.readsOn('alpha') === 0, 'both are over');
  });

  test('a read that all have left is over at once, though others were awaited', async () => {
    const room = new ReadRoom();
    const { said, open } = source();
    const first = room.join(
      gathering(() => true),
      options(open),
      TARGET,
    );
    await until(() => said.given > 0, 'the save gives bytes');
    first.feed.destroy();
    await until(() => said.closed === 1 && room.readsOn('alpha') === 0, 'it is over', 1_000);
    await assert.rejects(first.started);
  });
});

test('a party awaits those who have not come to an image, and not those who read it', () => {
  const party = new TransferParty();
  party.comesTo('a', 0);
  party.comesTo('b', 0);
  assert.equal(party.isAwaited(0), true);
  party.reads('a');
  party.reads('b');
  assert.equal(party.isAwaited(0), false);
  // Whoever goes on may still want the next one; he is past the first.
  party.comesTo('a', 1);
  assert.equal(party.isAwaited(0), false);
  assert.equal(party.isAwaited(1), true);
  party.reads('a');
  // `b` reads the first and will come to the second.
  assert.equal(party.isAwaited(1), false);
  party.comesTo('b', 1);
  assert.equal(party.isAwaited(1), true);
  party.leave('b');
  assert.equal(party.isAwaited(1), false);
  party.leave('a');
  assert.ok(party.isEmpty);
});

test('the archive of a target is the one that the filter would write', async () => {
  const one = read(source().open);
  const target = one.join(TARGET);
  const [, bytes] = await Promise.all([one.run(), buffer(target.feed)]);
  assert.deepEqual(bytes.subarray(-1024), Buffer.alloc(1024));
  assert.equal(bytes.length % 512, 0);
  assert.match(target.archive.rootDigest!, /^sha256:/);
});
