import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startEngine, startRegistry, waitUntil } from '../lab/index.ts';
import type { ThrowAwayEngine, ThrowAwayRegistry } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { archiveOf, randomImage } from '../support/own-engine.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import type { RegistryProxy } from '../support/registry-proxy.ts';

const WATCHED = `id state event tasks { host { name } state attempts progress { phase percent currentBytes totalBytes layers { id status } }
  error { code message hint retryable } result { ... on PullImageResult { pulled { digest isNew } } } }`;

describe('a pull through a registry that can be held up', () => {
  let registry: ThrowAwayRegistry;
  let proxy: RegistryProxy;
  let engines: ThrowAwayEngine[];
  let graph: Graph;
  let reference: string;

  before(async () => {
    registry = await startRegistry();
    proxy = await startRegistryProxy(registry.address);
    engines = await Promise.all([
      startEngine({ release: '20.10' }),
      startEngine({ release: '26.1' }),
    ]);
    graph = await Graph.start(
      engines.map(({ socketPath }, at) => ({
        name: ['source', 'target'][at]!,
        labels: {},
        endpoint: { transport: 'UNIX', socketPath },
      })),
    );
    const image = await randomImage('watched', 1_000, 6_000_000, 9_000_000);
    await engines[0]!.docker(['load'], {
      input: archiveOf(image, `${registry.address}/watched:1`),
    });
    await graph.until('source', ({ slot }) => slot.images.size === 1);
    const { pushImage } = await graph.ask(
      `mutation ($ref: String!) { pushImage(input: { hosts: { names: ["source"] }, references: [$ref], waitSeconds: 60 }) { operation { ${WATCHED} } } }`,
      { ref: `${registry.address}/watched:1` },
    );
    assert.equal(pushImage.operation.state, 'SUCCEEDED', JSON.stringify(pushImage));
    reference = `${proxy.address}/watched:1`;
  });
  after(async () => {
    await graph?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
    for (const engine of engines ?? []) await engine[Symbol.asyncDispose]();
  });

  const startPull = async () => {
    const { pullImage } = await graph.ask(
      `mutation ($ref: String!) { pullImage(input: { hosts: { names: ["target"] }, references: [$ref] }) { operation { ${WATCHED} } } }`,
      { ref: reference },
    );
    return pullImage.operation;
  };
  const cancel = async (id: string) => {
    const { cancelOperation } = await graph.ask(
      `mutation ($id: ID!) { cancelOperation(input: { id: $id }) { operation { ${WATCHED} } } }`,
      { id },
    );
    return cancelOperation.operation;
  };

  it('can be cancelled in the middle: the engine stops too; a retry finishes it', async () => {
    proxy.holdAfter(200_000);
    const { id, state } = await startPull();
    assert.ok(['QUEUED', 'RUNNING'].includes(state));
    await waitUntil(() => proxy.held > 0, { what: 'the pull is held up', deadlineMs: 20_000 });
    const cancelled = await cancel(id);
    assert.equal(cancelled.state, 'CANCELLED');
    assert.equal(cancelled.tasks[0].error.code, 'CANCELLED');
    // An engine notices only when the next bytes come: then it hangs up instead of reading on.
    const passed = proxy.bytes;
    proxy.holdAfter(null);
    await waitUntil(() => proxy.open === 0, { what: 'the engine hangs up', deadlineMs: 20_000 });
    assert.ok(proxy.bytes - passed < 10_000_000, `${proxy.bytes - passed} bytes of 15 MB more`);

    const { retryOperation } = await graph.ask(
      `mutation ($id: ID!) { retryOperation(input: { id: $id, waitSeconds: 60 }) { operation { ${WATCHED} } } }`,
      { id },
    );
    assert.equal(retryOperation.operation.state, 'SUCCEEDED', JSON.stringify(retryOperation));
    assert.equal(retryOperation.operation.tasks[0].attempts, 2);
  });

  it('is watched to its end, with progress layer by layer', async () => {
    await graph.ask(
      'mutation ($ref: String!) { removeImage(input: { hosts: { names: ["target"] }, images: [$ref] }) { operation { state } } }',
      { ref: reference },
    );
    proxy.holdAfter(2_000_000);
    const { id } = await startPull();
    const events = await graph.events(`subscription { operation(id: "${id}") { ${WATCHED} } }`);
    const seen: any[] = [];
    for await (const { data, errors } of events) {
      assert.equal(errors, undefined);
      const operation = (data as any).operation;
      seen.push(operation);
      // Let go only once progress in the middle was told.
      if (operation.tasks[0].progress?.percent > 0) proxy.holdAfter(null);
    }
    const last = seen.at(-1);
    assert.equal(last.state, 'SUCCEEDED');
    assert.equal(last.tasks[0].result.pulled[0].isNew, true);
    const percents = seen.map(({ tasks }) => tasks[0].progress?.percent).filter((p) => p != null);
    assert.deepEqual(
      percents,
      percents.toSorted((a, b) => a - b),
    );
    assert.equal(percents.at(-1), 100);
    assert.ok(percents[0] < 100, `nothing in the middle was told: ${percents.join()}`);
    assert.ok(seen.some(({ tasks }) => tasks[0].progress?.layers.length >= 2));
    const numbers = seen.map(({ event }) => event);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );

    // Who has seen the end is told nothing more; who has not, is told the end.
    const resumed = await graph.events(
      `subscription { operation(id: "${id}", afterEvent: ${last.event - 1}) { state } }`,
    );
    const { data } = (await resumed.next()).value as { data: any };
    assert.equal(data.operation.state, 'SUCCEEDED');
    assert.equal((await resumed.next()).done, true);
  });

  it('is one pull on the engine where two ask for the same at once', async () => {
    await graph.ask(
      'mutation ($ref: String!) { removeImage(input: { hosts: { names: ["target"] }, images: [$ref] }) { operation { state } } }',
      { ref: reference },
    );
    proxy.holdAfter(200_000);
    const before = proxy.everHeld;
    const first = await startPull();
    await waitUntil(() => proxy.held > 0, { what: 'the pull is held up', deadlineMs: 20_000 });
    const second = await startPull();
    assert.notEqual(first.id, second.id);
    await waitUntil(
      async () =>
        (await graph.ask(`{ operation(id: "${second.id}") { tasks { state } } }`)).operation
          .tasks[0].state === 'RUNNING',
      { what: 'the second runs', deadlineMs: 20_000 },
    );
    const held = proxy.everHeld - before;
    // One of them leaves; the other's pull goes on.
    assert.equal((await cancel(first.id)).state, 'CANCELLED');
    assert.equal(proxy.held, held);
    proxy.holdAfter(null);
    const { operation } = await graph.ask(
      `{ operation(id: "${second.id}", waitSeconds: 60) { ${WATCHED} } }`,
    );
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
  });

  it('fails with the registry named when it dies in the middle, and succeeds when it is back', async () => {
    await graph.ask(
      'mutation ($ref: String!) { removeImage(input: { hosts: { names: ["target"] }, images: [$ref] }) { operation { state } } }',
      { ref: reference },
    );
    proxy.holdAfter(200_000);
    const { id } = await startPull();
    await waitUntil(() => proxy.held > 0, { what: 'the pull is held up', deadlineMs: 20_000 });
    proxy.die();
    const { operation } = await graph.ask(
      `{ operation(id: "${id}", waitSeconds: 120) { ${WATCHED} } }`,
    );
    assert.equal(operation.state, 'FAILED', JSON.stringify(operation));
    assert.match(operation.tasks[0].error.message, /target/);
    await proxy.revive();
    proxy.holdAfter(null);
    const { retryOperation } = await graph.ask(
      `mutation ($id: ID!) { retryOperation(input: { id: $id, waitSeconds: 60 }) { operation { ${WATCHED} } } }`,
      { id },
    );
    assert.equal(retryOperation.operation.state, 'SUCCEEDED', JSON.stringify(retryOperation));
  });
});
