import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { formatEndpoint } from '../../src/engine/endpoint.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { GatewayProcess } from './gateway-process.ts';

const ROUNDS = 8;
const TAG = `mutation ($n: String!) { tagImage(input: { hosts: { all: true }, image: "app:1", tags: [$n], idempotencyKey: $n, waitSeconds: 0 }) { operation { id } } }`;
const FOUND = `query ($id: ID!) { operation(id: $id, waitSeconds: 30) { state tasks { hostName state error { message } } } }`;

it(`a gateway that is killed at any moment loses nothing that it acknowledged (${ROUNDS} rounds)`, async () => {
  await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')], latencyMs: 3 });
  await using bravo = await FakeEngine.start({ images: [fakeImage('app:1')], latencyMs: 3 });
  await using gateway = new GatewayProcess();
  const file = join(gateway.folder, 'dockgraph.yaml');
  const hosts = Object.entries({ alpha, bravo });
  writeFileSync(
    file,
    `hosts:\n${hosts.map(([name, { endpoint }]) => `  - { name: ${name}, endpoint: "${formatEndpoint(endpoint)}" }\n`).join('')}`,
  );
  const acknowledged = new Map<string, string>();
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await gateway.serve(['--config', file]);
    // Counted from the first answer: on a busy machine there may be none for long.
    let killed: Promise<unknown> | null = null;
    for (let isUp = true; isUp;) {
      const name = `made:${count++}`;
      try {
        const { data } = await gateway.ask(TAG, {}, { n: name });
        acknowledged.set(name, data.tagImage.operation.id);
        killed ??= delay(Math.random() * 250).then(() => gateway.end('SIGKILL'));
      } catch {
        isUp = false;
      }
    }
    await killed;
  }
  assert.ok(acknowledged.size > ROUNDS, `${acknowledged.size} acknowledged`);

  await gateway.serve(['--config', file]);
  for (const [name, id] of acknowledged) {
    const { data, errors } = await gateway.ask(FOUND, {}, { id });
    assert.equal(errors, undefined);
    assert.ok(data.operation, `${name} is lost`);
    for (const task of data.operation.tasks) {
      assert.ok(['SUCCEEDED', 'INTERRUPTED'].includes(task.state), JSON.stringify(task));
      const engine = task.hostName === 'alpha' ? alpha : bravo;
      const isThere = [...engine.images.values()].some(({ tags }) => tags.includes(name));
      if (task.state === 'SUCCEEDED') assert.ok(isThere, `${name} on ${task.hostName}`);
    }
    // The same request once more is the same operation.
    const again = await gateway.ask(TAG, {}, { n: name });
    assert.equal(again.data.tagImage.operation.id, id);
  }
});
