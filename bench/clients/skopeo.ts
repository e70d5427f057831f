import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { labPaths, runCommand } from '../../test/lab/index.ts';
import type { TemporaryFolder } from '../process/temporary-folder.ts';
import type { LabTarget } from './lab-fleet.ts';

/** Debian's skopeo with the libraries that this machine may lack. */
const PACKAGES = ['skopeo', 'libgpgme11', 'libassuan0', 'libgpg-error0', 'libdevmapper1.02.1'];

/** `skopeo copy docker-daemon:… docker-daemon:…`, unpacked into the lab's cache and not installed. */
export class Skopeo {
  readonly #root: string;
  readonly #folder: TemporaryFolder;

  private constructor(root: string, folder: TemporaryFolder) {
    this.#root = root;
    this.#folder = folder;
  }

  static async fetch(folder: TemporaryFolder): Promise<Skopeo> {
    const root = join(labPaths().cache, 'skopeo-root');
    if (!existsSync(root)) {
      const unfinished = `${root}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      const options = ['-o', 'APT::Sandbox::User=root'];
      await runCommand('apt-get', ['-q', ...options, 'download', ...PACKAGES], { cwd: unfinished });
      for (const file of await readdir(unfinished)) {
        if (!file.endsWith('.deb')) continue;
        await runCommand('dpkg-deb', ['-x', join(unfinished, file), unfinished]);
      }
      await rename(unfinished, root);
    }
    return new Skopeo(root, folder);
  }

  /** Whether it has a way to this host: it knows no SSH. */
  reaches({ via }: LabTarget<string>): boolean {
    return via !== 'ssh';
  }

  async copy(
    reference: string,
    source: LabTarget<string>,
    target: LabTarget<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const from = await this.#hostArgs('src', source);
    const to = await this.#hostArgs('dest', target);
    const image = `docker-daemon:${reference}`;
    await runCommand(
      join(this.#root, 'usr/bin/skopeo'),
      ['--insecure-policy', 'copy', '--quiet', ...from, ...to, image, image],
      {
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          LD_LIBRARY_PATH: join(this.#root, 'usr/lib/x86_64-linux-gnu'),
          HOME: this.#folder.path,
          // It keeps the whole archive there, and would take /var/tmp.
          TMPDIR: this.#folder.path,
        },
        signal,
      },
    );
  }

  async #hostArgs(side: 'src' | 'dest', target: LabTarget<string>): Promise<string[]> {
    const daemon = `--${side}-daemon-host`;
    if (target.via === 'unix') return [daemon, `unix://${target.socketPath}`];
    if (target.via === 'ssh') throw new Error('skopeo reaches no daemon over SSH');
    const { tls, port } = target;
    if (!tls) return [daemon, `http://127.0.0.1:${port}`];
    const certificates = this.#folder.file(`skopeo-${target.name}`);
    await mkdir(certificates, { recursive: true });
    for (const [name, file] of Object.entries(tls)) {
      await copyFile(file, join(certificates, `${name}.pem`));
    }
    return [daemon, `https://127.0.0.1:${port}`, `--${side}-cert-dir`, certificates];
  }
}
