import type { Duplex } from 'node:stream';
import {
  DockgraphError,
  EngineUnsupportedError,
  HostUnreachableError,
} from '../../../common/errors.ts';
import { hostPort } from '../../endpoint.ts';
import type { SshEndpoint, SshHop } from '../../endpoint.ts';
import { networkProblem } from '../connection-error.ts';
import type { DialOptions } from '../dialer.ts';
import type { ReturnPort, TakeConnection } from '../return-port.ts';
import { ChannelSocket } from './channel-socket.ts';
import { openDialStdio } from './dial-stdio.ts';
import { isOpenFailure, openForward, openReturnPort } from './forward.ts';
import { openSshLink } from './ssh-link.ts';
import type { SshLink } from './ssh-link.ts';

/**
 * How this connection reaches the engine's socket. Every connection finds out anew, since the
 * server's rules may have changed; what has worked once is not given up for the other, for a
 * refusal then means that the engine is gone.
 */
type Passage = 'UNKNOWN' | 'FORWARD' | 'EXEC';

interface OpenRoute {
  /** The machine of the engine; what lies between closes with it. */
  link: SshLink;
  passage: Passage;
  close(): void;
}

/**
 * The one SSH connection of a host, through its jump hosts, and the channels on it. It is made when
 * a channel is wanted, by one attempt at a time however many wait for it; who comes after it broke
 * makes the next. How long to wait between attempts is the caller's to say.
 */
export class SshRoute {
  readonly #endpoint: SshEndpoint;
  readonly #host: string;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  #route: Promise<OpenRoute> | null = null;

  constructor(endpoint: SshEndpoint, { host, connectTimeoutMs }: DialOptions) {
    this.#endpoint = endpoint;
    this.#host = host;
    this.#timeoutMs = connectTimeoutMs;
  }

  /** A connection to the engine's socket on the far machine. */
  async openSocket(signal: AbortSignal): Promise<Duplex> {
    const route = await orAborted((this.#route ??= this.#connect()), signal);
    return opened(this.#openChannel(route), signal, (socket) => socket.destroy());
  }

  /** A port of the far machine whose connections come to us, as `ssh -R` opens one. */
  async listen(take: TakeConnection, signal: AbortSignal): Promise<ReturnPort> {
    const { link } = await orAborted((this.#route ??= this.#connect()), signal);
    try {
      return await opened(openReturnPort(link.client, take), signal, (port) => port.close());
    } catch (cause) {
      if (signal.aborted) throw cause;
      const host = this.#host;
      const message = `${host}: the SSH server opens no port for us; AllowTcpForwarding would let it`;
      throw new EngineUnsupportedError(message, { host, cause });
    }
  }

  /** Drops everything. */
  close(): void {
    this.#closing.abort();
    void this.#route?.then(
      (route) => route.close(),
      () => {},
    );
    this.#route = null;
  }

  async #connect(): Promise<OpenRoute> {
    const links: SshLink[] = [];
    const close = () => links.forEach((link) => link.destroy());
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any([this.#closing.signal, timeout]);
    try {
      for (const hop of [...this.#endpoint.jumps, this.#endpoint]) {
        links.push(await this.#openLink(hop, links.at(-1) ?? null, signal));
      }
    } catch (error) {
      this.#route = null;
      close();
      throw error;
    }
    void Promise.race(links.map(({ closed }) => closed)).then(() => {
      this.#route = null;
      close();
    });
    return { link: links.at(-1)!, passage: 'UNKNOWN', close };
  }

  async #openLink(hop: SshHop, via: SshLink | null, signal: AbortSignal): Promise<SshLink> {
    const host = this.#host;
    try {
      return await openSshLink({ hop, host, via, signal, timeoutMs: this.#timeoutMs });
    } catch (cause) {
      if (cause instanceof DockgraphError) throw cause;
      const where = `${hop === this.#endpoint ? '' : 'the jump host '}${hostPort(hop.host, hop.port)}`;
      const message = `${host}: cannot reach ${where} for SSH: ${networkProblem(cause)}`;
      throw new HostUnreachableError(message, { host, cause });
    }
  }

  async #openChannel(route: OpenRoute): Promise<ChannelSocket> {
    const { client } = route.link;
    const { remoteSocketPath: socketPath, user, host: sshHost } = this.#endpoint;
    const host = this.#host;
    if (route.passage !== 'EXEC') {
      try {
        const channel = await openForward(client, socketPath);
        route.passage = 'FORWARD';
        return new ChannelSocket(channel);
      } catch (cause) {
        if (!isOpenFailure(cause)) {
          throw new HostUnreachableError(`${host}: the SSH connection was lost`, { host, cause });
        }
        if (route.passage === 'FORWARD') {
          const message = `${host}: nothing answers at ${socketPath} on ${sshHost}; is the engine running?`;
          throw new HostUnreachableError(message, { host, cause });
        }
      }
    }
    return openDialStdio(client, {
      host,
      sshHost,
      user,
      socketPath,
      onWorks: () => {
        if (route.passage === 'UNKNOWN') route.passage = 'EXEC';
      },
    });
  }
}

/** What is being opened; when the signal aborts before it is, nobody takes it, and it is put away. */
async function opened<T>(
  opening: Promise<T>,
  signal: AbortSignal,
  putAway: (late: T) => void,
): Promise<T> {
  try {
    return await orAborted(opening, signal);
  } catch (error) {
    void opening.then(putAway, () => {});
    throw error;
  }
}

/** The promise's value, or the signal's reason when it aborts first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
