import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What a person types to get a lab; every "not there" error carries it. */
export const UP_COMMAND = 'npm run lab -- up && npm run lab -- seed';

/** Where one lab lives. Two labs with different roots do not know of each other. */
export interface LabPaths {
  /** Everything the lab makes; `down` removes it whole. */
  readonly root: string;
  readonly stateFile: string;
  readonly hostsFile: string;
  /** Throw-away daemons of tests, so that `down` finds what a crashed test left. */
  readonly scratch: string;
  /** Docker CLI configuration with the logins of the registries that want one. */
  readonly dockerConfig: string;
  /** Downloaded packages and the unpacked newer engines; survives `down`. */
  readonly cache: string;
}

/** Reads `DOCKGRAPH_LAB_ROOT` and `DOCKGRAPH_LAB_CACHE`; both have defaults. */
export function labPaths(env: NodeJS.ProcessEnv = process.env): LabPaths {
  const root = resolve(env['DOCKGRAPH_LAB_ROOT'] ?? join(tmpdir(), 'dockgraph-lab'));
  return {
    root,
    stateFile: join(root, 'state.json'),
    hostsFile: join(root, 'dockgraph.yaml'),
    scratch: join(root, 'scratch'),
    dockerConfig: join(root, 'docker-config'),
    cache: resolve(env['DOCKGRAPH_LAB_CACHE'] ?? join(homedir(), '.cache', 'dockgraph-lab')),
  };
}
