import { lab, startEngine, startRegistry, startSshd } from '../lab/index.ts';
import type { ThrowAwayEngine, ThrowAwayRegistry, TlsFiles } from '../lab/index.ts';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import { Graph } from '../support/graph.ts';
import { ENGINE_KINDS, PODMAN } from '../support/own-engine.ts';
import { transferCalls } from './transfer-fleet.ts';
import type { TransferFleet } from './transfer-fleet.ts';

const [OLDER, CLASSIC, CONTAINERD] = ENGINE_KINDS;

/** Four kinds of engine, two of each; every transport is a source's and a target's. */
export const PAIR_HOSTS = {
  'a-20.10': { kind: OLDER, transport: 'UNIX' },
  'a-classic': { kind: CLASSIC, transport: 'TLS' },
  'a-containerd': { kind: CONTAINERD, transport: 'SSH' },
  'a-podman': { kind: PODMAN, transport: 'UNIX' },
  'b-20.10': { kind: OLDER, transport: 'SSH' },
  'b-classic': { kind: CLASSIC, transport: 'TCP' },
  'b-containerd': { kind: CONTAINERD, transport: 'TLS' },
  'b-podman': { kind: PODMAN, transport: 'SSH' },
} as const;

export type PairHost = keyof typeof PAIR_HOSTS;
export const PAIR_HOST_NAMES = Object.keys(PAIR_HOSTS) as PairHost[];

/** Those engines with a graph over them, and a registry that they share. */
export interface PairFleet extends TransferFleet<PairHost> {
  readonly registry: ThrowAwayRegistry;
}

/** Starts them all. */
export async function startPairFleet(): Promise<PairFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const { serverTls, hosts } = await lab();
    const { tls } = hosts.bravo;
    if (!tls) throw new Error('bravo is not reached over TLS');
    const registry = stack.use(await startRegistry());
    const started = await Promise.all(
      PAIR_HOST_NAMES.map(async (name) => {
        const { kind, transport } = PAIR_HOSTS[name];
        const engine = await startEngine({
          ...kind,
          listen: transport === 'TCP' || transport === 'TLS' ? 'tcp' : 'unix',
          ...(transport === 'TLS' && { tls: serverTls }),
        });
        stack.use(engine);
        return [name, engine, await endpointOf(engine, transport, tls, stack)] as const;
      }),
    );
    const graph = stack.use(
      await Graph.start(started.map(([name, , endpoint]) => ({ name, labels: {}, endpoint }))),
    );
    const engines = Object.fromEntries(started) as Record<PairHost, ThrowAwayEngine>;
    const owned = stack.move();
    return {
      ...transferCalls(graph),
      graph,
      engines,
      registry,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function endpointOf(
  { socketPath, endpoint }: ThrowAwayEngine,
  transport: EngineEndpoint['transport'],
  tls: TlsFiles,
  stack: AsyncDisposableStack,
): Promise<EngineEndpoint> {
  if (transport === 'UNIX') return { transport, socketPath };
  if (transport === 'SSH') {
    const sshd = stack.use(await startSshd({ dockerSocket: socketPath }));
    return {
      transport,
      host: '127.0.0.1',
      port: sshd.port,
      user: 'root',
      identityFiles: [sshd.identityFile!],
      knownHostsFiles: [sshd.knownHosts],
      remoteSocketPath: '/var/run/docker.sock',
      jumps: [],
    };
  }
  const { hostname: host, port } = new URL(endpoint);
  if (transport === 'TCP') return { transport, host, port: Number(port) };
  const { ca: caFile, cert: certFile, key: keyFile } = tls;
  return { transport, host, port: Number(port), caFile, certFile, keyFile };
}
