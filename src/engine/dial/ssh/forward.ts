import type { Client, ClientChannel, TcpConnectionDetails } from 'ssh2';
import { LOOPBACK } from '../return-port.ts';
import type { ReturnPort, TakeConnection } from '../return-port.ts';
import { ChannelSocket } from './channel-socket.ts';

/** A channel to a unix socket of the far machine, as `ssh -L` with a path makes one. */
export async function openForward(client: Client, socketPath: string): Promise<ClientChannel> {
  return opened((done) => client.openssh_forwardOutStreamLocal(socketPath, done));
}

/** A channel to another machine, as ProxyJump makes one. */
export async function openTunnel(
  client: Client,
  { host, port }: { host: string; port: number },
): Promise<ClientChannel> {
  return opened((done) => client.forwardOut('127.0.0.1', 0, host, port, done));
}

/** A channel that runs a command. */
export async function openCommand(client: Client, command: string): Promise<ClientChannel> {
  return opened((done) => client.exec(command, done));
}

/** A port on the far machine's loopback, as `ssh -R 127.0.0.1:0:…` makes one. */
export async function openReturnPort(client: Client, take: TakeConnection): Promise<ReturnPort> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  client.forwardIn(LOOPBACK, 0, (error, port) => (error ? reject(error) : resolve(port)));
  const port = await promise;
  let isClosed = false;
  const onConnection = (
    { destPort }: TcpConnectionDetails,
    accept: () => ClientChannel,
    refuse: () => void,
  ): void => {
    if (destPort !== port) return;
    if (isClosed) refuse();
    else take(new ChannelSocket(accept()));
  };
  client.on('tcp connection', onConnection);
  return {
    port,
    close: () => {
      isClosed = true;
      const forget = () => client.off('tcp connection', onConnection);
      try {
        client.unforwardIn(LOOPBACK, port, forget);
      } catch {
        // The connection is gone, and the port with it.
        forget();
      }
    },
  };
}

/**
 * Whether the server refused a channel (rather than the connection having broken). OpenSSH says the
 * same whether a rule forbids it or nothing is there to connect to.
 */
export function isOpenFailure(error: unknown): boolean {
  const reason = (error as { reason?: unknown }).reason;
  return typeof reason === 'number' || (error as Error).message === 'Unable to exec';
}

async function opened(
  open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void,
): Promise<ClientChannel> {
  // An exception of this callback would end the connection; a promise's never reach it.
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  open((error, channel) => (error ? reject(error) : resolve(channel)));
  return promise;
}
