/* Throw-away engines with images, a gateway over them, and the ways to copy between them. */
import { makeCertificates } from '../../test/lab/certificates.ts';
import {
  buildImage,
  imageArchive,
  randomContent,
  startEngine,
  startSshd,
  waitUntil,
  writeKnownHosts,
} from '../../test/lab/index.ts';
import type {
  BuiltImage,
  EngineOptions,
  LayerSpec,
  ThrowAwayEngine,
} from '../../test/lab/index.ts';
import { DockerCli } from '../clients/docker-cli.ts';
import { hostEntry } from '../clients/lab-fleet.ts';
import type { LabTarget } from '../clients/lab-fleet.ts';
import { Skopeo } from '../clients/skopeo.ts';
import { TransferClient } from '../clients/transfer-client.ts';
import type { TransferredTarget } from '../clients/transfer-client.ts';
import { Child } from '../process/child.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import type { PathCount, PathRequest } from '../servers/network-path.ts';

const NETWORK_PATH = new URL('../servers/network-path.ts', import.meta.url);
const SETTLE_TIMEOUT_MS = 60_000;

export const MB = 1_000_000;
/** The image that is copied. */
export const IMAGE = 'bench/app:1';
/** What it is built on, where there is such a thing. */
export const BASE = 'bench/base:1';

/** How a host is reached. */
export type Via = 'unix' | 'tcp' | 'tls' | 'ssh';

/** An engine as the copying tools reach it. */
export interface Place {
  engine: ThrowAwayEngine;
  target: LabTarget<string>;
}

/** A release of the engine with one of its image stores. */
export type EngineKind = Pick<EngineOptions, 'release' | 'store'>;

/** What a ground is made of. */
export interface GroundOptions {
  /** Of all engines; 20.10 with its classic store where nothing is said. */
  kind?: EngineKind;
  /** How each target is reached. */
  targets: readonly Via[];
  /** The path to targets over SSH; direct where nothing is said. */
  path?: Omit<PathRequest, 'to'>;
  signal: AbortSignal;
}

/** One source, some targets and a gateway over all of them. */
export class TransferGround implements AsyncDisposable {
  readonly source: Place;
  readonly targets: readonly Place[];
  readonly gateway: GatewayProcess;
  readonly client: TransferClient;
  readonly docker: DockerCli;
  readonly skopeo: Skopeo;
  readonly folder: TemporaryFolder;
  readonly #paths: Child;
  readonly #sourcePort: number;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<
      TransferGround,
      'source' | 'targets' | 'gateway' | 'client' | 'docker' | 'skopeo' | 'folder'
    >,
    paths: Child,
    sourcePort: number,
    resources: AsyncDisposableStack,
  ) {
    this.source = parts.source;
    this.targets = parts.targets;
    this.gateway = parts.gateway;
    this.client = parts.client;
    this.docker = parts.docker;
    this.skopeo = parts.skopeo;
    this.folder = parts.folder;
    this.#paths = paths;
    this.#sourcePort = sourcePort;
    this.#resources = resources;
  }

  /**
   * Starts the engines and the gateway. Besides `source` the gateway knows the same engine as
   * `counted`, over a proxy that counts; targets are `target0`, `target1`, …
   */
  static async start({ kind, targets, path, signal }: GroundOptions): Promise<TransferGround> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(new TemporaryFolder());
    const paths = resources.use(new Child(NETWORK_PATH));
    const engineKind = kind ?? { release: '20.10' as const };
    const start = async (name: string, via: Via) =>
      resources.use(await startPlace(name, via, engineKind, folder));
    const delayed = async (place: StartedPlace) =>
      path ? behind(place, path, paths, folder) : place;
    const source = await start('source', 'unix');
    const places = await Promise.all(
      targets.map(async (via, at) => delayed(await start(`target${at}`, via))),
    );
    const sourcePort = await paths.ask<number>('open', {
      to: { path: source.engine.socketPath },
    } satisfies PathRequest);
    const hosts = [source, ...places].map(({ target }) => hostEntry(target));
    hosts.push({ name: 'counted', endpoint: `tcp://127.0.0.1:${sourcePort}` });
    const gateway = resources.use(await GatewayProcess.start(hosts, folder.path, signal));
    await gateway.untilOnline(hosts.length, SETTLE_TIMEOUT_MS, signal);
    const client = resources.use(new TransferClient(gateway.client.url));
    const docker = new DockerCli(folder);
    const skopeo = await Skopeo.fetch(folder);
    const parts = { source, targets: places, gateway, client, docker, skopeo, folder };
    return new TransferGround(parts, paths, sourcePort, resources.move());
  }

  /** Loads an image into a place and waits until the gateway shows it. */
  async load({ engine, target }: Place, image: BuiltImage, reference: string): Promise<void> {
    await engine.docker(['load'], { input: imageArchive([{ image, tags: [reference] }]) });
    await this.#untilShown(target.name, reference, true);
    if (target.name === 'source') await this.#untilShown('counted', reference, true);
  }

  /** Takes the copied image from the targets and waits until the gateway has seen it go. */
  async clear(places: readonly Place[] = this.targets): Promise<void> {
    for (const { engine, target } of places) {
      await engine.docker(['rmi', '--force', IMAGE]).catch((error: unknown) => {
        if (!/no such image/i.test(String(error))) throw error;
      });
      await this.#untilShown(target.name, IMAGE, false);
    }
  }

  /** Ours. */
  async transfer(
    places: readonly Place[],
    { source = 'source', ...more }: { source?: string; compression?: string } = {},
  ): Promise<TransferredTarget[]> {
    const names = places.map(({ target }) => target.name);
    return this.client.transfer({
      references: [IMAGE],
      source,
      targets: { names },
      compression: 'NONE',
      ...more,
    });
  }

  /** `docker save | docker load`, one for each place, all at once. */
  async pipe(places: readonly Place[], signal: AbortSignal): Promise<void> {
    const save = this.docker.commandLine(this.source.target, ['save', IMAGE]);
    await Promise.all(
      places.map(({ target }) =>
        this.docker.pipe([save, this.docker.commandLine(target, ['load', '--quiet'])], signal),
      ),
    );
  }

  /** What `docker save` takes by itself, thrown away as it comes. */
  async saveAlone(signal: AbortSignal): Promise<void> {
    const save = this.docker.commandLine(this.source.target, ['save', IMAGE]);
    await this.docker.pipe([save, ['sh', '-c', 'cat > /dev/null']], signal);
  }

  /** Bytes that the source has sent over the counting proxy so far. */
  async bytesRead(): Promise<number> {
    return (await this.#paths.ask<PathCount>('count', this.#sourcePort)).toClient;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #untilShown(host: string, reference: string, isThere: boolean): Promise<void> {
    const query = `query ($host: String!, $ref: String!) {
      host(name: $host) { images(filter: { reference: [$ref] }) { totalCount } } }`;
    await waitUntil(
      async () => {
        const variables = { host, ref: reference };
        const answer = await this.gateway.client.ask<HostImages>(query, variables);
        return answer.host.images.totalCount > 0 === isThere;
      },
      { what: `${reference} on ${host}: ${isThere}`, deadlineMs: SETTLE_TIMEOUT_MS },
    );
  }
}

