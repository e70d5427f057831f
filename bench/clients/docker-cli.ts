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
  async run(
    target: LabTarget<string>,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<string> {
    const [command, ...rest] = this.commandLine(target, args);
    return runCommand(command, rest, { env: this.#env(), signal });
  }

  /** Runs these commands with a pipe between each two, as a shell does; any that fails fails all. */
  async pipe(commands: readonly (readonly string[])[], signal: AbortSignal): Promise<void> {
    const line = commands.map((words) => words.map(quoted).join(' ')).join(' | ');
    await runCommand('/bin/bash', ['-o', 'pipefail', '-c', line], { env: this.#env(), signal });
  }

  /** The words that point docker at a host. */
  commandLine(target: LabTarget<string>, args: readonly string[]): [string, ...string[]] {
    return [DOCKER, ...this.#hostArgs(target), ...args];
  }

  /** The words that run a command on the machine of an SSH host. */
  sshLine(target: Extract<LabTarget<string>, { via: 'ssh' }>, command: string): string[] {
    this.#writeSsh(target);
    return ['ssh', '-p', String(target.port), 'root@127.0.0.1', command];
  }

  #env(): NodeJS.ProcessEnv {
    return {
      PATH: [this.#folder.path, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(delimiter),
      DOCKER_CONFIG: this.#folder.path,
    };
  }

  #hostArgs(target: LabTarget<string>): string[] {
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
  #writeSsh({ identityFile, knownHosts }: Extract<LabTarget<string>, { via: 'ssh' }>): void {
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

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
