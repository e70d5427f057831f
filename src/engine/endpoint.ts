/** Where one Docker Engine is reached and with what; made by `src/config`, dialled by `./dial`. */
export type EngineEndpoint = UnixEndpoint | TcpEndpoint | TlsEndpoint | SshEndpoint;

/** How an engine is reached. */
export type Transport = EngineEndpoint['transport'];

/** A unix socket on this machine. */
export interface UnixEndpoint {
  transport: 'UNIX';
  socketPath: string;
}

/** Plain HTTP over TCP. */
export interface TcpEndpoint {
  transport: 'TCP';
  host: string;
  port: number;
}

/** HTTP over TLS, usually with a client certificate. Files are read anew at every connection. */
export interface TlsEndpoint {
  transport: 'TLS';
  host: string;
  port: number;
  /** PEM file of the authorities that may have signed the engine's certificate; system's if absent. */
  caFile?: string;
  /** PEM files of the client certificate and its key. */
  certFile?: string;
  keyFile?: string;
  /** Accept any server certificate (docker contexts allow it). */
  skipVerify?: boolean;
}

/** One machine on the way of an SSH connection. */
export interface SshHop {
  host: string;
  port: number;
  user: string;
  /** Private keys, tried in order. */
  identityFiles: string[];
  /** File that holds the passphrase of the keys. */
  passphraseFile?: string;
  /** Unix socket of an SSH agent. */
  agentSocket?: string;
  /** OpenSSH known_hosts files, all of them searched. */
  knownHostsFiles: string[];
  /** Name to look up in known_hosts instead of the host's (HostKeyAlias). */
  hostKeyAlias?: string;
}

/** An engine's unix socket on another machine, through SSH. */
export interface SshEndpoint extends SshHop {
  transport: 'SSH';
  /** The engine's socket on the far machine. */
  remoteSocketPath: string;
  /** Machines to go through first, nearest first (ProxyJump). */
  jumps: SshHop[];
}

/** The port that docker uses for an endpoint that names none. */
export const DEFAULT_PORTS = { TCP: 2375, TLS: 2376, SSH: 22 } as const;

/** The socket that docker uses where none is named. */
export const DEFAULT_SOCKET_PATH = '/var/run/docker.sock';

/** The endpoint as a URL for people: no user's secrets, no files. */
export function formatEndpoint(endpoint: EngineEndpoint): string {
  switch (endpoint.transport) {
    case 'UNIX':
      return `unix://${endpoint.socketPath}`;
    case 'TCP':
    case 'TLS':
      return `tcp://${hostPort(endpoint.host, endpoint.port)}`;
    case 'SSH':
      return `ssh://${endpoint.user}@${hostPort(endpoint.host, endpoint.port)}`;
  }
}

/** `host:port` with IPv6 addresses in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
