import type { Fleet } from '../fleet/fleet.ts';
import type { PrunePlans } from '../fleet/prune-plan.ts';
import type { Operations } from '../operations/operations.ts';
import type { CredentialSource } from '../registry/credentials.ts';
import type { Registries } from '../registry/registries.ts';
import type { UploadStore } from '../uploads/upload-store.ts';
import type { Transfers } from '../transfer/transfer-image.ts';
import type { TransferPlans } from '../transfer/transfer-plan.ts';
import type { RequestInfo, Viewer } from './api.ts';
import { createLoaders } from './loaders.ts';
import type { Loaders } from './loaders.ts';

/** The uploads as inputs name them. */
export type UploadSource = Pick<UploadStore, 'use'>;

/** What the graph is made of; the same for all requests. */
export interface GraphqlParts {
  fleet: Fleet;
  operations: Operations;
  prunePlans: PrunePlans;
  transfers: Transfers;
  transferPlans: TransferPlans;
  uploads: UploadSource;
  registries: Registries;
  /** The gateway's own, for registries that engines ask. */
  credentials: CredentialSource;
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
  readonly uploads: UploadSource;
  private readonly parts: GraphqlParts;
  private readonly request: RequestInfo;
  private made: Loaders | undefined;

  constructor(parts: GraphqlParts, request: RequestInfo) {
    this.fleet = parts.fleet;
    this.operations = parts.operations;
    this.prunePlans = parts.prunePlans;
    this.transfers = parts.transfers;
    this.transferPlans = parts.transferPlans;
    this.uploads = parts.uploads;
    this.parts = parts;
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
    this.made ??= createLoaders(this.parts, this.signal);
    return this.made;
  }

  /** Forgets what was loaded: the events of one subscription must not see each other's answers. */
  forgetLoaded(): void {
    this.made = undefined;
  }
}
