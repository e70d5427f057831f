import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { SshEndpoint } from '../../src/engine/endpoint.ts';
import { GatewayProcess } from '../gateway/gateway-process.ts';
import { startEngine, startSshd, waitUntil } from '../lab/index.ts';
import type { ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { ENGINE_KINDS, randomImage } from '../support/own-engine.ts';
import { FleetWatch, taskOf } from './fleet-watch.ts';
import { load } from './transfer-fleet.ts';

const MB = 1024 * 1024;

async function imagesOn(engine: ThrowAwayEngine): Promise<string[]> {
  const said = await engine.docker(['images', '--all', '--quiet', '--no-trunc']);
  return said.split('\n').filter((line) => line !== '');
}

suite('a transfer over SSH that is cut in the middle', () => {
  for (const role of ['source', 'target'] as const) {
    test(`on the side of the ${role}: nothing is left, and a retry succeeds`, async () => {
      await using source = await startEngine(ENGINE_KINDS[0]);
      await using target = await startEngine(ENGINE_KINDS[1]);
      const engines = { source, target };
      await using sshd = await startSshd({ dockerSocket: engines[role].socketPath });
      const ssh: SshEndpoint = {
        transport: 'SSH',
        host: '127.0.0.1',
        port: sshd.port,
        user: 'root',
        identityFiles: [sshd.identityFile!],
        knownHostsFiles: [sshd.knownHosts],
        remoteSocketPath: '/var/run/docker.sock',
        jumps: [],
      };
      const image = await randomImage(`cut-${role}`, 60 * MB);
      await load(source, image, 'faults/cut:1');
      await using graph = await Graph.start(
        (['source', 'target'] as const).map((name) => ({
          name,
          labels: {},
          endpoint:
            name === role ? ssh : { transport: 'UNIX', socketPath: engines[name].socketPath },
        })),
      );
      const watch = new FleetWatch(graph);
      const id = await watch.begin({
        references: ['faults/cut:1'],
        targets: { names: ['target'] },
        maxBytesPerSecond: 12 * MB,
        compression: 'NONE',
      });
      await watch.sent(id, 'target', 2 * MB);
      await sshd.kill();
      const operation = await watch.ended(id);
      const { error } = taskOf(operation, 'target');
      assert.deepEqual([operation.state, error.code], ['FAILED', 'HOST_UNREACHABLE']);
      const phase = role === 'source' ? /^saving on source: / : /^(?:sending|loading) on target: /;
      assert.match(error.message, phase);
      assert.deepEqual(await imagesOn(target), []);
      await sshd.start();
      await graph.until(role, ({ status }) => status.state === 'ONLINE');
      const done = await watch.retry(id);
      assert.equal(done.state, 'SUCCEEDED', JSON.stringify(done.tasks[0].error));
      assert.equal((await imagesOn(target)).length, 1);
    });
  }
});

const START = `mutation { transferImage(input: { references: ["faults/killed:1"], targets: { names: ["old", "classic", "snap"] } }) { operation { id } } }`;
const FOUND = `query ($id: ID!) { operation(id: $id, waitSeconds: 60) { state tasks { hostName state error { message } } } }`;
const RETRY = `mutation ($id: ID!) { retryOperation(input: { id: $id, waitSeconds: 120 }) { operation { state tasks { error { message } } } } }`;
const PROGRESS = `query ($id: ID!) { operation(id: $id) { state tasks { progress { phase } } } }`;

test('a gateway that is killed in the middle of a transfer between real engines: a retry succeeds, one image is there', async () => {
  await using source = await startEngine(ENGINE_KINDS[1]);
  await using old = await startEngine(ENGINE_KINDS[0]);
  await using classic = await startEngine(ENGINE_KINDS[1]);
  await using snap = await startEngine(ENGINE_KINDS[2]);
  const engines = { source, old, classic, snap };
  const targets = [old, classic, snap];
  const image = await randomImage('killed-gateway', 60 * MB);
  await load(source, image, 'faults/killed:1');
  await using gateway = new GatewayProcess();
  const file = join(gateway.folder, 'dockgraph.yaml');
  const rows = Object.entries(engines).map(
    ([name, { socketPath }]) => `  - { name: ${name}, endpoint: "unix://${socketPath}" }\n`,
  );
  writeFileSync(file, `hosts:\n${rows.join('')}`);
  for (const phase of ['SAVING', 'SENDING', 'LOADING']) {
    await gateway.serve(['--config', file]);
    const isReady = async () => {
      const { data } = await gateway.ask('{ hosts { nodes { state } } }');
      return data.hosts.nodes.every(({ state }: any) => state === 'ONLINE');
    };
    await waitUntil(isReady, { what: 'all hosts', deadlineMs: 20_000 });
    const { id } = (await gateway.ask(START)).data.transferImage.operation;
    const isThere = async () => {
      const { operation } = (await gateway.ask(PROGRESS, {}, { id })).data;
      const isOver = operation.state !== 'RUNNING' && operation.state !== 'QUEUED';
      return isOver || operation.tasks.some(({ progress }: any) => progress?.phase === phase);
    };
    await waitUntil(isThere, { what: phase, deadlineMs: 30_000, intervalMs: 2 });
    await gateway.end('SIGKILL');
    await gateway.serve(['--config', file]);
    await waitUntil(isReady, { what: 'all hosts', deadlineMs: 20_000 });
    const found = (await gateway.ask(FOUND, {}, { id })).data.operation;
    if (found.state !== 'SUCCEEDED') {
      const { operation } = (await gateway.ask(RETRY, {}, { id })).data.retryOperation;
      assert.equal(operation.state, 'SUCCEEDED', `${phase}: ${JSON.stringify(operation)}`);
    }
    for (const engine of targets) {
      assert.equal((await imagesOn(engine)).length, 1, phase);
      await engine.docker(['rmi', 'faults/killed:1']);
      assert.equal((await imagesOn(engine)).length, 0, phase);
    }
    await gateway.end('SIGKILL');
  }
});
