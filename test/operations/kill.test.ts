import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FINAL_STATES } from '../../src/operations/operation.ts';
import type { OperationState } from '../../src/operations/operation.ts';
import type { OperationStore } from '../../src/operations/operation-store.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';
import { request, startOperations, temporaryFolder } from './harness.ts';
import { markingVerb } from './killed-gateway.ts';
import type { Said } from './killed-gateway.ts';

const GATEWAY = fileURLToPath(new URL('killed-gateway.ts', import.meta.url));
/** Folders that are tried side by side, and kills in each: 60 in all. */
const FOLDERS = 2;
const KILLS = 30;

type Event = Extract<Said, { kind: 'E' }>;

/** All that a client of the killed gateways has been told. */
class Client {
  /** ID by idempotency key. */
  readonly acknowledged = new Map<string, string>();
  readonly latest = new Map<string, Event>();

  hear(said: Said): void {
    if (said.kind === 'A') {
      this.acknowledged.set(said.key, said.id);
      return;
    }
    const known = this.latest.get(said.id);
    if (known) assertNotBehind(said, known, 'announced');
    this.latest.set(said.id, said);
  }

  /** Everything that was told holds. */
  async check(store: OperationStore, hosts: string): Promise<void> {
    for (const [key, id] of this.acknowledged) {
      const operation = await store.get(id);
      assert.ok(operation, `${id} was acknowledged and is lost`);
      assert.deepEqual([operation.idempotencyKey, operation.input], [key, { key }]);
      for (const { id, state, result } of operation.tasks) {
        if (state !== 'SUCCEEDED') continue;
        assert.equal(result, id);
        assert.ok(existsSync(join(hosts, id)), `${id} SUCCEEDED and has done nothing`);
      }
    }
    for (const event of this.latest.values()) {
      assertNotBehind((await store.get(event.id))!, event, 'stored');
    }
  }
}

/** States only go on: what was told is still true, or what follows from it. */
function assertNotBehind(
  now: { id: string; state: string; tasks: readonly Event['tasks'][number][] },
  before: Event,
  what: string,
): void {
  const said = `${now.id} was told to be ${before.state} and is ${what} as ${now.state}`;
  if (isFinal(before.state)) assert.equal(now.state, before.state, said);
  assert.ok(rank(now.state) >= rank(before.state), said);
  for (const [at, task] of before.tasks.entries()) {
    const { state, attempts } = now.tasks[at]!;
    const said = `task ${at} of ${now.id} was told to be ${task.state} and is ${what} as ${state}`;
    if (isFinal(task.state)) assert.equal(state, task.state, said);
    assert.ok(rank(state) >= rank(task.state) && attempts >= task.attempts, said);
  }
}

function rank(state: string): number {
  return state === 'QUEUED' ? 0 : state === 'RUNNING' ? 1 : 2;
}

function isFinal(state: string): boolean {
  return FINAL_STATES.has(state as OperationState);
}

/** Runs a gateway until it is killed, `afterMs` after its first words, or after its start. */
async function runAndKill(
  args: string[],
  afterMs: number,
  isEarly: boolean,
  client: Client,
): Promise<void> {
  const child = spawn(process.execPath, [GATEWAY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const spoke = Promise.withResolvers<void>();
  const lines = createInterface({ input: child.stdout });
  const listen = async () => {
    for await (const line of lines) {
      spoke.resolve();
      // A line that the kill cut in half was not told.
      if (line.endsWith('}')) client.hear(JSON.parse(line) as Said);
    }
  };
  const listening = listen();
  if (!isEarly) await Promise.race([spoke.promise, closed]);
  await delay(afterMs);
  child.kill('SIGKILL');
  await closed;
  await listening;
  assert.equal(child.signalCode, 'SIGKILL', `the gateway ended by itself: ${errors}`);
}

suite('a gateway that is killed again and again', { concurrency: FOLDERS }, () => {
  for (let at = 0; at < FOLDERS; at++) {
    test(`loses nothing that it has told (folder ${at})`, async () => {
      using temporary = temporaryFolder();
      const folder = join(temporary.path, 'data');
      const hosts = join(temporary.path, 'hosts');
      mkdirSync(hosts);
      const client = new Client();
      for (let round = 0; round < KILLS; round++) {
        // Every tenth one dies while it starts, recovering what the one before left.
        const isEarly = round % 10 === 9;
        const afterMs = isEarly ? 60 + Math.random() * 120 : Math.random() * 70;
        await runAndKill([folder, hosts, `${at}-${round}`], afterMs, isEarly, client);
        const store = await openSqliteStore(folder);
        await client.check(store, hosts);
        await store.close();
      }
      assert.ok(client.acknowledged.size > KILLS, `${client.acknowledged.size} acknowledged`);
      await finishAll(folder, hosts, client);
    });
  }

  test('gives the folder free at once', async () => {
    using temporary = temporaryFolder();
    const child = spawn(process.execPath, [GATEWAY, temporary.path, temporary.path, 'x']);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await assert.rejects(openSqliteStore(temporary.path), /is in use by another dockgraph/);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    await (await openSqliteStore(temporary.path)).close();
  });
});

/** The last gateway of a folder lives, and brings everything to its end. */
async function finishAll(folder: string, hosts: string, client: Client): Promise<void> {
  const verbs = [markingVerb(hosts, () => 0)];
  await using running = await startOperations({ folder, verbs });
  const { operations, store } = running;
  const states = new Set<string>();
  for (const [key, id] of client.acknowledged) {
    const { state } = await operations.wait(id, 10_000);
    assert.ok(isFinal(state), `${id} is ${state}`);
    states.add(state);
    const { tasks } = (await operations.get(id))!;
    // Whoever did not hear the answer asks again, and finds it.
    const again = await operations.submit(
      request({
        input: { key },
        hosts: tasks.map(({ host }) => host),
        requestedBy: 'killer',
        idempotencyKey: key,
      }),
    );
    assert.equal(again.id, id);
  }
  await client.check(store, hosts);
  assert.deepEqual(await store.unfinished(), []);
  for (const state of ['SUCCEEDED', 'CANCELLED', 'INTERRUPTED']) {
    assert.ok(states.has(state), `${state} came about, among ${[...states].join(', ')}`);
  }
  assert.deepEqual(running.masked, []);
}
