import type { ApolloServer } from '@apollo/server';
import type { GraphqlApi } from '../graphql/api.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import type { Authenticator } from './auth.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { OperationGate } from './operation-gate.ts';
import type { OriginPolicy } from './origin.ts';
import type { Tuning } from './tuning.ts';

/** What every transport works with. */
export interface ServerParts {
  api: GraphqlApi;
  apollo: ApolloServer<GraphqlContext>;
  gate: OperationGate;
  authenticator: Authenticator;
  origins: OriginPolicy;
  logger: Logger;
  metrics: Metrics;
  tuning: Tuning;
  /** Deadline of a query or mutation. */
  requestTimeoutMs: number;
  /** Whether `close` was called. */
  isDraining: () => boolean;
}
