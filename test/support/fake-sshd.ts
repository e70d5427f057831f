import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { Connection, ServerChannel } from 'ssh2';
import type { SshEndpoint } from '../../src/engine/endpoint.ts';

/** What a command of a client is answered; null where commands are refused. */
export interface FakeShell {
  /** `docker system dial-stdio`: leads to the engine (`ENGINE`) or fails in these words. */
  docker: 'ENGINE' | { exitCode: number; stderr: string };
  /** What a look at the socket finds: words of `socket`, `writable`, `docker`. */
  look: string;
}

/** How a fake SSH server behaves; may be changed while it runs. */
export interface FakeSshdBehaviour {
  forwarding: boolean;
  shell: FakeShell | null;
}

/** Types of keys that `ssh2` can make. */
export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/**
 * An SSH server in this process (ssh2's own), for what a real sshd cannot be brought to do on demand.
 * Forwarded sockets lead to the TCP port of a fake engine, whatever their path.
 */
export class FakeSshd implements AsyncDisposable {
  readonly behaviour: FakeSshdBehaviour = { forwarding: true, shell: null };
  /** SSH connections that were ever made. */
  connectionCount = 0;
  /** Requests to forward, granted or not. */
  forwardCount = 0;
  /** Commands `docker system dial-stdio` under way, and the most there were. */
  dialStdio = { now: 0, most: 0 };
  readonly directory: string;
  readonly hostKeys: Partial<Record<HostKeyType, string>>;
  readonly endpoint: SshEndpoint;
  readonly #server: ssh2.Server;
  readonly #enginePort: number;
  readonly #connections = new Set<Connection>();

  private constructor(
    server: ssh2.Server,
    enginePort: number,
    parts: Pick<FakeSshd, 'directory' | 'hostKeys' | 'endpoint'>,
  ) {
    this.#server = server;
    this.#enginePort = enginePort;
    this.directory = parts.directory;
    this.hostKeys = parts.hostKeys;
    this.endpoint = parts.endpoint;
    server.on('connection', (client) => this.#accept(client));
  }

  /** Starts one whose sockets lead to a port of this machine. */
  static async start(enginePort: number, keyTypes: HostKeyType[] = ['ed25519']): Promise<FakeSshd> {
    const directory = await mkdtemp(join(tmpdir(), 'dockgraph-sshd-'));
    const pairs = keyTypes.map((type) => [type, generate(type)] as const);
    const user = generate('ed25519');
    const server = new ssh2.Server({ hostKeys: pairs.map(([, pair]) => pair.private) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const identityFile = join(directory, 'id');
    const knownHosts = join(directory, 'known_hosts');
    await writeFile(identityFile, user.private);
    const lines = pairs.map(([, pair]) => `[127.0.0.1]:${port} ${pair.public}\n`);
    await writeFile(knownHosts, lines.join(''));
    return new FakeSshd(server, enginePort, {
      directory,
      hostKeys: Object.fromEntries(pairs.map(([type, pair]) => [type, pair.public])),
      endpoint: {
        transport: 'SSH',
        host: '127.0.0.1',
        port,
        user: 'ops',
        identityFiles: [identityFile],
        knownHostsFiles: [knownHosts],
        remoteSocketPath: '/var/run/docker.sock',
        jumps: [],
      },
    });
  }

  /** Writes the known_hosts file anew. */
  async know(lines: string[]): Promise<void> {
    await writeFile(this.endpoint.knownHostsFiles[0]!, lines.map((line) => `${line}\n`).join(''));
  }

  /** Breaks all connections, as a restart does. */
  drop(): void {
    for (const client of this.#connections) client.end();
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.drop();
    await closed;
    await rm(this.directory, { recursive: true });
  }

  #accept(client: Connection): void {
    this.connectionCount++;
    this.#connections.add(client);
    client
      .on('error', () => {})
      .on('close', () => this.#connections.delete(client))
      .on('authentication', (context) => {
        if (context.method === 'publickey') context.accept();
        else context.reject(['publickey']);
      })
      .on('openssh.streamlocal', (accept: () => ServerChannel, reject: () => void) => {
        this.forwardCount++;
        if (this.behaviour.forwarding) this.#join(accept());
        else reject();
      })
      .on('session', (accept, reject) => {
        const { shell } = this.behaviour;
        if (shell === null) {
          reject();
          return;
        }
        accept().on('exec', (acceptExec, _reject, { command }) => {
          this.#run(command, acceptExec(), shell);
        });
      });
  }

  #run(command: string, channel: ServerChannel, shell: FakeShell): void {
    if (!command.startsWith('docker ')) {
      channel.write(`${shell.look}\n`);
      channel.exit(0);
      channel.end();
    } else if (shell.docker === 'ENGINE') {
      this.dialStdio.now++;
      this.dialStdio.most = Math.max(this.dialStdio.most, this.dialStdio.now);
      channel.on('close', () => this.dialStdio.now--);
      this.#join(channel);
    } else {
      channel.stderr.write(shell.docker.stderr);
      channel.exit(shell.docker.exitCode);
      channel.end();
    }
  }

  #join(channel: ServerChannel): void {
    const socket = connect(this.#enginePort, '127.0.0.1');
    channel.pipe(socket).pipe(channel);
    socket.on('error', () => channel.close()).on('close', () => channel.close());
    channel.on('close', () => socket.destroy()).on('error', () => socket.destroy());
  }
}

function generate(type: HostKeyType): { private: string; public: string } {
  for (;;) {
    const pair = generateOnce(type);
    // One in 200 of ssh2's ed25519 keys is malformed; ssh-keygen cannot read those either.
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function generateOnce(type: HostKeyType): { private: string; public: string } {
  switch (type) {
    case 'ed25519':
      return ssh2.utils.generateKeyPairSync('ed25519');
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
  }
}
