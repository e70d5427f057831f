import { HostUnreachableError } from '../common/errors.ts';
import type { Fleet, HostRecord } from './fleet.ts';
import { liveHost } from './live-host.ts';
import { untilShown } from './until-shown.ts';

/** The host with an inventory that was read after this was called. */
export async function freshHost(
  fleet: Fleet,
  name: string,
  signal: AbortSignal,
): Promise<HostRecord> {
  const host = await liveHost(fleet, name, signal);
  const look = fleet.refresh(name);
  const isFresh = () => host.status.state === 'ONLINE' && host.status.inventoryLook >= look;
  await untilShown(fleet, name, signal, isFresh);
  signal.throwIfAborted();
  if (isFresh()) return host;
  const { state, error } = host.status;
  throw new HostUnreachableError(
    `${name} is ${state} and could not be looked at anew: ${error?.message ?? 'no answer in time'}`,
    { host: name },
  );
}
