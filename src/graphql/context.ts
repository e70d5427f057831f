import type { Fleet } from '../fleet/fleet.ts';
import type { PrunePlans } from '../fleet/prune-plan.ts';
import type { Operations } from '../operations/operations.ts';
import type { Transfers } from '../transfer/transfer-image.ts';
import type { TransferPlans } from '../transfer/transfer-plan.ts';
import type { RequestInfo, Viewer } from './api.ts';
import { createLoaders } from './loaders.ts';
import type { Loaders } from './loaders.ts';

/** What lives as long as the gateway and is there for every request. */
export interface ContextParts {
  fleet: Fleet;
  operations: Operations;
  prunePlans: PrunePlans;
  transfers: Transfers;
  transferPlans: TransferPlans;
}

/**
 * What every resolver gets. No `#private` members: Apollo Server hands resolvers a shallow copy,
 * which has none.
 */
export class GraphqlContext implements RequestInfo {
  readonly fleet: Fleet;
  readonly operations: Operations;
  readonly prunePlans: PrunePlans;
  readonly transfers: Transfers;
  readonly transferPlans: TransferPlans;
  private readonly request: RequestInfo;
  private made: Loaders | undefined;

  constructor(parts: ContextParts, request: RequestInfo) {
    this.fleet = parts.fleet;
    this.operations = parts.operations;
    this.prunePlans = parts.prunePlans;
    this.transfers = parts.transfers;
    this.transferPlans = parts.transferPlans;
    this.request = request;
  }

  get viewer(): Viewer {
    return this.request.viewer;
  }

  /** Asked for late: most requests are answered from memory and need none made. */
  get signal(): AbortSignal {
    return this.request.signal;
  }

  get requestId(): string {
    return this.request.requestId;
  }

  /** Made on first use, for the same reason. */
  get loaders(): Loaders {
    this.made ??= createLoaders(this.signal);
    return this.made;
  }

  /** Forgets what was loaded: the events of one subscription must not see each other's answers. */
  forgetLoaded(): void {
    this.made = undefined;
  }
}
