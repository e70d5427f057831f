import { statfs } from 'node:fs/promises';
import type { HostRecord } from './fleet.ts';

/**
 * Bytes free where a host's engine keeps its data: known only where that is on this machine, behind
 * a unix socket and under the same path.
 */
export async function freeBytes(host: HostRecord | undefined): Promise<number | null> {
  const dataRoot = host?.status.engine?.dataRoot;
  if (dataRoot == null || host?.config.endpoint.transport !== 'UNIX') return null;
  try {
    const { bavail, bsize } = await statfs(dataRoot);
    return bavail * bsize;
  } catch {
    // The engine's machine is another one, or a container of its own.
    return null;
  }
}
