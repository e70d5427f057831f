import ssh2 from 'ssh2';
import type { AnyAuthMethod, Client, ConnectConfig } from 'ssh2';
import {
  DockgraphError,
  HostAuthFailedError,
  HostUnreachableError,
  messageOf,
} from '../../../common/errors.ts';
import { hostPort } from '../../endpoint.ts';
import type { SshHop } from '../../endpoint.ts';
import { KEEPALIVE_MS } from '../dialer.ts';
import { openSocket } from '../net-socket.ts';
import { ChannelSocket } from './channel-socket.ts';
import { openTunnel } from './forward.ts';
import { hostKeyCheck } from './host-key.ts';
import { readCredentials } from './ssh-keys.ts';
import type { SshCredentials } from './ssh-keys.ts';

/** One authenticated SSH connection to one machine. */
export interface SshLink {
  client: Client;
  /** Resolves when the connection is gone. */
  closed: Promise<void>;
  /** Drops the connection at once. */
  destroy(): void;
}

/** What a link is made for and over. */
export interface SshLinkOptions {
  hop: SshHop;
  /** The host's configured name, for errors. */
  host: string;
  /** The link to go through; null for the first one. */
  via: SshLink | null;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Fast ones first; with GCM no separate MAC is computed. All of them are OpenSSH's own defaults. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;

/** Connects to one machine, verifies its key and logs in. */
export async function openSshLink(options: SshLinkOptions): Promise<SshLink> {
  const { hop, host, via, signal, timeoutMs } = options;
  const [check, credentials] = await Promise.all([
    hostKeyCheck(hop, { host, behindJump: via !== null }),
    readCredentials(hop),
  ]);
  if (credentials.methods.length === 0) {
    throw new HostAuthFailedError(
      `${host}: there is no key to log in with at ${nameOf(hop)}: ${credentials.problems.join('; ')}`,
      { host },
    );
  }
  const sock = via
    ? await tunnel(via, hop, host)
    : await openSocket({ host: hop.host, port: hop.port }, signal);
  const client = new ssh2.Client();
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  let failure: DockgraphError | null = null;
  const login = loginPlan(hop, credentials);
  client
    .once('ready', resolve)
    .on('error', (error: Error & { level?: string }) => {
      if (isNote(error)) login.notes.push(error.message);
      else {
        failure ??= sshError(error, { ...options, credentials, notes: login.notes });
        reject(failure);
        sock.destroy();
      }
    })
    .once('close', () => {
      const gone = `${host}: ${nameOf(hop)} closed the SSH connection`;
      reject(failure ?? new HostUnreachableError(gone, { host }));
      onClosed();
    });
  const giveUp = () => sock.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    client.connect({
      sock,
      username: hop.user,
      readyTimeout: timeoutMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      // Forwarding to sockets is OpenSSH's own; other servers simply refuse it.
      strictVendor: false,
      algorithms: {
        cipher: [...CIPHERS],
        serverHostKey: check.algorithms,
      } as NonNullable<ConnectConfig['algorithms']>,
      hostVerifier: (key: Buffer) => {
        failure ??= check.refusal(key);
        return failure === null;
      },
      authHandler: login.next as NonNullable<ConnectConfig['authHandler']>,
    });
    await ready;
  } catch (error) {
    sock.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return { client, closed, destroy: () => sock.destroy() };
}

/** A connection to the next machine, made by the one before it. */
async function tunnel(via: SshLink, hop: SshHop, host: string): Promise<ChannelSocket> {
  const lost = via.closed.then(() => Promise.reject(new Error('the jump host hung up')));
  try {
    return new ChannelSocket(await Promise.race([openTunnel(via.client, hop), lost]));
  } catch (cause) {
    throw new HostUnreachableError(
      `${host}: the jump host cannot reach ${hostPort(hop.host, hop.port)}: ${messageOf(cause)}`,
      { host, cause },
    );
  }
}

/** Hands out one method after the other; ssh2 asks again whenever one is refused. */
function loginPlan(hop: SshHop, { methods }: SshCredentials) {
  const left = methods.map(({ method }) => method);
  return {
    notes: [] as string[],
    next: (
      _methodsLeft: unknown,
      _partialSuccess: unknown,
      done: (next: AnyAuthMethod | false) => void,
    ): void => done(left.shift() ?? false),
  };
}

/** Errors after which ssh2 goes on to the next method by itself. */
function isNote({ level, message }: Error & { level?: string }): boolean {
  if (level === 'agent') return true;
  return level === 'client-authentication' && !message.startsWith('All configured');
}

function sshError(
  error: Error & { level?: string },
  {
    hop,
    host,
    credentials,
    notes,
  }: SshLinkOptions & { credentials: SshCredentials; notes: string[] },
): DockgraphError {
  if (error instanceof DockgraphError) return error;
  const context = { host, cause: error };
  const where = nameOf(hop);
  const { level, message } = error;
  const isRefusal =
    level === 'client-authentication' || /too many authentication failures/i.test(message);
  if (isRefusal) {
    const tried = credentials.methods.map(({ name }) => name).join(', ');
    const besides = [...credentials.problems, ...notes];
    const more = besides.length > 0 ? ` (${besides.join('; ')})` : '';
    return new HostAuthFailedError(
      `${host}: ${where} refused the login (${message}). Tried ${tried}${more}. Add the public key ` +
        `to ~/.ssh/authorized_keys of ${hop.user} there, or configure another key`,
      context,
    );
  }
  if (level === 'client-timeout') {
    return new HostUnreachableError(`${host}: ${where} does not answer over SSH in time`, context);
  }
  if (/lost before handshake/i.test(message)) {
    return new HostUnreachableError(
      `${host}: ${where} closed the connection before the SSH handshake; is it an SSH server, and ` +
        'are there too many logins at once (MaxStartups)?',
      context,
    );
  }
  return new HostUnreachableError(`${host}: SSH to ${where} failed: ${messageOf(error)}`, context);
}

function nameOf({ user, host, port }: SshHop): string {
  return `${user}@${hostPort(host, port)}`;
}
