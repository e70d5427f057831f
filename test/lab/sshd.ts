import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';

/** How one OpenSSH server of the lab is run. */
interface SshdSpec {
  readonly name: string;
  readonly directory: string;
  readonly port: number;
  /** Private key file of the host. */
  readonly hostKey: string;
  /** Public key files of those who may log in, as root. */
  readonly authorizedKeys: readonly string[];
  /** Refuses every kind of forwarding; commands can still be run. */
  readonly forbidForwarding: boolean;
  /** The engine socket that its /var/run/docker.sock leads to, as on a real remote machine. */
  readonly dockerSocket?: string | undefined;
  /** After how many bytes it asks for new keys, such as `16M`; what OpenSSH does when left out. */
  readonly rekeyLimit?: string | undefined;
  readonly throwAway: boolean;
}

/** One real sshd on a loopback port, in namespaces of its own. */
export class Sshd {
  readonly spec: SshdSpec;
  readonly daemon: Daemon;

  constructor(spec: SshdSpec) {
    this.spec = spec;
    this.daemon = new Daemon({
      name: spec.name,
      directory: spec.directory,
      command: ['/usr/sbin/sshd', '-D', '-e', '-f', join(spec.directory, 'sshd_config')],
      run: spec.dockerSocket === undefined ? {} : { 'docker.sock': spec.dockerSocket },
      throwAway: spec.throwAway,
    });
  }

  /** Starts it and waits until it greets. */
  async start(): Promise<void> {
    const { directory, authorizedKeys } = this.spec;
    await mkdir(directory, { recursive: true });
    const keys = await Promise.all(authorizedKeys.map((file) => readFile(file, 'utf8')));
    await writeFile(join(directory, 'authorized_keys'), keys.join(''));
    await writeFile(join(directory, 'sshd_config'), this.#config());
    await chmod(this.spec.hostKey, 0o600);
    await this.daemon.start(() => greets(this.spec.port));
  }

  #config(): string {
    const { directory, port, hostKey, forbidForwarding, rekeyLimit } = this.spec;
    const lines = [
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
      // The lab's folder is below a folder that everyone may write to.
      'StrictModes no',
      'PidFile none',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UseDNS no',
      'LogLevel VERBOSE',
      ...(forbidForwarding ? ['DisableForwarding yes'] : []),
      ...(rekeyLimit === undefined ? [] : [`RekeyLimit ${rekeyLimit}`]),
    ];
    return `${lines.join('\n')}\n`;
  }
}

/** Whether an SSH server says its version on this port. */
export function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once('data', (chunk) => end(chunk.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => end(false));
    socket.once('close', () => resolve(false));
  });
}
