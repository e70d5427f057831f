import assert from 'node:assert/strict';
import { fromGlobalId } from '../../src/graphql/global-id.ts';
import type { TaskProgress } from '../../src/operations/operation.ts';
import type { Graph } from '../support/graph.ts';
import { TASKS, transferCalls } from './transfer-fleet.ts';

/** Transfers that a test follows, and stops and takes up again. */
export class FleetWatch {
  readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Starts a transfer; its ID. */
  async begin(input: object): Promise<string> {
    const { id } = await transferCalls(this.graph).transfer({ ...input, waitSeconds: 0 });
    return id;
  }

  async ended(id: string): Promise<any> {
    const { operation } = await this.graph.ask(
      `query ($id: ID!) { operation(id: $id, waitSeconds: 60) { ${TASKS} logTail } }`,
      { id },
    );
    return operation;
  }

  /** Retries and waits for the end. */
  async retry(id: string): Promise<any> {
    await this.graph.ask(
      `mutation ($input: RetryOperationInput!) { retryOperation(input: $input) { operation { id } } }`,
      { input: { id } },
    );
    return this.ended(id);
  }

  /** Cancels and waits for the end. */
  async cancel(id: string): Promise<any> {
    await this.graph.ask(
      `mutation ($input: CancelOperationInput!) { cancelOperation(input: $input) { operation { id } } }`,
      { input: { id } },
    );
    return this.ended(id);
  }

  /** Resolves when the task of that host is in this phase. */
  inPhase(id: string, host: string, phase: string): Promise<void> {
    return this.#progress(id, host, phase, (progress) => progress.phase === phase);
  }

  /** Resolves when so many bytes went to that host. */
  sent(id: string, host: string, bytes: number): Promise<void> {
    const isSent = ({ bytesSent = 0 }: TaskProgress) => bytesSent >= bytes;
    return this.#progress(id, host, `${bytes} bytes`, isSent);
  }

  /** Resolves when that host says that it unpacks: classic engines do, when they have it all. */
  unpacks(id: string, host: string): Promise<void> {
    const isUnpacking = ({ parts }: TaskProgress) =>
      parts.some(({ status }) => status.startsWith('Load'));
    return this.#progress(id, host, 'unpacking', isUnpacking);
  }

  async #progress(
    id: string,
    host: string,
    what: string,
    isThere: (progress: TaskProgress) => boolean,
  ): Promise<void> {
    const { key } = fromGlobalId(id);
    const changes = this.graph.operations.watch(key, { signal: AbortSignal.timeout(30_000) });
    for await (const { operation } of changes) {
      const task = operation.tasks.find((one) => one.host === host);
      if (task?.state === 'RUNNING' && task.progress && isThere(task.progress)) return;
    }
    assert.fail(`${host} did not come to ${what}`);
  }
}

/** The task of a host, as `transfer` answers it. */
export function taskOf(operation: any, host: string): any {
  const task = operation.tasks.find((one: any) => one.host?.name === host);
  assert.ok(task, `${host} has no task in ${JSON.stringify(operation)}`);
  return task;
}
