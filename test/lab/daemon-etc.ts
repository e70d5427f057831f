import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Taken from the machine's own /etc: name service, time zone, trusted CAs, default programs. */
const COPIED = ['nsswitch.conf', 'resolv.conf', 'localtime', 'ssl', 'alternatives', 'mime.types'];

/** `*` and not `!`: sshd refuses a key login to an account that is locked with `!`. */
const ACCOUNTS = {
  passwd: `root:x:0:0:root:/root:/bin/sh
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`,
  shadow: 'root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n',
  group: 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
};

/**
 * Writes the /etc that a daemon sees. Its own one, so that each engine has its own
 * /etc/docker (its ID lives there) and nothing of the system is touched.
 */
export async function writeEtc(
  directory: string,
  hostname: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of COPIED) {
    const target = join(directory, name);
    await rm(target, { recursive: true, force: true });
    await cp(join('/etc', name), target, { recursive: true, verbatimSymlinks: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }
  const all = {
    ...ACCOUNTS,
    hostname: `${hostname}\n`,
    hosts: `127.0.0.1 localhost ${hostname}\n::1 localhost\n`,
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    const target = join(directory, name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}
