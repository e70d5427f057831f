import type { EngineEndpoint, SshEndpoint, TlsEndpoint } from '../../src/engine/endpoint.ts';
import type { HostName, Lab } from '../lab/index.ts';

/** The endpoint of a host of the lab, as the hosts file would make it. */
export function labEndpoint(lab: Lab, name: HostName): EngineEndpoint {
  const host = lab.hosts[name];
  const { protocol, hostname, port, pathname } = new URL(host.endpoint);
  switch (protocol) {
    case 'unix:':
      return { transport: 'UNIX', socketPath: pathname };
    case 'ssh:':
      return labSshEndpoint(lab);
    case 'tcp:':
      return host.tls
        ? labTlsEndpoint(lab)
        : { transport: 'TCP', host: hostname, port: Number(port) };
    default:
      throw new Error(`the lab has an endpoint of an unknown kind: ${host.endpoint}`);
  }
}

/** bravo over TLS with its own client certificate. */
export function labTlsEndpoint(lab: Lab): TlsEndpoint {
  const { endpoint, tls } = lab.hosts.bravo;
  const { hostname, port } = new URL(endpoint);
  return {
    transport: 'TLS',
    host: hostname,
    port: Number(port),
    ...(tls && { caFile: tls.ca, certFile: tls.cert, keyFile: tls.key }),
  };
}

/** charlie over SSH with the key that it lets in. */
export function labSshEndpoint(lab: Lab): SshEndpoint {
  const { endpoint, ssh } = lab.hosts.charlie;
  if (ssh === undefined) throw new Error('charlie is not reached over SSH');
  const { hostname, port, username } = new URL(endpoint);
  return {
    transport: 'SSH',
    host: hostname,
    port: Number(port),
    user: username,
    identityFiles: [ssh.identityFile],
    knownHostsFiles: [ssh.knownHosts],
    remoteSocketPath: ssh.socket,
    jumps: [],
  };
}