interface HostImages {
  host: { images: { totalCount: number } };
}

/** An image with layers of these sizes that nothing can compress; `seed` makes others. */
export function randomImage(seed: string, sizes: readonly number[]): Promise<BuiltImage> {
  const layers = sizes.map((size, at): LayerSpec => {
    const content = randomContent(`${seed}-${at}-${size}`, size);
    return { entries: [{ path: `${seed}-${at}`, content }] };
  });
  return buildImage({ layers, config: { Cmd: ['true'] } });
}

/** The same place at the end of a network path. */
async function behind(
  { engine, target, hostKey }: StartedPlace,
  path: Omit<PathRequest, 'to'>,
  paths: Child,
  folder: TemporaryFolder,
): Promise<Place> {
  if (target.via !== 'ssh' || hostKey === undefined) return { engine, target };
  const request: PathRequest = { ...path, to: { port: target.port } };
  const port = await paths.ask<number>('open', request);
  const knownHosts = folder.file(`known_hosts-${port}`);
  await writeKnownHosts(knownHosts, [[port, { file: hostKey, publicFile: `${hostKey}.pub` }]]);
  return { engine, target: { ...target, port, knownHosts } };
}

interface StartedPlace extends Place {
  /** Private key file of its SSH server. */
  hostKey?: string;
}

async function startPlace(
  name: string,
  via: Via,
  kind: EngineKind,
  folder: TemporaryFolder,
): Promise<StartedPlace & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  let hostKey: string | undefined;
  const certificates = via === 'tls' ? await makeCertificates(folder.file(`ca-${name}`)) : null;
  const engine = resources.use(
    await startEngine({
      ...kind,
      listen: via === 'tcp' || via === 'tls' ? 'tcp' : 'unix',
      tls: certificates?.server,
    }),
  );
  const target = await targetOf();
  const kept = resources.move();
  return {
    engine,
    target,
    ...(hostKey !== undefined && { hostKey }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  async function targetOf(): Promise<LabTarget<string>> {
    if (via === 'unix') return { name, via, socketPath: engine.socketPath };
    if (via === 'ssh') {
      const sshd = resources.use(await startSshd({ dockerSocket: engine.socketPath }));
      hostKey = sshd.hostKey;
      const { port, knownHosts, identityFile } = sshd;
      return { name, via, port, knownHosts, identityFile: identityFile! };
    }
    const port = Number(new URL(engine.endpoint).port);
    return { name, via: 'tcp', port, ...(certificates && { tls: certificates.client }) };
  }
}
