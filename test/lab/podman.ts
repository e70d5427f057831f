/** Podman as an engine of the lab: its service speaks Docker's API on a unix socket. */
import { join } from 'node:path';

/** Its service, for one folder. What it keeps in /run is gone with its namespace, as after a boot. */
export function podmanCommand(directory: string, socketPath: string): [string, ...string[]] {
  return [
    '/usr/bin/podman',
    `--root=${join(directory, 'data')}`,
    '--runroot=/run/containers',
    '--storage-driver=overlay',
    'system',
    'service',
    '--time=0',
    `unix://${socketPath}`,
  ];
}

/** What it must find in its /etc: Debian's own files ask for signatures or for what is not there. */
export const PODMAN_ETC: Readonly<Record<string, string>> = {
  'containers/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}\n',
  // As dockerd takes them.
  'containers/registries.conf': '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n',
  'containers/containers.conf': `[containers]
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
`,
};
