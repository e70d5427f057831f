import { PrunePlans } from '../fleet/prune-plan.ts';
import { TransferPlans } from '../transfer/transfer-plan.ts';
import type { GraphqlApi } from './api.ts';
import { GraphqlContext } from './context.ts';
import type { GraphqlParts } from './context.ts';
import { CostLimit } from './cost.ts';
import { formatError } from './format-error.ts';
import { buildSchema } from './schema.ts';
import { shapeRules } from './validation-rules.ts';
import type { ShapeLimits } from './validation-rules.ts';

/** Bounds on what one request may ask. */
export interface GraphqlLimits extends ShapeLimits {
  maxTokens: number;
  /** In fields; see CostLimit. */
  maxCost: number;
}

export const DEFAULT_LIMITS: GraphqlLimits = {
  maxDepth: 15,
  maxAliases: 100,
  maxRootFields: 20,
  maxTokens: 2000,
  maxCost: 2_000_000,
};

/** The GraphQL face of a fleet. */
export function createGraphqlApi(
  given: Omit<GraphqlParts, 'prunePlans' | 'transferPlans'>,
  limits: Partial<GraphqlLimits>,
): GraphqlApi {
  const { maxTokens, maxCost, ...shape } = { ...DEFAULT_LIMITS, ...limits };
  const schema = buildSchema();
  const plans = { prunePlans: new PrunePlans(), transferPlans: new TransferPlans() };
  const parts = { ...given, ...plans };
  const costs = new CostLimit(schema, given.fleet, maxCost);
  return {
    schema,
    validationRules: shapeRules(shape),
    maxTokens,
    checkCost: (document, operationName, variables) =>
      costs.check(document, operationName ?? undefined, variables ?? {}),
    contextFor: (request) => new GraphqlContext(parts, request),
    formatError,
  };
}
