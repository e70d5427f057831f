import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LOG_BOUNDS } from '../../src/operations/operation-log.ts';
import type { OperationSnapshot } from '../../src/operations/operation-snapshot.ts';
import type { OpenStore } from './store-under-test.ts';
import { anOperation, changeTo, ended, idOf } from './store-under-test.ts';

const FINAL = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED', 'INTERRUPTED'] as const;

/** The part of the contract that is about reading many: pages, changes, logs. */
export function testStoreLists(open: OpenStore): void {
  suite('pages', () => {
    const ids = ({ operations }: { operations: OperationSnapshot[] }) =>
      operations.map(({ createdAt }) => createdAt);

    test('go from the newest to the oldest, and back', async () => {
      await using under = await open();
      for (let at = 1; at <= 7; at++) await under.store.create(anOperation(at));
      const { store } = under;
      const first = await store.list({ limit: 3 });
      assert.deepEqual(ids(first), [7, 6, 5]);
      assert.deepEqual([first.hasPrevious, first.hasNext], [false, true]);
      const second = await store.list({ limit: 3, after: idOf(5) });
      assert.deepEqual(ids(second), [4, 3, 2]);
      assert.deepEqual([second.hasPrevious, second.hasNext], [true, true]);
      const last = await store.list({ limit: 3, after: idOf(2) });
      assert.deepEqual(ids(last), [1]);
      assert.deepEqual([last.hasPrevious, last.hasNext], [true, false]);

      const oldest = await store.list({ limit: 3, fromEnd: true });
      assert.deepEqual(ids(oldest), [3, 2, 1]);
      assert.deepEqual([oldest.hasPrevious, oldest.hasNext], [true, false]);
      const back = await store.list({ limit: 3, fromEnd: true, before: idOf(3) });
      assert.deepEqual(ids(back), [6, 5, 4]);
      assert.deepEqual([back.hasPrevious, back.hasNext], [true, true]);
      const between = await store.list({ limit: 9, after: idOf(6), before: idOf(2) });
      assert.deepEqual(ids(between), [5, 4, 3]);
      assert.deepEqual([between.hasPrevious, between.hasNext], [true, true]);
    });

    test('are empty where nothing is', async () => {
      await using under = await open();
      const nothing = { operations: [], hasPrevious: false, hasNext: false };
      assert.deepEqual(await under.store.list({ limit: 3 }), nothing);
      await under.store.create(anOperation(1));
      assert.deepEqual(await under.store.list({ limit: 0 }), { ...nothing, hasNext: true });
      assert.deepEqual(await under.store.list({ limit: 3, after: idOf(1) }), {
        ...nothing,
        hasPrevious: true,
      });
    });

    test('stay in place when operations come and go', async () => {
      await using under = await open();
      for (let at = 1; at <= 4; at++) await under.store.create(anOperation(at, ended(at)));
      await under.store.prune({ finishedBefore: 3, keep: 100, limit: 100 });
      await under.store.create(anOperation(5));
      assert.deepEqual(ids(await under.store.list({ limit: 9, after: idOf(4) })), [3]);
      assert.deepEqual(ids(await under.store.list({ limit: 9, before: idOf(2) })), [5, 4, 3]);
    });

    test('show what fits', async () => {
      await using under = await open();
      const { store } = under;
      await store.create(anOperation(1, { state: 'FAILED' }, ['alpha', 'bravo']));
      await store.create(anOperation(2, { kind: 'PUSH_IMAGE' }, ['bravo']));
      await store.create(anOperation(3, { requestedBy: 'cron' }, ['charlie', 'alpha']));
      const cases = [
        [{}, [3, 2, 1]],
        [{ states: ['FAILED', 'PARTIAL'] }, [1]],
        [{ kinds: ['PUSH_IMAGE'] }, [2]],
        [{ hosts: ['alpha'] }, [3, 1]],
        [{ hosts: ['bravo', 'charlie'] }, [3, 2, 1]],
        [{ requestedBy: ['cron', 'nobody'] }, [3]],
        [{ hosts: ['alpha'], states: ['QUEUED'] }, [3]],
        [{ hosts: [] }, []],
        [{ requestedBy: ["' OR 1=1 --"] }, []],
      ] as const;
      for (const [filter, expected] of cases) {
        const page = await store.list({ filter, limit: 10 });
        assert.deepEqual(ids(page), expected, JSON.stringify(filter));
        assert.equal(await store.count(filter), expected.length, JSON.stringify(filter));
      }
      const page = await store.list({ filter: { hosts: ['alpha'] }, limit: 1 });
      assert.deepEqual([page.hasPrevious, page.hasNext], [false, true]);
      const next = await store.list({ filter: { hosts: ['alpha'] }, limit: 1, after: idOf(3) });
      assert.deepEqual([next.hasPrevious, next.hasNext], [true, false]);
    });
  });

  test('tells what changed since an event, by event', async () => {
    await using under = await open();
    const { store } = under;
    for (let at = 1; at <= 4; at++) await store.create(anOperation(at));
    await store.record(changeTo(anOperation(2, { event: 50 })));
    const changed = async (event: number, limit = 10) =>
      (await store.changedSince(event, limit)).map(({ createdAt }) => createdAt);
    assert.deepEqual(await changed(0), [1, 3, 4, 2]);
    assert.deepEqual(await changed(anOperation(3).event), [4, 2]);
    assert.deepEqual(await changed(0, 2), [1, 3]);
    assert.deepEqual(await changed(50), []);
    assert.equal(await store.lastEvent(), 50);
  });

  test('unfinished ones come oldest first, final ones not at all', async () => {
    await using under = await open();
    assert.deepEqual(await under.store.unfinished(), []);
    assert.equal(await under.store.lastEvent(), 0);
    const running = anOperation(1, { state: 'RUNNING' });
    const queued = anOperation(3);
    await under.store.create(queued);
    await under.store.create(running);
    for (const state of FINAL)
      await under.store.create(anOperation(10 + FINAL.indexOf(state), { state }));
    assert.deepEqual(await under.store.unfinished(), [running, queued]);
  });

  suite('logs', () => {
    const line = (text: string, host: string | null = 'alpha') => ({ at: 5, host, text });

    test('come back in order, numbered', async () => {
      await using under = await open();
      await under.store.create(anOperation(1));
      await under.store.create(anOperation(2));
      await under.store.appendLog(idOf(1), [line('one'), line('two', null)]);
      await under.store.appendLog(idOf(2), [line('other')]);
      await under.store.appendLog(idOf(1), [line('three')]);
      assert.deepEqual(await (await under.reopen()).logTail(idOf(1)), [
        { number: 1, at: 5, host: 'alpha', text: 'one' },
        { number: 2, at: 5, host: null, text: 'two' },
        { number: 3, at: 5, host: 'alpha', text: 'three' },
      ]);
    });

    test('keep their last lines', async () => {
      await using under = await open();
      await under.store.create(anOperation(1));
      const { lines } = LOG_BOUNDS;
      for (let at = 0; at < 3; at++) {
        const batch = Array.from({ length: 600 }, (_, inner) => line(`${at * 600 + inner + 1}`));
        await under.store.appendLog(idOf(1), batch);
      }
      const tail = await under.store.logTail(idOf(1));
      assert.equal(tail.length, lines);
      assert.deepEqual([tail[0]!.number, tail[0]!.text], [801, '801']);
      assert.deepEqual([tail.at(-1)!.number, tail.at(-1)!.text], [1800, '1800']);
    });

    test('keep their last bytes', async () => {
      await using under = await open();
      await under.store.create(anOperation(1));
      const text = 'é'.repeat(LOG_BOUNDS.lineBytes / 2);
      for (let at = 0; at < 40; at++) await under.store.appendLog(idOf(1), [line(text)]);
      const tail = await under.store.logTail(idOf(1));
      assert.equal(tail.length, LOG_BOUNDS.bytes / LOG_BOUNDS.lineBytes);
      assert.equal(tail.at(-1)!.number, 40);
    });

    test('of operations that have gone are dropped in silence', async () => {
      await using under = await open();
      await under.store.appendLog(idOf(1), [line('late')]);
      assert.deepEqual(await under.store.logTail(idOf(1)), []);
    });
  });
}
