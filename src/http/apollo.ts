import { ApolloServer } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphqlApi } from '../graphql/api.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import type { Logger } from './logger.ts';
import { presentError } from './present-error.ts';

/**
 * Selections of one operation once its fragments are written out. Apollo's own 10 million would
 * keep a cost rule busy for seconds; a document within the token limit that does not nest
 * fragments to explode has far fewer than this.
 */
export const MAX_SELECTIONS = 10_000;

/** Apollo Server with every default spelled out that is slow, leaky or calls home. */
export async function startApollo(
  api: GraphqlApi,
  logger: Logger,
  plugin: ApolloServerPlugin<GraphqlContext>,
): Promise<ApolloServer<GraphqlContext>> {
  const apollo = new ApolloServer<GraphqlContext>({
    schema: api.schema,
    plugins: [
      // It instruments every field: a third of the throughput on large answers.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      // These three would follow APOLLO_* variables of the environment and report to the outside.
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      plugin,
    ],
    logger: apolloLogger(logger),
    // Otherwise read from NODE_ENV.
    nodeEnv: 'production',
    // The schema is published with the source. Hiding it would only hide "Did you mean …?".
    introspection: true,
    hideSchemaDetailsFromClientErrors: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: api.maxTokens },
    validationRules: api.validationRules,
    validationOptions: { maxErrors: 5 },
    maxRecursiveSelections: MAX_SELECTIONS,
    formatError: (formatted, error) => presentError(api, formatted, error),
  });
  await apollo.start();
  return apollo;
}

function apolloLogger(logger: Logger) {
  return {
    debug: (message: unknown) => logger.debug(message),
    info: (message: unknown) => logger.info(message),
    warn: (message: unknown) => logger.warn(message),
    error: (message: unknown) => logger.error(message),
  };
}
