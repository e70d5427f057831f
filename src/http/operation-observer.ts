import type { GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { GraphqlContext } from '../graphql/context.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { reportMasked } from './present-error.ts';

/** Called with each operation that is about to be answered. */
export type OperationObserver = (
  context: GraphQLRequestContextWillSendResponse<GraphqlContext>,
  startedAt: number,
) => void;

/**
 * Times queries and mutations on every transport. Logs slow and failed ones at level info, all at
 * level debug: by name and hash, never with their text or variables.
 */
export function operationObserver(
  logger: Logger,
  metrics: Pick<Metrics, 'observeOperation'>,
  slowRequestMs: number,
): OperationObserver {
  return (context, startedAt) => {
    const durationMs = performance.now() - startedAt;
    const { body } = context.response;
    const result = body.kind === 'single' ? body.singleResult : {};
    const { errors } = result;
    if (errors && context.errors) {
      const { requestId } = context.contextValue;
      result.errors = reportMasked(logger, requestId, context.errors, errors);
    }
    // Its preparation only: what follows is counted as a subscription.
    if (context.operation?.operation === OperationTypeNode.SUBSCRIPTION) return;
    metrics.observeOperation(context.operationName, durationMs, errors === undefined);
    const level = errors || durationMs >= slowRequestMs ? 'info' : 'debug';
    if (!logger.isLevelEnabled(level)) return;
    logger[level](
      {
        requestId: context.contextValue.requestId,
        viewer: context.contextValue.viewer.name,
        operation: context.operationName?.slice(0, 100),
        queryHash: context.queryHash?.slice(0, 16),
        durationMs: Math.round(durationMs * 10) / 10,
        ...(errors && {
          errors: errors.length,
          codes: [...new Set(errors.map(({ extensions }) => extensions?.['code']))].slice(0, 10),
        }),
      },
      errors ? 'operation with errors' : 'operation',
    );
  };
}
