import type { Part } from '../part.ts';
import { delta } from './delta.ts';
import { fanOut } from './fan-out.ts';
import { far } from './far.ts';
import { footprint } from './footprint.ts';
import { whole } from './whole.ts';

/** How fast images go from host to host, and what that takes of the gateway. */
export const transferSuite: readonly Part[] = [...whole, ...delta, fanOut, ...footprint, ...far];
