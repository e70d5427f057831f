import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GraphqlClient } from '../clients/graphql-client.ts';
import { Child } from './child.ts';
import { MEASURED } from './measured-server.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url);
const START_TIMEOUT_MS = 60_000;

/** A host as the hosts file has it. */
export interface HostEntry {
  name: string;
  endpoint: string;
  labels?: Readonly<Record<string, string>>;
  tls?: object | undefined;
  ssh?: object | undefined;
}

/** `dockgraph serve` as an operator starts it, in a process of its own. */
export class GatewayProcess implements AsyncDisposable {
  readonly child: Child;
  readonly client: GraphqlClient;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** When the process was started, on the clock of `performance.now()`. */
  readonly startedAt: number;

  private constructor(child: Child, url: string, startedAt: number) {
    this.child = child;
    this.url = url;
    this.startedAt = startedAt;
    this.client = new GraphqlClient(`${url}/graphql`);
  }

  /** Resolves when it listens; its hosts are not reached yet. */
  static async start(
    hosts: readonly HostEntry[],
    folder: string,
    signal: AbortSignal,
  ): Promise<GatewayProcess> {
    const config = join(folder, 'dockgraph.yaml');
    // JSON is YAML.
    await writeFile(config, JSON.stringify({ hosts }));
    const data = join(folder, 'data');
    const flags = ['--config', config, '--listen', '127.0.0.1:0', '--data-dir', data];
    const listening = Promise.withResolvers<string>();
    const startedAt = performance.now();
    const child = new Child(MAIN, {
      ...MEASURED,
      args: ['serve', ...flags],
      onLine: (line) => {
        const url = /GraphQL at (http:\S+)\/graphql/.exec(line)?.[1];
        if (url !== undefined) listening.resolve(url);
      },
    });
    try {
      const url = await Promise.race([listening.promise, failure(child, signal)]);
      return new GatewayProcess(child, url, startedAt);
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves when so many hosts are ONLINE, with the milliseconds since the process was started. */
  async untilOnline(hosts: number, timeoutMs: number, signal: AbortSignal): Promise<number> {
    const query = '{ fleet { hostsByState { state count } } }';
    for (const deadline = performance.now() + timeoutMs; ;) {
      const { fleet } = await this.client.ask<FleetStates>(query);
      const online = fleet.hostsByState.find(({ state }) => state === 'ONLINE')?.count ?? 0;
      if (online >= hosts) return performance.now() - this.startedAt;
      if (performance.now() > deadline) {
        throw new Error(`${online} of ${hosts} hosts ONLINE after ${timeoutMs} ms`);
      }
      await delay(20, undefined, { signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.child[Symbol.asyncDispose]();
  }
}

interface FleetStates {
  fleet: { hostsByState: { state: string; count: number }[] };
}

/** Rejects when the process ends before it listens, or takes too long. */
function failure(child: Child, signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]);
  late.addEventListener('abort', () => reject(late.reason), { once: true });
  void child.ended.then(() => reject(new Error(`dockgraph did not start: ${child.output}`)));
  // The race may be over.
  promise.catch(() => undefined);
  return promise;
}
