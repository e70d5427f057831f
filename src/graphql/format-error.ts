import { GraphQLError, Kind } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { DockgraphError, ERROR_CODES } from '../common/errors.ts';

/** Codes of errors whose messages are about the request and nothing inside: GraphQL's and ours. */
export const SHOWN_CODES: ReadonlySet<unknown> = new Set([
  ...ERROR_CODES,
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * Makes an error fit to be shown. Ours keep their message and get `extensions {code, host,
 * retryable}` and their details; GraphQL's own keep theirs; whatever else was thrown is shown
 * as an internal error without any of its words.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
): GraphQLFormattedError {
  const origin = originOf(error);
  if (origin instanceof DockgraphError) {
    const { code, host, retryable, details } = origin;
    return {
      ...place(formatted),
      message: origin.message,
      extensions: { code, ...(host !== undefined && { host }), retryable, ...details },
    };
  }
  const code = origin instanceof GraphQLError ? codeOf(origin, formatted) : undefined;
  if (SHOWN_CODES.has(code)) {
    return { ...place(formatted), message: formatted.message, extensions: { code } };
  }
  return {
    ...place(formatted),
    message: 'Internal error: the log has it under the request id',
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  };
}

/** Apollo Server sets a code on errors of the request; where it is not in the way, we do. */
function codeOf(error: GraphQLError, { extensions }: GraphQLFormattedError): unknown {
  const isRequestError = error.path === undefined && error.originalError === undefined;
  if (!isRequestError || SHOWN_CODES.has(extensions?.['code'])) return extensions?.['code'];
  const ofVariables = error.nodes?.some(({ kind }) => kind === Kind.VARIABLE_DEFINITION);
  return ofVariables ? 'BAD_USER_INPUT' : 'GRAPHQL_VALIDATION_FAILED';
}

function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}

function place({ locations, path }: GraphQLFormattedError): Omit<GraphQLFormattedError, 'message'> {
  return { ...(locations && { locations }), ...(path && { path }) };
}
