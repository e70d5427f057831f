import type { Part } from '../part.ts';
import { change } from './change.ts';
import { fleetQuery } from './fleet-query.ts';
import { simulatedFleet } from './simulated-fleet.ts';
import { smallQuery } from './small-query.ts';
import { sshLatency } from './ssh-latency.ts';

/** How fast and how small the live graph is. */
export const querySuite: readonly Part[] = [
  fleetQuery,
  smallQuery,
  simulatedFleet,
  change,
  sshLatency,
];
