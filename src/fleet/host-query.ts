import type { Transport } from '../engine/endpoint.ts';
import type { Fleet, HostRecord } from './fleet.ts';
import type { HostState } from './host-monitor.ts';
import { parseLabelSelector } from './label-selector.ts';
import type { Order } from './ordered.ts';

/** Which hosts; all that is given must hold. The SDL's `HostFilter` describes each. */
export interface HostFilter {
  names?: readonly string[] | null;
  labels?: string | null;
  states?: readonly HostState[] | null;
  transports?: readonly Transport[] | null;
}

/** An order of hosts; the SDL's `HostOrder`. */
export interface HostOrder {
  field: 'NAME' | 'IMAGE_COUNT' | 'LATENCY';
  direction: 'ASC' | 'DESC';
}

/** The hosts that fit. */
export function* selectHosts(fleet: Fleet, filter: HostFilter): Generator<HostRecord> {
  const { names, labels, states, transports } = filter;
  const fits = labels == null ? undefined : parseLabelSelector(labels);
  const candidates = names ? new Set(names.map((name) => fleet.host(name))) : fleet.hosts.values();
  for (const host of candidates) {
    if (fits && !fits(host.config.labels)) continue;
    if (states && !states.includes(host.status.state)) continue;
    if (transports && !transports.includes(host.config.endpoint.transport)) continue;
    yield host;
  }
}

/** An order of hosts. */
export function hostOrder({ field, direction }: HostOrder): Order<HostRecord> {
  const unknown = direction === 'ASC' ? Number.MAX_VALUE : -1;
  const keys: Record<HostOrder['field'], (host: HostRecord) => number | string> = {
    NAME: ({ config }) => config.name,
    IMAGE_COUNT: ({ slot }) => slot.images.size,
    LATENCY: ({ status }) => status.latencyMs ?? unknown,
  };
  return { direction, idOf: ({ config }) => config.name, keyOf: keys[field] };
}
