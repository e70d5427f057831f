import { withLock } from '../lock.ts';
import type { LabPaths } from '../paths.ts';
import { UP_COMMAND } from '../paths.ts';
import { engineOf } from '../services.ts';
import type { Engine } from '../engine.ts';
import type { HostName, LabState } from '../state.ts';
import { HOST_NAMES, readState } from '../state.ts';
import { buildByEngines, startContainers } from './engine-made.ts';
import type { BuiltImage } from './image-archive.ts';
import { imageArchive } from './image-archive.ts';
import { buildImages } from './images.ts';
import type { ArchiveKey, SeedImage } from './plan.ts';
import { seedPlan } from './plan.ts';
import { distribute } from './registry-made.ts';
import type { SeededImage } from './seeded.ts';
import { missingSeed, readSeeded, withAddresses, writeSeeded } from './seeded.ts';

/** What every step of the seed works with. */
export interface SeedContext {
  readonly state: LabState;
  /** The plan with the registries' addresses put in. */
  readonly plan: readonly SeedImage[];
  readonly engines: Readonly<Record<HostName, Engine>>;
  readonly images: Readonly<Record<ArchiveKey, BuiltImage>>;
}

/** Puts in what of the plan is not there. Leaves alone what tests and people added. */
export async function seed(paths: LabPaths, log: (line: string) => void): Promise<void> {
  await withLock(paths.root, async () => {
    const state = await readState(paths);
    if (state === undefined) throw new Error(`The lab is not up. Run: ${UP_COMMAND}`);
    const before = await readSeeded(paths);
    if (before !== undefined) {
      const missing = await missingSeed(state, before);
      if (missing.length === 0) return;
      for (const line of missing) log(line);
    }
    const context: SeedContext = {
      state,
      plan: seedPlan.map((image) => withAddresses(image, state)),
      engines: Object.fromEntries(
        HOST_NAMES.map((name) => [name, engineOf(paths, state, name)]),
      ) as Record<HostName, Engine>,
      images: await buildImages(),
    };
    await Promise.all(HOST_NAMES.map((host) => loadArchives(context, host)));
    log('loaded the images made by hand');
    await Promise.all([
      buildByEngines(context).then(() => log('built, committed and imported images')),
      distribute(context).then(() => log('pushed to and pulled from the registries')),
      startContainers(context).then(() => log('made the containers')),
    ]);
    const after = await Promise.all(context.plan.map((image) => record(context, image)));
    await writeSeeded(paths, after);
    const missing = await missingSeed(state, after);
    if (missing.length > 0) throw new Error(`The seed is not whole:\n${missing.join('\n')}`);
  });
}

/** One archive per host: a layer that several images share is sent once. */
async function loadArchives({ plan, images, engines }: SeedContext, host: HostName): Promise<void> {
  const wanted = plan.flatMap(({ key, origin, hosts }) => {
    const tags = hosts[host];
    return origin === 'archive' && tags ? [{ image: images[key as ArchiveKey], tags }] : [];
  });
  await engines[host].docker(['load'], { input: imageArchive(wanted) });
}

interface EngineImageDetails {
  readonly Id: string;
  readonly RepoDigests: readonly string[] | null;
  readonly RootFS: { readonly Layers?: readonly string[] };
}

async function record(context: SeedContext, image: SeedImage): Promise<SeededImage> {
  const ids: Partial<Record<HostName, string>> = {};
  const repoDigests: Partial<Record<HostName, string>> = {};
  let diffIds: readonly string[] = [];
  for (const host of HOST_NAMES) {
    const tags = image.hosts[host];
    if (tags === undefined) continue;
    const engine = context.engines[host];
    const reference = tags[0] ?? (await untaggedId(context, image, host));
    const answer = await engine.docker(['image', 'inspect', reference]);
    const [details] = JSON.parse(answer) as EngineImageDetails[];
    if (details === undefined) throw new Error(`${host} has no ${reference}`);
    ids[host] = details.Id;
    diffIds = details.RootFS.Layers ?? [];
    const repository = image.digestOf?.[host];
    const digest = details.RepoDigests?.find((name) => name.startsWith(`${repository}@`));
    if (digest !== undefined) repoDigests[host] = digest;
  }
  return { ...image, ids, diffIds, repoDigests };
}

/** A containerd store names an untagged image by its manifest, so it is found by its layers. */
async function untaggedId(
  { engines, images }: SeedContext,
  { key }: SeedImage,
  host: HostName,
): Promise<string> {
  const image = images[key as ArchiveKey];
  const engine = engines[host];
  if (engine.spec.store === 'classic') return image.configDigest;
  const list = await engine.docker(['images', '--quiet', '--no-trunc', '--filter=dangling=true']);
  for (const id of list.split('\n').filter((line) => line !== '')) {
    const layers = await engine.docker(['inspect', '--format={{json .RootFS.Layers}}', id]);
    if (layers.trim() === JSON.stringify(image.diffIds)) return id;
  }
  throw new Error(`${host} has no dangling image with the layers of "${key}"`);
}
