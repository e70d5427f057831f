import type { Fleet } from '../fleet/fleet.ts';
import type { RequestInfo, Viewer } from './api.ts';
import { createLoaders } from './loaders.ts';
import type { Loaders } from './loaders.ts';

/** What every resolver gets. */
export class GraphqlContext implements RequestInfo {
  readonly fleet: Fleet;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
  readonly requestId: string;
  #loaders: Loaders | undefined;

  constructor(fleet: Fleet, { viewer, signal, requestId }: RequestInfo) {
    this.fleet = fleet;
    this.viewer = viewer;
    this.signal = signal;
    this.requestId = requestId;
  }

  /** Made on first use: most requests are answered from memory and need none. */
  get loaders(): Loaders {
    this.#loaders ??= createLoaders(this.signal);
    return this.#loaders;
  }

  /** Forgets what was loaded: the events of one subscription must not see each other's answers. */
  forgetLoaded(): void {
    this.#loaders = undefined;
  }
}
