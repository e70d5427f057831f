import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import type { GraphqlContext } from '../graphql/context.ts';
import type { OperationGate } from './operation-gate.ts';
import type { OperationObserver } from './operation-observer.ts';

/**
 * All that we do around an operation. One plugin, and no hook that a request does not need, since
 * Apollo Server awaits every hook of each plugin: a second one costs a small query five percent.
 */
export function requestPlugin(
  gate: OperationGate,
  observe: OperationObserver,
): ApolloServerPlugin<GraphqlContext> {
  return {
    async requestDidStart({ contextValue }) {
      const startedAt = performance.now();
      const listener: GraphQLRequestListener<GraphqlContext> = {
        didResolveOperation: async (context) => gate.inspect(context),
        willSendResponse: async (context) => observe(context, startedAt),
      };
      if (gate.watches(contextValue)) {
        listener.responseForOperation = async (context) => gate.intercept(context);
      }
      return listener;
    },
  };
}
