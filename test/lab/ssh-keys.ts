import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** A key pair in OpenSSH files. */
export interface SshKey {
  /** The private key; its public half is beside it with `.pub`. */
  readonly file: string;
  readonly publicFile: string;
  readonly passphrase?: string | undefined;
}

/** Every key of the lab. */
interface LabSshKeys {
  readonly user: SshKey;
  readonly userWithPassphrase: SshKey;
  /** No server of the lab lets it in. */
  readonly unauthorized: SshKey;
  readonly hosts: Readonly<Record<'charlie' | 'noForwarding' | 'jump', SshKey>>;
  /** A host key that no server of the lab has. */
  readonly otherHost: SshKey;
}

/** Makes one ed25519 key pair. */
export async function makeSshKey(
  directory: string,
  name: string,
  passphrase?: string,
): Promise<SshKey> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, name);
  await rm(file, { force: true });
  const args = ['-q', '-t', 'ed25519', '-N', passphrase ?? '', '-C', `dockgraph-lab-${name}`];
  await runCommand('ssh-keygen', [...args, '-f', file]);
  return { file, publicFile: `${file}.pub`, passphrase };
}

/** Makes them all in `directory`. */
export async function makeSshKeys(directory: string): Promise<LabSshKeys> {
  const make = (name: string, passphrase?: string) => makeSshKey(directory, name, passphrase);
  const [user, userWithPassphrase, unauthorized, charlie, noForwarding, jump, otherHost] =
    await Promise.all([
      make('user'),
      make('user-with-passphrase', 'correct horse battery staple'),
      make('unauthorized'),
      make('host-charlie'),
      make('host-no-forwarding'),
      make('host-jump'),
      make('host-other'),
    ]);
  return {
    user,
    userWithPassphrase,
    unauthorized,
    hosts: { charlie, noForwarding, jump },
    otherHost,
  };
}

/** A known_hosts line for a server on a loopback port. */
async function knownHostsLine(port: number, hostKey: SshKey): Promise<string> {
  const [type, key] = (await readFile(hostKey.publicFile, 'utf8')).split(' ');
  return `[127.0.0.1]:${port} ${type} ${key}\n`;
}

/** Writes a known_hosts file with these servers. */
export async function writeKnownHosts(
  file: string,
  servers: readonly (readonly [port: number, hostKey: SshKey])[],
): Promise<string> {
  const lines = await Promise.all(servers.map(([port, key]) => knownHostsLine(port, key)));
  await writeFile(file, lines.join(''));
  return file;
}
