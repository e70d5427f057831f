import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatEndpoint } from '../../src/engine/endpoint.ts';
import { GatewayProcess } from '../gateway/gateway-process.ts';
import { waitUntil } from '../lab/index.ts';
import { savableImage } from '../support/fake-content.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import type { FakeCall } from '../support/fake-engine.ts';
import { until } from '../support/settle.ts';

const MB = 1024 * 1024;
const START = `mutation ($key: String!) { transferImage(input: { references: ["app:1"], source: "alpha", targets: { names: ["bravo", "charlie"] }, idempotencyKey: $key }) { operation { id } } }`;
const FOUND = `query ($id: ID!) { operation(id: $id, waitSeconds: 30) { state tasks { hostName state error { message retryable } } } }`;
const RETRY = `mutation ($id: ID!) { retryOperation(input: { id: $id, waitSeconds: 60 }) { operation { state tasks { error { message } } } } }`;

/** At which moment the gateway is killed, by what the engines see of it. */
const MOMENTS: [string, (engines: Record<'alpha' | 'bravo', FakeEngine>) => () => boolean][] = [
  [
    'while the source prepares',
    ({ alpha }) => {
      alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 0, until: new Promise(() => {}) };
      return () => underway(alpha, 'save') === 1;
    },
  ],
  [
    'in the middle of a layer',
    ({ alpha, bravo }) => {
      alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 4 * MB, until: new Promise(() => {}) };
      const { loadedBytes } = bravo;
      return () => bravo.loadedBytes - loadedBytes > MB;
    },
  ],
  [
    'while a target unpacks',
    ({ bravo }) => {
      const loads = bravo.calls.get('load') ?? 0;
      const { loadedBytes } = bravo;
      bravo.loadFault = { kind: 'UNPACK_LATER', until: new Promise(() => {}) };
      return () =>
        (bravo.calls.get('load') ?? 0) > loads && bravo.loadedBytes - loadedBytes > 5 * MB;
    },
  ],
  [
    'while a copy is looked at',
    ({ bravo }) => {
      bravo.fault('inspect', { kind: 'HANG' });
      return () => underway(bravo, 'inspect') > 0;
    },
  ],
  [
    'while a tag is set',
    ({ bravo }) => {
      bravo.fault('tag', { kind: 'HANG' });
      return () => underway(bravo, 'tag') > 0;
    },
  ],
];

/** Serves, and waits until it has seen every host. */
async function serve(gateway: GatewayProcess, file: string): Promise<void> {
  await gateway.serve(['--config', file]);
  const states = async () => {
    const { data } = await gateway.ask('{ hosts { nodes { state } } }');
    return data.hosts.nodes.every(({ state }: any) => state === 'ONLINE');
  };
  await waitUntil(states, { what: 'all hosts', deadlineMs: 10_000 });
}

function underway(engine: FakeEngine, call: FakeCall): number {
  return engine.underway.get(call) ?? 0;
}

test('a gateway that is killed in any phase of a transfer: nothing hangs, nothing half is left that looks whole, a retry succeeds', async () => {
  const app = savableImage('app:1', { base: 3 * MB, app: 2 * MB });
  await using alpha = await FakeEngine.start({ images: [app] });
  await using bravo = await FakeEngine.start();
  await using charlie = await FakeEngine.start({ store: 'CONTAINERD' });
  const engines = { alpha, bravo, charlie };
  await using gateway = new GatewayProcess();
  const file = join(gateway.folder, 'dockgraph.yaml');
  const rows = Object.entries(engines).map(
    ([name, { endpoint }]) => `  - { name: ${name}, endpoint: "${formatEndpoint(endpoint)}" }\n`,
  );
  writeFileSync(file, `hosts:\n${rows.join('')}`);
  for (const [moment, arrange] of MOMENTS) {
    await serve(gateway, file);
    const isThere = arrange(engines);
    const { data } = await gateway.ask(START, {}, { key: moment });
    const { id } = data.transferImage.operation;
    await until(isThere, moment, 10_000);
    await gateway.end('SIGKILL');
    // Its connections go with it, and so the engines' requests.
    const calls: FakeCall[] = ['save', 'load', 'inspect', 'tag', 'events'];
    await until(
      () => Object.values(engines).every((one) => calls.every((call) => underway(one, call) === 0)),
      `the end of all requests, killed ${moment}`,
    );
    alpha.saveFault = bravo.loadFault = null;
    bravo.fault('inspect', null);
    bravo.fault('tag', null);
    // Whatever is there is whole; most often there is nothing.
    for (const { images } of [bravo, charlie]) assert.ok(images.size <= 1);

    await gateway.serve(['--config', file]);
    const found = (await gateway.ask(FOUND, {}, { id })).data.operation;
    for (const { hostName, state, error } of found.tasks) {
      const engine = hostName === 'bravo' ? bravo : charlie;
      const isDone = [...engine.images.values()].some(({ tags }) => tags.includes('app:1'));
      assert.equal(state, isDone ? 'SUCCEEDED' : 'INTERRUPTED', `${moment}: ${error?.message}`);
    }
    if (found.state !== 'SUCCEEDED') {
      const { operation } = (await gateway.ask(RETRY, {}, { id })).data.retryOperation;
      assert.equal(operation.state, 'SUCCEEDED', `${moment}: ${JSON.stringify(operation)}`);
    }
    for (const engine of [bravo, charlie]) {
      assert.deepEqual(
        [...engine.images.values()].map(({ tags }) => tags),
        [['app:1']],
        moment,
      );
      for (const id of engine.images.keys()) engine.removeImage(id);
    }
    await gateway.end('SIGKILL');
  }
});

test('a gateway that is told to end in the middle of a transfer stops it within its time, and the next one takes it up', async () => {
  const app = savableImage('app:1', { base: 3 * MB });
  await using alpha = await FakeEngine.start({ images: [app] });
  await using bravo = await FakeEngine.start();
  await using charlie = await FakeEngine.start();
  await using gateway = new GatewayProcess();
  const file = join(gateway.folder, 'dockgraph.yaml');
  const rows = Object.entries({ alpha, bravo, charlie }).map(
    ([name, { endpoint }]) => `  - { name: ${name}, endpoint: "${formatEndpoint(endpoint)}" }\n`,
  );
  writeFileSync(file, `hosts:\n${rows.join('')}`);
  await serve(gateway, file);
  alpha.saveFault = { kind: 'PAUSE_AFTER', bytes: 2 * MB, until: new Promise(() => {}) };
  const { data } = await gateway.ask(START, {}, { key: 'drain' });
  const { id } = data.transferImage.operation;
  await until(() => bravo.loadedBytes > MB, 'the middle', 10_000);
  assert.equal(await gateway.end('SIGTERM'), 0);
  await until(() => underway(alpha, 'save') + underway(bravo, 'load') === 0, 'the end of requests');
  alpha.saveFault = null;
  for (const { images } of [bravo, charlie]) assert.equal(images.size, 0);
  await gateway.serve(['--config', file]);
  const found = (await gateway.ask(FOUND, {}, { id })).data.operation;
  for (const { state, error } of found.tasks) {
    assert.equal(state, 'INTERRUPTED');
    assert.equal(error.retryable, true);
  }
  const { operation } = (await gateway.ask(RETRY, {}, { id })).data.retryOperation;
  assert.equal(operation.state, 'SUCCEEDED');
});
