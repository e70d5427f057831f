import { existsSync } from 'node:fs';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { runCommand } from './command.ts';

/** What the lab runs from the machine's own release, and the program that shows it is there. */
const PACKAGES: Packages = {
  'docker.io': '/usr/sbin/dockerd',
  'docker-registry': '/usr/bin/docker-registry',
  'openssh-server': '/usr/sbin/sshd',
  'openssh-client': '/usr/bin/ssh-keygen',
  'busybox-static': '/bin/busybox',
  openssl: '/usr/bin/openssl',
};

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_KEPT = `${POLICY}.before-dockgraph-lab`;
const OUR_POLICY = '#!/bin/sh\n# dockgraph lab\nexit 101\n';
const NONINTERACTIVE = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

/** Packages by name, each with the program that shows it is there. */
type Packages = Readonly<Record<string, string>>;

/** The packages whose program is not on this machine. */
export function missingPackages(packages: Packages = PACKAGES): string[] {
  return Object.entries(packages)
    .filter(([, program]) => !existsSync(program))
    .map(([name]) => name);
}

/** Fails with what is wrong when this machine cannot run the lab at all. */
export async function requireDebian(): Promise<void> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1];
  if (process.getuid?.() !== 0 || codename !== 'bookworm') {
    throw new Error(
      'The lab runs real Docker engines side by side, for which it needs Debian 12 (bookworm) ' +
        `as root; this is ${codename ?? process.platform}, user ${process.getuid?.() ?? '?'}.`,
    );
  }
}

/** Installs what is missing, without letting any of it start as a service of the machine. */
export async function installPackages(
  log: (line: string) => void,
  packages: Packages = PACKAGES,
): Promise<void> {
  const missing = missingPackages(packages);
  if (missing.length === 0) return;
  log(`installing ${missing.join(', ')}`);
  await withoutServices(async () => {
    // The lists on the machine are usually good enough; fetching them again takes longer.
    await install(missing).catch(async () => {
      await aptGet(['update']);
      await install(missing);
    });
  });
}

function install(packages: readonly string[]): Promise<void> {
  return aptGet(['install', '-y', '--no-install-recommends', ...packages]);
}

async function aptGet(args: readonly string[]): Promise<void> {
  await runCommand('apt-get', ['-q', ...args], { env: { ...process.env, ...NONINTERACTIVE } });
}

/** policy-rc.d answering 101 is Debian's own way to say "start no service". */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  await restorePolicy();
  if (existsSync(POLICY)) await rename(POLICY, POLICY_KEPT);
  try {
    await writeFile(POLICY, OUR_POLICY);
    await chmod(POLICY, 0o755);
    await work();
  } finally {
    await restorePolicy();
  }
}

/** Also after an install that was interrupted. */
async function restorePolicy(): Promise<void> {
  const content = await readFile(POLICY, 'utf8').catch(() => '');
  if (content === OUR_POLICY) await rm(POLICY);
  if (existsSync(POLICY_KEPT)) await rename(POLICY_KEPT, POLICY);
}
