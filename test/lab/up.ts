import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDaemon, removeFolder } from './daemon.ts';
import { removeControlGroups } from './engine.ts';
import { hostsFileOf } from './hosts-file.ts';
import { withLock } from './lock.ts';
import { fetchNewerEngine } from './newer-engine.ts';
import { installPackages, requireDebian } from './packages.ts';
import type { LabPaths } from './paths.ts';
import { servicesOf } from './services.ts';
import type { LabState } from './state.ts';
import { createState, readState, writeWhole } from './state.ts';

type Log = (line: string) => void;

/** Starts whatever of the lab does not run; answers its state. */
export async function up(paths: LabPaths, log: Log): Promise<LabState> {
  await requireDebian();
  return withLock(paths.root, async () => {
    await installPackages(log);
    await fetchNewerEngine(paths, log);
    let state = await readState(paths);
    if (state === undefined) {
      await removeAll(paths);
      state = await createState(paths);
    }
    await writeDockerConfig(paths, state);
    const services = await servicesOf(paths, state);
    await Promise.all(
      services.map(async ({ name, service, answers }) => {
        if (service.daemon.running && (await answers())) return;
        const began = Date.now();
        await service.start();
        log(`started ${name} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
      }),
    );
    await writeWhole(paths.hostsFile, hostsFileOf(state));
    return state;
  });
}

/** Stops everything of the lab, throw-away daemons of tests included, and removes its folder. */
export async function down(paths: LabPaths): Promise<void> {
  await withLock(paths.root, () => removeAll(paths));
}

/** Goes by what is in the folders and not by the state, which may be of another version. */
async function removeAll(paths: LabPaths): Promise<void> {
  const folders = [paths.root, paths.scratch].map(async (parent) => {
    const names = await readdir(parent).catch(() => []);
    return names.map((name) => join(parent, name));
  });
  const daemons = (await Promise.all(folders)).flat().filter((folder) => folder !== paths.scratch);
  await Promise.all(
    daemons.map(async (directory) => {
      await removeDaemon(directory);
      await removeControlGroups(directory);
    }),
  );
  await removeFolder(paths.root);
}

/** So that the docker CLI of the lab is logged in at the registries that ask for a password. */
async function writeDockerConfig(paths: LabPaths, state: LabState): Promise<void> {
  const auths: Record<string, { auth: string }> = {};
  for (const { address, credentials } of Object.values(state.registries)) {
    if (credentials === undefined) continue;
    const text = `${credentials.username}:${credentials.password}`;
    auths[address] = { auth: Buffer.from(text).toString('base64') };
  }
  await mkdir(paths.dockerConfig, { recursive: true });
  await writeFile(join(paths.dockerConfig, 'config.json'), JSON.stringify({ auths }));
}
