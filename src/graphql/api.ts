import type {
  DocumentNode,
  GraphQLError,
  GraphQLFormattedError,
  GraphQLSchema,
  ValidationRule,
} from 'graphql';
import type { GraphqlContext } from './context.ts';

/** Who asks: the name of their token, or `anonymous` where the server runs without tokens. */
export interface Viewer {
  name: string;
  authenticated: boolean;
}

/** What a transport (HTTP, WebSocket, SSE) knows of a request. */
export interface RequestInfo {
  viewer: Viewer;
  /** Aborts when the client has gone or the request's time is up. */
  signal: AbortSignal;
  /** Finds the request in the logs. */
  requestId: string;
}

/**
 * The GraphQL face, free of any transport: `src/http` serves it over POST, GET, WebSocket and SSE,
 * and applies the same limits on each of them.
 */
export interface GraphqlApi {
  schema: GraphQLSchema;
  /** Beside the specified rules: depth, aliases, root fields. */
  validationRules: ValidationRule[];
  /** Bound of the lexer. */
  maxTokens: number;
  /**
   * What the operation would cost at most on the fleet as it is now. Undefined when within the
   * limit, else the error (LIMIT_EXCEEDED) that says both figures.
   */
  checkCost(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Record<string, unknown> | null | undefined,
  ): GraphQLError | undefined;
  /** The per-request context value: loaders live as long as one request (or one event). */
  contextFor(request: RequestInfo): GraphqlContext;
  /**
   * Makes an error fit to be shown: ours keep message and `extensions {code, host, retryable}`,
   * GraphQL's own keep theirs, all others are masked: the transport logs them under the request id.
   */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError;
}
