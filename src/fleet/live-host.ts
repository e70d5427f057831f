import { HostAuthFailedError, HostUnreachableError } from '../common/errors.ts';
import type { Fleet, HostRecord } from './fleet.ts';

const DEADLINE_MS = 30_000;

/**
 * The host when its inventory is live. One that is just being reached is waited for, as after a
 * restart of the gateway; one that is down is an error at once, not after a time-out.
 */
export async function liveHost(
  fleet: Fleet,
  name: string,
  signal: AbortSignal,
): Promise<HostRecord> {
  const host = fleet.host(name);
  const isPending = () => /^(?:CONNECTING|SYNCING)$/.test(host.status.state);
  if (isPending()) {
    const changes = fleet.hostChanges.subscribe({
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      accept: (changed) => changed === host,
      coalesceBy: () => name,
    });
    while (isPending() && !(await changes.next()).done);
    await changes.return();
  }
  signal.throwIfAborted();
  const { state, error } = host.status;
  if (state === 'ONLINE') return host;
  const Condition = state === 'UNAUTHORIZED' ? HostAuthFailedError : HostUnreachableError;
  throw new Condition(`${name} is ${state}: ${error?.message ?? 'it did not answer in time'}`, {
    host: name,
    details: { hint: 'Retry the operation when the host is ONLINE.' },
  });
}
