/* Throw-away engines beside a throw-away registry that has the seed's image of 200 MB. */
import { imageArchive, startEngine, startRegistry, waitUntil } from '../../test/lab/index.ts';
import type { ThrowAwayEngine } from '../../test/lab/index.ts';
import { buildImages } from '../../test/lab/seed/images.ts';
import type { EngineKind } from '../../test/support/own-engine.ts';
import { OperationClient } from '../clients/operation-client.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';

const ONLINE_TIMEOUT_MS = 30_000;
const NAME = 'target';

/** The registry with the image. */
export interface PullSource extends AsyncDisposable {
  /** Where the image is. */
  readonly reference: string;
}

/** Starts a registry and pushes the image to it. */
export async function startPullSource(say: (line: string) => void): Promise<PullSource> {
  await using resources = new AsyncDisposableStack();
  const registry = resources.use(await startRegistry());
  const reference = `${registry.address}/team/base:1`;
  await using engine = await startEngine({ release: '20.10' });
  const { base } = await buildImages();
  await engine.docker(['load'], { input: imageArchive([{ image: base, tags: [reference] }]) });
  await engine.docker(['push', reference]);
  say(`pushed the image of 200 MB`);
  const kept = resources.move();
  return { reference, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** An engine with a gateway before it, on which the image comes and goes. */
export class PullTarget implements AsyncDisposable {
  readonly engine: ThrowAwayEngine;
  readonly gateway: GatewayProcess;
  readonly operations: OperationClient;
  readonly hostName = NAME;
  readonly #reference: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    engine: ThrowAwayEngine,
    gateway: GatewayProcess,
    reference: string,
    resources: AsyncDisposableStack,
  ) {
    this.engine = engine;
    this.gateway = gateway;
    this.operations = new OperationClient(gateway.client);
    this.#reference = reference;
    this.#resources = resources;
  }

  static async start(
    kind: EngineKind,
    { reference }: PullSource,
    signal: AbortSignal,
  ): Promise<PullTarget> {
    await using resources = new AsyncDisposableStack();
    const engine = resources.use(await startEngine(kind));
    const folder = resources.use(new TemporaryFolder());
    const hosts = [{ name: NAME, endpoint: engine.endpoint }];
    const gateway = resources.use(await GatewayProcess.start(hosts, folder.path, signal));
    await gateway.untilOnline(1, ONLINE_TIMEOUT_MS, signal);
    return new PullTarget(engine, gateway, reference, resources.move());
  }

  /** Takes the image away and waits until the gateway has seen it go. */
  async clear(): Promise<void> {
    await this.engine.docker(['rmi', '--force', this.#reference]).catch((error: unknown) => {
      if (!/no such image/i.test(String(error))) throw error;
    });
    const query = `{ host(name: "${NAME}") { images { totalCount } } }`;
    await waitUntil(
      async () => {
        const { host } = await this.gateway.client.ask<HostImages>(query);
        return host.images.totalCount === 0;
      },
      { what: 'the gateway sees the image go', deadlineMs: 20_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

interface HostImages {
  host: { images: { totalCount: number } };
}
