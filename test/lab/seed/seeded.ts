import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineGet } from '../engine.ts';
import type { LabPaths } from '../paths.ts';
import type { HostName, LabState } from '../state.ts';
import { writeWhole } from '../state.ts';
import type { SeedImage } from './plan.ts';
import { seedContainers, seedPlan } from './plan.ts';

/** An image of the plan as it is on the engines. */
export interface SeededImage extends SeedImage {
  /** The image's ID on each host: of the config on a classic store, of the manifest on echo. */
  readonly ids: Readonly<Partial<Record<HostName, string>>>;
  readonly diffIds: readonly string[];
  /** `repository@sha256:…` on each host that has it from, or gave it to, a registry. */
  readonly repoDigests: Readonly<Partial<Record<HostName, string>>>;
}

interface SeedRecord {
  readonly plan: string;
  readonly images: readonly SeededImage[];
}

function recordFile(paths: LabPaths): string {
  return join(paths.root, 'seeded.json');
}

/** Changes when the plan does, so that a lab seeded by older code counts as not seeded. */
function planDigest(): string {
  return createHash('sha256')
    .update(JSON.stringify([seedPlan, seedContainers]))
    .digest('hex');
}

/** What the last `seed` put in; undefined when there was none, or one of another plan. */
export async function readSeeded(paths: LabPaths): Promise<readonly SeededImage[] | undefined> {
  const text = await readFile(recordFile(paths), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as SeedRecord;
  return record.plan === planDigest() ? record.images : undefined;
}

/** Keeps what `seed` put in. */
export async function writeSeeded(paths: LabPaths, images: readonly SeededImage[]): Promise<void> {
  const record: SeedRecord = { plan: planDigest(), images };
  await writeWhole(recordFile(paths), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** The plan's row with the registries' addresses in place of `{open}` and `{locked}`. */
export function withAddresses(image: SeedImage, state: LabState): SeedImage {
  const text = JSON.stringify(image)
    .replaceAll('{open}', state.registries.open.address)
    .replaceAll('{locked}', state.registries.locked.address);
  return JSON.parse(text) as SeedImage;
}

interface EngineImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
}

interface EngineContainer {
  readonly Names: readonly string[];
  readonly State: string;
}

/** What of the seed is not on the engines any more, as sentences. */
export async function missingSeed(
  state: LabState,
  images: readonly SeededImage[],
): Promise<string[]> {
  const missing: string[] = [];
  const checks = Object.values(state.hosts).map(async ({ name: host, socketPath }) => {
    const [imageList, containerList] = await Promise.all([
      engineGet(socketPath, '/images/json'),
      engineGet(socketPath, '/containers/json?all=1'),
    ]);
    const byId = new Map<string, EngineImage>();
    for (const image of JSON.parse(imageList) as EngineImage[]) byId.set(image.Id, image);
    for (const { key, ids, hosts } of images) {
      const tags = hosts[host];
      if (tags === undefined) continue;
      const found = byId.get(ids[host] ?? '');
      if (found === undefined) missing.push(`${host} lost the image "${key}"`);
      for (const tag of tags) {
        if (found && !found.RepoTags?.includes(tag)) missing.push(`${host} lost the tag ${tag}`);
      }
    }
    const containers = JSON.parse(containerList) as EngineContainer[];
    for (const wanted of seedContainers.filter((container) => container.host === host)) {
      const found = containers.find(({ Names }) => Names.includes(`/${wanted.name}`));
      if (found?.State !== wanted.state) {
        missing.push(`${host} has no container ${wanted.name} that is ${wanted.state}`);
      }
    }
  });
  await Promise.all(checks);
  return missing.toSorted();
}
