import { text } from 'node:stream/consumers';
import type { Client } from 'ssh2';
import { HostAuthFailedError, HostUnreachableError } from '../../../common/errors.ts';
import type { DockgraphError } from '../../../common/errors.ts';
import { DEFAULT_SOCKET_PATH } from '../../endpoint.ts';
import { oneLine } from '../../engine-errors.ts';
import { ChannelSocket } from './channel-socket.ts';
import { isOpenFailure, openCommand } from './forward.ts';

/** Where the far machine's own docker command shall connect to. */
export interface DialStdioOptions {
  /** The host's configured name. */
  host: string;
  sshHost: string;
  user: string;
  socketPath: string;
  /** Called when the engine's first bytes come through. */
  onWorks: () => void;
}

const MAX_STDERR = 4096;

/**
 * Reaches the engine by `docker system dial-stdio` on the far machine, as the docker CLI does: the
 * way out where the SSH server forbids forwarding. When that fails too, it finds out why.
 */
export async function openDialStdio(
  client: Client,
  options: DialStdioOptions,
): Promise<ChannelSocket> {
  const { host, sshHost, user, socketPath, onWorks } = options;
  const channel = await openCommand(client, dialCommand(socketPath)).catch((cause: unknown) => {
    if (!isOpenFailure(cause)) {
      throw new HostUnreachableError(`${host}: the SSH connection was lost`, { host, cause });
    }
    throw new HostAuthFailedError(
      `${host}: the SSH server ${sshHost} lets ${user} neither forward to ${socketPath} nor run ` +
        'commands; allow AllowStreamLocalForwarding in its sshd_config (or raise MaxSessions)',
      { host, cause },
    );
  });
  let exitCode: number | null = null;
  let stderr = '';
  channel
    .on('exit', (code: number | null) => {
      exitCode = code;
    })
    .once('data', onWorks)
    .stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < MAX_STDERR) stderr += chunk.toString();
    });
  return new ChannelSocket(channel, async () => {
    if (exitCode === 0 && stderr === '') return null;
    return dialProblem(options, oneLine(stderr), await look(client, socketPath));
  });
}

/** Without a path of its own the far docker command decides, by its contexts for example. */
function dialCommand(socketPath: string): string {
  if (socketPath === DEFAULT_SOCKET_PATH) return 'docker system dial-stdio';
  return `docker --host ${shellQuoted(`unix://${socketPath}`)} system dial-stdio`;
}

/** What is to be seen on the far machine. */
interface Sight {
  socket: boolean;
  writable: boolean;
  docker: boolean;
}

const LOOK =
  'test -S "$1" && echo socket; test -w "$1" && echo writable; ' +
  'command -v docker >/dev/null 2>&1 && echo docker; true';

/** Null where the server runs no shell for us. */
async function look(client: Client, socketPath: string): Promise<Sight | null> {
  try {
    const channel = await openCommand(client, `sh -c '${LOOK}' sh ${shellQuoted(socketPath)}`);
    channel.stderr.resume();
    const words = new Set((await text(channel)).split(/\s+/));
    return {
      socket: words.has('socket'),
      writable: words.has('writable'),
      docker: words.has('docker'),
    };
  } catch {
    return null;
  }
}

function dialProblem(
  { host, sshHost, user, socketPath }: DialStdioOptions,
  stderr: string,
  sight: Sight | null,
): DockgraphError {
  const said = stderr === '' ? '' : ` (${stderr})`;
  if (sight?.socket === false) {
    return new HostUnreachableError(
      `${host}: there is no socket ${socketPath} on ${sshHost}; is the engine running there? If ` +
        `its socket is elsewhere, configure that${said}`,
      { host },
    );
  }
  if (sight?.writable === false || /permission denied/i.test(stderr)) {
    return new HostAuthFailedError(
      `${host}: ${user} may not use ${socketPath} on ${sshHost}; add the user to the socket's ` +
        `group there: usermod -aG docker ${user}${said}`,
      { host },
    );
  }
  if (sight?.docker === false) {
    return new HostAuthFailedError(
      `${host}: the SSH server ${sshHost} refuses to forward to ${socketPath}, and there is no ` +
        'docker command to fall back to. Allow AllowStreamLocalForwarding and AllowTcpForwarding ' +
        'in its sshd_config, or install the docker CLI there; if both are as they should be, ' +
        'nothing listens on the socket',
      { host },
    );
  }
  return new HostUnreachableError(
    `${host}: docker system dial-stdio on ${sshHost} failed${said || ' without a word'}`,
    { host },
  );
}

function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
