import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, TaskContext, Verb } from '../../src/operations/operation.ts';
import type { OperationRequest } from '../../src/operations/operation-request.ts';
import type { OperationStore } from '../../src/operations/operation-store.ts';
import { Operations } from '../../src/operations/operations.ts';
import type { OperationsOptions } from '../../src/operations/operations.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';
import type { ErrorPlace } from '../../src/operations/task-runner.ts';
import { until } from '../support/settle.ts';

/** A folder for one test. */
export function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'dockgraph-operations-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A run of a verb that waits for the test. */
export interface HeldRun {
  input: Json;
  context: TaskContext;
  secret: unknown;
  succeed: (result?: Json) => void;
  fail: (error: unknown) => void;
}

/** A verb that does what the test says, when it says it. */
export class HeldVerb implements Verb {
  readonly kind: Verb['kind'];
  /** Runs that were started, in that order. */
  readonly runs: HeldRun[] = [];
  recover?: NonNullable<Verb['recover']>;

  constructor(kind: Verb['kind'] = 'PULL_IMAGE') {
    this.kind = kind;
  }

  readonly run = (input: Json, context: TaskContext, secret: unknown): Promise<Json> => {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const succeed = (result: Json = null) => resolve(result);
    this.runs.push({ input, context, secret, succeed, fail: reject });
    return promise;
  };

  /** Run number `at`, once it was started. */
  async started(at = 0): Promise<HeldRun> {
    await until(() => this.runs.length > at, `run ${at} of ${this.kind}`);
    return this.runs[at]!;
  }

  /** The latest run on a host, once it was started. */
  async startedOn(host: string): Promise<HeldRun> {
    const find = () => this.runs.findLast(({ context }) => context.host === host);
    await until(() => find() !== undefined, `run of ${this.kind} on ${host}`);
    return find()!;
  }
}

/** A verb that does its work at once. */
export function quickVerb(
  run: (context: TaskContext, input: Json) => Json = () => null,
  kind: Verb['kind'] = 'TAG_IMAGE',
): Verb {
  return { kind, run: async (input, context) => run(context, input) };
}

/** Operations on a store of their own. */
export interface Running extends AsyncDisposable {
  operations: Operations;
  store: OperationStore;
  masked: { error: unknown; place: ErrorPlace }[];
  /** Ends as a kill would: nothing that happens from here on is written. */
  kill: () => Promise<void>;
}

type Options = Partial<OperationsOptions> & { folder?: string };

/** Operations that run, on the given folder or a temporary one. */
export async function startOperations({ folder, ...options }: Options): Promise<Running> {
  const temporary = (options.store ?? folder) === undefined ? temporaryFolder() : undefined;
  const store = options.store ?? (await openSqliteStore(folder ?? temporary!.path));
  const masked: Running['masked'] = [];
  const operations = new Operations({
    verbs: [],
    onMasked: (error, place) => masked.push({ error, place }),
    ...options,
    store,
  });
  await operations.start();
  return {
    operations,
    store,
    masked,
    kill: () => store.close(),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      void operations.drain(0);
      temporary?.[Symbol.dispose]();
    },
  };
}

/** A request with what every request has. */
export function request(extra?: Partial<OperationRequest>): OperationRequest {
  return {
    kind: 'PULL_IMAGE',
    input: { reference: 'app:1' },
    hosts: ['alpha'],
    requestedBy: 'ops',
    ...extra,
  };
}

/** Each task's host with its state. */
export function taskStates({ tasks }: { tasks: readonly { host: string; state: string }[] }) {
  return Object.fromEntries(tasks.map(({ host, state }) => [host, state]));
}
