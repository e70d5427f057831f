import { readFile } from 'node:fs/promises';
import { buildImage, imageArchive, randomContent, startEngine } from '../lab/index.ts';
import type { BuiltImage, LayerSpec, ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import type { GraphOptions } from '../support/graph.ts';
import { ENGINE_KINDS, PODMAN } from '../support/own-engine.ts';

/** What a test asks of a transfer's tasks. */
export const TASKS = `id state tasks { host { name } state progress { phase bytesSent bytesSaved layers { id status } }
  error { code message hint retryable }
  result { ... on TransferImageResult { bytesSent bytesSaved images { reference source engineId mode wholeBecause
    bytesSent bytesSaved layersSent layersSaved tags moved { tag previousEngineId } kept { tag engineId }
    image { engineId tags { familiarName } } } } } }`;

/** Engines under names of a test's own, with a graph over them. */
export interface TransferFleet<Name extends string> extends AsyncDisposable {
  readonly graph: Graph;
  readonly engines: Readonly<Record<Name, ThrowAwayEngine>>;
  /** Runs a transfer and waits for its end; the operation. */
  transfer(input: object): Promise<any>;
  plan(input: object): Promise<any>;
}

const KINDS = [...ENGINE_KINDS, PODMAN] as const;

/** Starts one engine for each name: 0 is 20.10, 1 is 26.1 classic, 2 is 26.1 containerd, 3 podman. */
export async function startTransferFleet<Name extends string>(
  kinds: Readonly<Record<Name, 0 | 1 | 2 | 3>>,
  options: GraphOptions = {},
): Promise<TransferFleet<Name>> {
  const names = Object.keys(kinds) as Name[];
  const started = await Promise.all(names.map((name) => startEngine(KINDS[kinds[name]])));
  const engines = Object.fromEntries(names.map((name, at) => [name, started[at]!])) as Record<
    Name,
    ThrowAwayEngine
  >;
  const stop = () => Promise.all(started.map((engine) => engine[Symbol.asyncDispose]()));
  try {
    const graph = await Graph.start(
      names.map((name) => ({
        name,
        labels: { name },
        endpoint: { transport: 'UNIX' as const, socketPath: engines[name].socketPath },
      })),
      options,
    );
    return {
      graph,
      engines,
      ...transferCalls(graph),
      [Symbol.asyncDispose]: async () => {
        await graph[Symbol.asyncDispose]();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The two requests of a transfer on any graph. */
export function transferCalls(graph: Graph): Pick<TransferFleet<never>, 'transfer' | 'plan'> {
  return {
    transfer: async (input) => {
      const { transferImage } = await graph.ask(
        `mutation ($input: TransferImageInput!) { transferImage(input: $input) { operation { ${TASKS} } } }`,
        { input: { waitSeconds: 120, ...input } },
      );
      return transferImage.operation;
    },
    plan: async (input) => {
      const { transferPlan } = await graph.ask(
        `query ($input: TransferPlanInput!) { transferPlan(input: $input) { id totalBytes images { reference sourceName engineId tags }
          targets { hostName missingLayers { diffId sizeBytes } bytesToSend bytesSaved stripping reason freeBytes
            images { reference isThere bytesToSend bytesSaved stripping reason platformMismatch
              missingLayers { diffId } presentLayers { diffId } tagConflicts { tag engineId } } } } }`,
        { input },
      );
      return transferPlan;
    },
  };
}

/** A layer with a file of random bytes. */
export function randomLayer(name: string, size: number): LayerSpec {
  return { entries: [{ path: `${name}.bin`, content: randomContent(name, size) }] };
}

/** A base that containers can run on, and an image on it. */
export interface BaseAndApp {
  base: BuiltImage;
  app: BuiltImage;
}

/** Makes them: the base with some MB, the app with one small layer more; other names, other bytes. */
export async function baseAndApp(
  name: string,
  { baseBytes = 3_000_000, appBytes = 100_000 }: { baseBytes?: number; appBytes?: number } = {},
): Promise<BaseAndApp> {
  const shell: LayerSpec = {
    entries: [
      { path: 'bin/', folder: true },
      { path: 'bin/busybox', content: await readFile('/bin/busybox'), mode: 0o755 },
      ...['sh', 'cat', 'sha256sum'].map((applet) => ({
        path: `bin/${applet}`,
        linkTo: 'busybox',
      })),
      { path: `${name}.txt`, content: Buffer.from(`made for ${name}\n`) },
    ],
  };
  const below = [shell, randomLayer(`${name}-base`, baseBytes)];
  const config = { Cmd: ['sh'], Env: ['PATH=/bin'], Labels: { made: name } };
  return {
    base: await buildImage({ layers: below, config }),
    app: await buildImage({ layers: [...below, randomLayer(`${name}-app`, appBytes)], config }),
  };
}

/** Loads an image into an engine, as `docker load` does. */
export async function load(
  engine: ThrowAwayEngine,
  image: BuiltImage,
  ...tags: string[]
): Promise<void> {
  await engine.docker(['load'], { input: imageArchive([{ image, tags }]) });
}
