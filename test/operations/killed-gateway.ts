/*
 * The operations of a gateway that is killed: started by kill.test.ts with its data folder, the
 * folder that stands for its hosts, and a name for the round. Tells what it acknowledges (`A`) and
 * announces (`E`) on standard output, a line of JSON each, before it goes on.
 */
import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Verb } from '../../src/operations/operation.ts';
import type { OperationSnapshot } from '../../src/operations/operation-snapshot.ts';
import { Operations } from '../../src/operations/operations.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';

/** What the killed gateway says. */
export type Said =
  | { kind: 'A'; id: string; key: string }
  | { kind: 'E'; id: string; state: string; tasks: { state: string; attempts: number }[] };

/** A verb that takes its time and leaves a mark on its host when it is done. */
export function markingVerb(hostsFolder: string, takesMs: () => number): Verb {
  const mark = (taskId: string) => join(hostsFolder, taskId);
  return {
    kind: 'PULL_IMAGE',
    run: async (_, { taskId, signal, progress, log }) => {
      log('begins');
      progress({
        phase: 'PULLING',
        currentBytes: 1,
        totalBytes: 2,
        percent: null,
        bytesPerSecond: null,
        etaSeconds: null,
        parts: [],
      });
      await delay(takesMs(), undefined, { signal });
      writeFileSync(mark(taskId), '');
      return taskId;
    },
    recover: async (_, { taskId }) => (existsSync(mark(taskId)) ? taskId : null),
  };
}

function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`);
}

function sayEvent({ id, state, tasks }: OperationSnapshot): void {
  const briefly = tasks.map(({ state, attempts }) => ({ state, attempts }));
  say({ kind: 'E', id, state, tasks: briefly });
}

async function serve(folder: string, hostsFolder: string, round: string): Promise<void> {
  const store = await openSqliteStore(folder);
  const verb = markingVerb(hostsFolder, () => Math.random() * 12);
  const operations = new Operations({
    store,
    verbs: [verb],
    onMasked: (error) => {
      throw error;
    },
  });
  await operations.start();
  const watch = async () => {
    const signal = new AbortController().signal;
    for await (const { operation } of operations.watch({}, { signal })) sayEvent(operation);
  };
  void watch();
  const submit = async (client: number) => {
    for (let at = 0; ; at++) {
      const key = `${round}-${client}-${at}`;
      const { id } = await operations.submit({
        kind: 'PULL_IMAGE',
        input: { key },
        hosts: Array.from({ length: 1 + (at % 4) }, (_, host) => `host-${(client + host) % 6}`),
        requestedBy: 'killer',
        idempotencyKey: key,
        failFast: at % 5 === 0,
        maxParallel: at % 3 === 0 ? 1 : null,
        ...(at % 7 === 0 && { secret: 'password' }),
      });
      say({ kind: 'A', id, key });
      if (at % 6 === 0) sayEvent(await operations.cancel(id, 'killer'));
      else if (at % 2 === 0) await operations.wait(id, 1000);
    }
  };
  for (let client = 0; client < 4; client++) void submit(client);
}

if (import.meta.main) {
  const [folder, hostsFolder, round] = process.argv.slice(2) as [string, string, string];
  await serve(folder, hostsFolder, round);
}
