import { writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { runCommand } from '../../test/lab/index.ts';
import type { TemporaryFolder } from '../process/temporary-folder.ts';
import type { LabTarget } from './lab-fleet.ts';

/** The one of the machine's docker.io package, as the lab has it. */
const DOCKER = '/usr/bin/docker';

/** The docker CLI, pointed at one host with `-H` as a shell script would. */
export class DockerCli {
  readonly #folder: TemporaryFolder;

  constructor(folder: TemporaryFolder) {
    this.#folder = folder;
  }

  /** Runs it; answers standard output. */
  async run(target: LabTarget, args: readonly string[], signal: AbortSignal): Promise<string> {
    return runCommand(DOCKER, [...this.#hostArgs(target), ...args], {
      env: {
        PATH: [this.#folder.path, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(delimiter),
        DOCKER_CONFIG: this.#folder.path,
      },
      signal,
    });
  }

  #hostArgs(target: LabTarget): string[] {
    switch (target.via) {
      case 'unix':
        return ['-H', `unix://${target.socketPath}`];
      case 'tcp': {
        const { port, tls } = target;
        const files = tls && [
          `--tlscacert=${tls.ca}`,
          `--tlscert=${tls.cert}`,
          `--tlskey=${tls.key}`,
        ];
        return [...(files ? ['--tlsverify', ...files] : []), '-H', `tcp://127.0.0.1:${port}`];
      }
      case 'ssh':
        this.#writeSsh(target);
        return ['-H', `ssh://root@127.0.0.1:${target.port}`];
    }
  }

  /** The CLI runs whatever `ssh` is on the PATH and has no way to hand it a key. */
  #writeSsh({ identityFile, knownHosts }: Extract<LabTarget, { via: 'ssh' }>): void {
    const options = [
      `IdentityFile=${identityFile}`,
      'IdentitiesOnly=yes',
      `UserKnownHostsFile=${knownHosts}`,
      'StrictHostKeyChecking=yes',
      'BatchMode=yes',
    ];
    const args = options.map((option) => `-o '${option}'`).join(' ');
    const script = `#!/bin/sh\nexec /usr/bin/ssh -F none ${args} "$@"\n`;
    writeFileSync(this.#folder.file('ssh'), script, { mode: 0o755 });
  }
}
