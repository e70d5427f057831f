import type { Fleet } from './fleet.ts';
import type { HostSlot } from './records.ts';

const DEADLINE_MS = 15_000;

/**
 * Resolves when the inventory of a host shows what was done there, so that an operation ends no
 * sooner than a query can see it. The host is looked at at once: engines raise no event for much of
 * what they do. Gives up after a while without an error: the work is done all the same.
 */
export async function untilShown(
  fleet: Fleet,
  hostName: string,
  signal: AbortSignal,
  isShown: (slot: HostSlot) => boolean,
): Promise<void> {
  const host = fleet.host(hostName);
  const ends = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const changes = fleet.hostChanges.subscribe({
    signal: ends,
    accept: (changed) => changed === host,
    coalesceBy: () => hostName,
  });
  fleet.refresh(hostName);
  while (!isShown(host.slot) && !(await changes.next()).done);
  await changes.return();
}
