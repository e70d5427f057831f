import { startEngineProxy } from '../support/engine-proxy.ts';
import type { EngineProxy } from '../support/engine-proxy.ts';
import type { TransferFleet } from './transfer-fleet.ts';

/** Puts one before every engine of a fleet; its graph goes through them from then on. */
export async function throughProxies<Name extends string>({
  graph,
  engines,
}: TransferFleet<Name>): Promise<Readonly<Record<Name, EngineProxy>>> {
  const names = Object.keys(engines) as Name[];
  const proxies = await Promise.all(
    names.map(async (name) => [name, await startEngineProxy(engines[name])] as const),
  );
  graph.fleet.configure(
    proxies.map(([name, { socketPath }]) => ({
      name,
      labels: { name },
      endpoint: { transport: 'UNIX', socketPath },
    })),
  );
  await graph.fleet.settled(AbortSignal.timeout(30_000));
  return Object.fromEntries(proxies) as Record<Name, EngineProxy>;
}
