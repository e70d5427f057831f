import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ConflictError, NotFoundError } from '../../src/common/errors.ts';
import type { OperationSnapshot } from '../../src/operations/operation-snapshot.ts';
import { testStoreLists } from './store-contract-lists.ts';
import type { OpenStore } from './store-under-test.ts';
import { anOperation, changeTo, ended, idOf } from './store-under-test.ts';

/** What every store must do. */
export function testStore(name: string, open: OpenStore): void {
  suite(`${name} keeps the contract of stores`, () => {
    test('gives back what was created, also after a restart', async () => {
      await using under = await open();
      const operation = anOperation(1, {
        input: { reference: 'app:1', nested: [{ a: null, b: 1.5, c: 'ü\u0000😀' }] },
        idempotencyKey: 'key',
        maxParallel: 3,
        failFast: true,
        needsSecret: true,
      });
      assert.deepEqual(await under.store.create(operation), { operation, isNew: true });
      assert.deepEqual(await under.store.get(operation.id), operation);
      assert.equal(await under.store.get('nothing'), null);
      const reopened = await under.reopen();
      assert.deepEqual(await reopened.get(operation.id), operation);
      assert.deepEqual(await reopened.unfinished(), [operation]);
      assert.equal(await reopened.lastEvent(), operation.event);
    });

    test('keeps a thousand tasks in their order', async () => {
      await using under = await open();
      const hosts = Array.from({ length: 1000 }, (_, at) => `host-${(at * 7919) % 1000}`);
      const operation = anOperation(1, {}, hosts);
      await under.store.create(operation);
      assert.deepEqual(await under.store.get(operation.id), operation);
    });

    test('records a step with all it says, and takes it for granted after a restart', async () => {
      await using under = await open();
      const before = anOperation(1, {}, ['alpha', 'bravo']);
      await under.store.create(before);
      const after: OperationSnapshot = {
        ...before,
        state: 'RUNNING',
        startedAt: 20,
        finishedAt: 40,
        needsSecret: true,
        event: 77,
        tasks: [
          before.tasks[0]!,
          {
            ...before.tasks[1]!,
            state: 'FAILED',
            startedAt: 20,
            finishedAt: 30,
            attempts: 2,
            result: { deleted: ['a'] },
            error: { code: 'NOT_FOUND', message: 'gone', hint: 'look', retryable: true },
            progress: {
              phase: 'DOWNLOADING',
              currentBytes: 1,
              totalBytes: 2,
              percent: 50,
              bytesPerSecond: null,
              etaSeconds: null,
              parts: [{ id: 'abc', status: 'Downloading', currentBytes: 1, totalBytes: null }],
            },
          },
        ],
      };
      await under.store.record(changeTo(after, [1]));
      assert.deepEqual(await under.store.get(before.id), after);
      assert.deepEqual(await (await under.reopen()).get(before.id), after);
    });

    test('tells that an operation to be changed is not there', async () => {
      await using under = await open();
      await assert.rejects(under.store.record(changeTo(anOperation(1))), NotFoundError);
    });

    test('takes effect in the order of the calls', async () => {
      await using under = await open();
      const operation = anOperation(1);
      const states = ['RUNNING', 'FAILED', 'QUEUED', 'RUNNING', 'SUCCEEDED'] as const;
      await Promise.all([
        under.store.create(operation),
        ...states.map((state, at) =>
          under.store.record(changeTo({ ...operation, state, event: 10 + at })),
        ),
      ]);
      const { state, event } = (await under.store.get(operation.id))!;
      assert.deepEqual({ state, event }, { state: 'SUCCEEDED', event: 14 });
    });

    test('one bad write among many harms no other', async () => {
      await using under = await open();
      const good = [1, 2, 3].map((at) => anOperation(at));
      const twice = anOperation(2);
      const outcomes = await Promise.allSettled(
        [good[0]!, good[1]!, twice, good[2]!].map((operation) => under.store.create(operation)),
      );
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
      );
      assert.equal(await under.store.count({}), 3);
    });

    suite('idempotency', () => {
      const keyed = (at: number, changes: Partial<OperationSnapshot> = {}, hosts?: string[]) =>
        anOperation(at, { idempotencyKey: 'key', ...changes }, hosts);

      test('the same key for the same finds the first', async () => {
        await using under = await open();
        const first = keyed(1, { input: { a: 1, b: [{ c: 2, d: 3 }] } }, ['alpha', 'bravo']);
        const again = keyed(2, { input: { b: [{ d: 3, c: 2 }], a: 1 } }, ['bravo', 'alpha']);
        await under.store.create(first);
        assert.deepEqual(await under.store.create(again), { operation: first, isNew: false });
        const reopened = await under.reopen();
        assert.deepEqual(await reopened.create(again), { operation: first, isNew: false });
        assert.equal(await reopened.get(again.id), null);
      });

      test('the same key for something else is a conflict that names the first', async () => {
        await using under = await open();
        await under.store.create(keyed(1));
        for (const other of [
          keyed(2, { input: { reference: 'app:2' } }),
          keyed(2, { kind: 'PUSH_IMAGE' }),
          keyed(2, {}, ['bravo']),
          keyed(2, {}, ['alpha', 'bravo']),
        ]) {
          await assert.rejects(under.store.create(other), (error) => {
            assert.ok(error instanceof ConflictError);
            assert.deepEqual(error.details, { operationId: anOperation(1).id });
            return true;
          });
        }
        assert.equal(await under.store.count({}), 1);
      });

      test('askers have their own keys, and no key is no key', async () => {
        await using under = await open();
        const others = [
          keyed(2, { requestedBy: 'somebody else' }),
          keyed(3, { idempotencyKey: null }),
          keyed(4, { idempotencyKey: null }),
        ];
        for (const operation of [keyed(1), ...others]) {
          assert.equal((await under.store.create(operation)).isNew, true);
        }
      });

      test('of many at once one wins', async () => {
        await using under = await open();
        const created = await Promise.all(
          Array.from({ length: 50 }, (_, at) => under.store.create(keyed(at))),
        );
        assert.equal(created.filter(({ isNew }) => isNew).length, 1);
        assert.equal(new Set(created.map(({ operation }) => operation.id)).size, 1);
      });
    });

    suite('retention', () => {
      test('removes what ended too long ago, with its tasks and log', async () => {
        await using under = await open();
        const { store } = under;
        for (let at = 1; at <= 5; at++) await store.create(anOperation(at, ended(at)));
        await store.create(anOperation(6, { createdAt: 0 }));
        await store.appendLog(idOf(1), [{ at: 1, host: null, text: 'line' }]);
        assert.equal(await store.prune({ finishedBefore: 4, keep: 100, limit: 2 }), 2);
        assert.equal(await store.prune({ finishedBefore: 4, keep: 100, limit: 2 }), 1);
        assert.equal(await store.prune({ finishedBefore: 4, keep: 100, limit: 2 }), 0);
        assert.equal(await store.count({}), 3);
        assert.deepEqual(await store.logTail(idOf(1)), []);
        // Its ID and its tasks' IDs are free: nothing was left behind.
        await store.create(anOperation(1));
      });

      test('removes the oldest final ones where there are too many, never unfinished ones', async () => {
        await using under = await open();
        const { store } = under;
        for (let at = 1; at <= 6; at++) {
          await store.create(anOperation(at, at % 2 === 0 ? ended(at) : {}));
        }
        assert.equal(await store.prune({ finishedBefore: 0, keep: 4, limit: 100 }), 2);
        assert.equal(await store.prune({ finishedBefore: 0, keep: 0, limit: 100 }), 1);
        assert.equal(await store.prune({ finishedBefore: 99, keep: 0, limit: 100 }), 0);
        assert.deepEqual(
          (await store.unfinished()).map(({ createdAt }) => createdAt),
          [1, 3, 5],
        );
      });
    });

    test('does what was asked for before it was closed, and nothing after', async () => {
      await using under = await open();
      const pending = under.store.create(anOperation(1));
      await under.store.close();
      await pending;
      await assert.rejects(under.store.create(anOperation(2)));
      const reopened = await under.reopen();
      assert.equal(await reopened.count({}), 1);
    });

    testStoreLists(open);
  });
}
