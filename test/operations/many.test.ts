import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { quickVerb, request, startOperations } from './harness.ts';

suite('many operations', () => {
  test('1,000 at once on 100 hosts all end, within their bounds', async () => {
    const running = new Map<string, number>();
    let overall = 0;
    let most = 0;
    const verb = {
      ...quickVerb(),
      run: async (_: unknown, { host }: { host: string }) => {
        running.set(host, (running.get(host) ?? 0) + 1);
        most = Math.max(most, ++overall);
        assert.ok(running.get(host)! <= 2, `${running.get(host)} on ${host}`);
        await turn();
        overall--;
        running.set(host, running.get(host)! - 1);
        return { host };
      },
    };
    await using started = await startOperations({ verbs: [verb] });
    const { operations } = started;
    const kind = 'TAG_IMAGE' as const;
    const hostsOf = (at: number) => [0, 1, 2].map((offset) => `h${(at + offset * 33) % 100}`);
    const submitted = await Promise.all(
      Array.from({ length: 1000 }, (_, at) =>
        operations.submit(request({ kind, hosts: hostsOf(at) })),
      ),
    );
    const done = await Promise.all(submitted.map(({ id }) => operations.wait(id, 30_000)));
    assert.ok(done.every(({ state }) => state === 'SUCCEEDED'));
    assert.ok(most <= 64 && most > 32, `${most} at most`);
    assert.equal(await operations.count({ states: ['SUCCEEDED'] }), 1000);
    await turn();
    assert.deepEqual(operations.load, { running: 0, waiting: 0, operations: 0 });
    assert.deepEqual(started.masked, []);
  });

  test('a small one is not held up by one on 1,000 hosts', async () => {
    let ran = 0;
    const verb = quickVerb(() => ++ran);
    await using started = await startOperations({ verbs: [verb], limits: { overall: 8 } });
    const { operations } = started;
    const kind = 'TAG_IMAGE' as const;
    const hosts = Array.from({ length: 1000 }, (_, at) => `h${at}`);
    const huge = await operations.submit(request({ kind, hosts }));
    const small = await operations.submit(request({ kind, hosts: ['h900', 'h901'] }));
    const { state } = await operations.wait(small.id, 10_000);
    assert.equal(state, 'SUCCEEDED');
    assert.ok(ran < 200, `${ran} tasks ran before the small one ended`);
    assert.equal((await operations.wait(huge.id, 20_000)).state, 'SUCCEEDED');
    assert.equal(ran, 1002);
  });
});
