import type { Readable } from 'node:stream';
import type { Engine, EngineOptions } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { buildImage, imageArchive, randomContent, startEngine } from '../lab/index.ts';
import type { BuiltImage, ThrowAwayEngine } from '../lab/index.ts';

/** The kinds of engine that a verb must work on. */
export const ENGINE_KINDS = [
  { release: '20.10', store: 'classic' },
  { release: '26.1', store: 'classic' },
  { release: '26.1', store: 'containerd' },
] as const;

/** Not an engine of Docker's, but one that speaks its API. */
export const PODMAN = { release: 'podman 5.4', store: 'podman' } as const;

export type EngineKind = (typeof ENGINE_KINDS)[number] | typeof PODMAN;

/** A real engine of a test's own, with ours connected to it. */
export interface OwnEngine extends AsyncDisposable {
  readonly dockerd: ThrowAwayEngine;
  readonly engine: Engine;
}

/** Starts one. Its host is called `own`. */
export async function startOwnEngine(
  kind: EngineKind,
  options: Partial<EngineOptions> = {},
): Promise<OwnEngine> {
  const dockerd = await startEngine(kind);
  const engine = openEngine(
    { transport: 'UNIX', socketPath: dockerd.socketPath },
    { host: 'own', ...options },
  );
  await engine.connect();
  return {
    dockerd,
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await dockerd[Symbol.asyncDispose]();
    },
  };
}

/** An image of small and large layers that nothing can compress; the same name, the same bytes. */
export async function randomImage(name: string, ...layerSizes: number[]): Promise<BuiltImage> {
  return buildImage({
    layers: layerSizes.map((size, index) => ({
      entries: [{ path: `${name}-${index}`, content: randomContent(`${name}-${index}`, size) }],
    })),
    config: { Cmd: [`/${name}`] },
  });
}

/** An archive of one image under these names. */
export function archiveOf(image: BuiltImage, ...tags: string[]): Readable {
  return imageArchive([{ image, tags }]);
}

/** Tags on an engine, sorted. */
export async function tagsOn(engine: Engine): Promise<string[]> {
  return (await engine.listImages()).flatMap(({ tags }) => tags).toSorted();
}
