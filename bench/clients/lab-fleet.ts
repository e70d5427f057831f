/* The lab's hosts as every client of the bench reaches them: directly, or over delaying proxies. */
import type { HostName, Lab } from '../../test/lab/index.ts';
import { HOST_NAMES, writeKnownHosts } from '../../test/lab/index.ts';
import type { Child } from '../process/child.ts';
import type { HostEntry } from '../process/gateway-process.ts';
import type { TemporaryFolder } from '../process/temporary-folder.ts';
import type { ProxyRequest } from '../servers/delay-proxy.ts';

/** Where one host is reached, with what that takes. */
export type LabTarget<Name extends string = HostName> =
  | { name: Name; via: 'unix'; socketPath: string }
  | { name: Name; via: 'tcp'; port: number; tls?: { ca: string; cert: string; key: string } }
  | { name: Name; via: 'ssh'; port: number; identityFile: string; knownHosts: string };

/** The targets as the lab has them. */
export function directTargets(lab: Lab): LabTarget[] {
  return HOST_NAMES.map((name): LabTarget => {
    const { endpoint, tls, ssh } = lab.hosts[name];
    const { protocol, pathname, port } = new URL(endpoint);
    if (protocol === 'unix:') return { name, via: 'unix', socketPath: pathname };
    if (ssh) return { name, via: 'ssh', port: Number(port), ...ssh };
    return { name, via: 'tcp', port: Number(port), ...(tls && { tls }) };
  });
}

/** The same behind proxies that add `delayMs` to every round trip; unix sockets stay as they are. */
export async function delayedTargets(
  lab: Lab,
  proxy: Child,
  delayMs: number,
  folder: TemporaryFolder,
): Promise<LabTarget[]> {
  return Promise.all(
    directTargets(lab).map(async (target): Promise<LabTarget> => {
      if (target.via === 'unix') return target;
      const request: ProxyRequest = { port: target.port, delayMs };
      const port = await proxy.ask<number>('open', request);
      if (target.via === 'tcp') return { ...target, port };
      const { hostKey } = lab.sshds.charlie;
      const key = { file: hostKey, publicFile: `${hostKey}.pub` };
      const knownHosts = folder.file(`known_hosts-${port}`);
      await writeKnownHosts(knownHosts, [[port, key]]);
      return { ...target, port, knownHosts };
    }),
  );
}

/** What dockgraph's hosts file says of a target. */
export function hostEntry(target: LabTarget<string>): HostEntry {
  const { name } = target;
  switch (target.via) {
    case 'unix':
      return { name, endpoint: `unix://${target.socketPath}` };
    case 'tcp':
      return { name, endpoint: `tcp://127.0.0.1:${target.port}`, tls: target.tls };
    case 'ssh': {
      const { port, identityFile, knownHosts } = target;
      return { name, endpoint: `ssh://root@127.0.0.1:${port}`, ssh: { identityFile, knownHosts } };
    }
  }
}
