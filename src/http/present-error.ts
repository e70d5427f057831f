import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { GraphqlApi } from '../graphql/api.ts';
import type { Logger } from './logger.ts';

const TOO_MANY_TOKENS = /Document contains more tha[nt] \d+ tokens/;

/**
 * What a client sees of an error, the same on every transport. Puts right what Apollo Server blurs
 * and leaves the rest, masking above all, to the API.
 */
export function presentError(
  api: GraphqlApi,
  formatted: GraphQLFormattedError,
  error: unknown,
): GraphQLFormattedError {
  return api.formatError(unblur(api, formatted, error), error);
}

/** Presents, and reports where masked, errors that did not pass through Apollo Server. */
export function presentErrors(
  api: GraphqlApi,
  logger: Logger,
  requestId: string,
  errors: readonly GraphQLError[],
): GraphQLFormattedError[] {
  const shown = errors.map((error) => {
    const code = error.extensions['code'] ?? 'INTERNAL_SERVER_ERROR';
    const { http: _, ...extensions } = error.extensions;
    return presentError(api, { ...error.toJSON(), extensions: { ...extensions, code } }, error);
  });
  return reportMasked(logger, requestId, errors, shown);
}

function unblur(
  api: GraphqlApi,
  formatted: GraphQLFormattedError,
  error: unknown,
): GraphQLFormattedError {
  if (TOO_MANY_TOKENS.test(formatted.message)) {
    return {
      message: `The document has more than ${api.maxTokens} tokens`,
      extensions: { ...formatted.extensions, code: 'LIMIT_EXCEEDED' },
    };
  }
  if (formatted.message.endsWith('recursively requests too many selections.')) {
    return { ...formatted, extensions: { ...formatted.extensions, code: 'LIMIT_EXCEEDED' } };
  }
  // Apollo stamps GRAPHQL_VALIDATION_FAILED on whatever a validation rule reports.
  const reported = error instanceof GraphQLError ? error.originalError : undefined;
  const code = reported instanceof GraphQLError ? reported.extensions['code'] : undefined;
  if (formatted.extensions?.['code'] !== 'GRAPHQL_VALIDATION_FAILED' || code === undefined) {
    return formatted;
  }
  return { ...formatted, extensions: { ...formatted.extensions, code } };
}

/** An error that was presented already and must pass through code that wants a GraphQLError. */
export class PresentedError extends GraphQLError {
  readonly #presented: GraphQLFormattedError;

  constructor(presented: GraphQLFormattedError) {
    super(presented.message);
    this.#presented = presented;
  }

  override toJSON(): GraphQLFormattedError {
    return this.#presented;
  }
}

/**
 * Logs what was masked, under the request's id, and gives the shown errors that id to find it by.
 * `errors[i]` is what `shown[i]` was made of.
 */
export function reportMasked(
  logger: Logger,
  requestId: string,
  errors: readonly GraphQLError[],
  shown: readonly GraphQLFormattedError[],
): GraphQLFormattedError[] {
  return shown.map((error, index) => {
    if (error.extensions?.['code'] !== 'INTERNAL_SERVER_ERROR') return error;
    const err = errors[index]?.originalError ?? errors[index];
    logger.error({ requestId, path: error.path?.join('.'), err }, 'unexpected error in a resolver');
    return { ...error, extensions: { ...error.extensions, requestId } };
  });
}
