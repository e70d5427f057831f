/*
 * The engines of Debian 13 on Debian 12: their packages are downloaded by an apt whose state is ours
 * and unpacked, with every library they need, into a folder in the cache. Nothing of the system
 * is touched; a daemon sees the folder as its /usr.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import type { LabPaths } from './paths.ts';

const CODENAME = 'trixie';
/** What is fetched, and the program that shows it is there. */
const PACKAGES = { 'docker.io': 'sbin/dockerd', podman: 'bin/podman' };
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The folder that a daemon of 26.1 or Podman uses as its /usr. */
export function newerEngineUsr({ cache }: LabPaths): string {
  return join(cache, `${CODENAME}-root`, 'usr');
}

/** Whether the newer engines are in the cache. */
export function hasNewerEngine(paths: LabPaths): boolean {
  const usr = newerEngineUsr(paths);
  return Object.values(PACKAGES).every((program) => existsSync(join(usr, program)));
}

/** Downloads and unpacks the newer engines unless they are in the cache. */
export async function fetchNewerEngine(
  paths: LabPaths,
  log: (line: string) => void,
): Promise<void> {
  if (hasNewerEngine(paths)) return;
  log(`fetching the engines of Debian ${CODENAME}`);
  const apt = join(paths.cache, 'apt');
  const archives = join(apt, 'cache', 'archives');
  await mkdir(join(apt, 'lists', 'partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  // Nothing counts as installed: so apt fetches every library too, the C library included.
  await writeFile(join(apt, 'status'), '');
  await writeFile(
    join(apt, 'sources.list'),
    `deb [signed-by=${KEYRING}] ${await mirrorOfThisMachine()} ${CODENAME} main\n`,
  );
  const options = [
    `Dir::Etc::sourcelist=${join(apt, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    'Dir::Etc::preferences=-',
    'Dir::Etc::preferencesparts=-',
    `Dir::State::Lists=${join(apt, 'lists')}`,
    `Dir::State::status=${join(apt, 'status')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'APT::Sandbox::User=root',
    'APT::Keep-Downloaded-Packages=true',
  ].flatMap((option) => ['-o', option]);
  await runCommand('apt-get', ['-q', ...options, 'update']);
  const install = ['install', '-y', '--no-install-recommends', '--download-only'];
  await runCommand('apt-get', ['-q', ...options, ...install, ...Object.keys(PACKAGES)]);
  await unpack(archives, join(paths.cache, `${CODENAME}-root`));
}

/** Where this machine gets its own Debian from: any mirror carries the newer release as well. */
async function mirrorOfThisMachine(): Promise<string> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = await runCommand('apt-get', [
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
  ]);
  for (const line of targets.split('\n')) {
    const [uri, release, component] = line.split(' ');
    if (uri !== undefined && release === 'bookworm' && component === 'main') return uri;
  }
  throw new Error('apt on this machine has no source for the main part of Debian bookworm');
}

async function unpack(archives: string, target: string): Promise<void> {
  // Another name until it is whole: a tree that was interrupted is never taken for a good one.
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(unfinished, 'usr', name), { recursive: true });
    await symlink(join('usr', name), join(unfinished, name));
  }
  for (const file of await readdir(archives)) {
    if (file.endsWith('.deb')) {
      await runCommand('dpkg-deb', ['-x', join(archives, file), unfinished]);
    }
  }
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}
