import { HeaderMap } from '@apollo/server';
import type {
  ApolloServer,
  GraphQLRequestContextDidResolveOperation,
  GraphQLRequestContextResponseForOperation,
  GraphQLResponse,
} from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { DocumentNode, FormattedExecutionResult, OperationDefinitionNode } from 'graphql';
import type { GraphqlApi } from '../graphql/api.ts';
import type { GraphqlContext } from '../graphql/context.ts';

/** An operation as a client asks for it. */
export interface OperationRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** Which kinds of operation a transport carries, and what it says of the others. */
export interface Carries {
  kinds: ReadonlySet<`${OperationTypeNode}`>;
  /** Completes "This … operation is not served here: …". */
  advice: string;
}

/** What became of a request: a subscription still to be opened, or everything there is to answer. */
export type Admission =
  | { kind: 'subscription'; document: DocumentNode }
  | { kind: 'result'; result: FormattedExecutionResult; status: number };

interface Passage {
  carries: Carries;
  document?: DocumentNode;
}

// On the context value itself: Apollo Server hands plugins a shallow copy of what it was given.
const PASSAGE = Symbol('passage');
type WithPassage = GraphqlContext & { [PASSAGE]?: Passage };

const BARE_HTTP: Carries = {
  kinds: new Set(['query', 'mutation']),
  advice: 'subscribe over the WebSocket at /graphql, or over server-sent events at /graphql/stream',
};

/**
 * The one way in, whatever the transport. WebSocket and event streams let Apollo Server parse,
 * validate and weigh their operations too, up to the point of execution, so that every limit
 * holds everywhere because there is only one of it. Its hooks are called by `requestPlugin`.
 */
export class OperationGate {
  readonly #api: GraphqlApi;

  constructor(api: GraphqlApi) {
    this.#api = api;
  }

  /** Checks an operation; runs it too unless it is a subscription. */
  async admit(
    apollo: ApolloServer<GraphqlContext>,
    request: OperationRequest,
    contextValue: GraphqlContext,
    carries: Carries,
  ): Promise<Admission> {
    const passage: Passage = { carries };
    (contextValue as WithPassage)[PASSAGE] = passage;
    const { query, operationName, variables } = request;
    const { body, http } = await apollo.executeOperation(
      { query, ...(operationName && { operationName }), ...(variables && { variables }) },
      { contextValue },
    );
    if (passage.document) return { kind: 'subscription', document: passage.document };
    if (body.kind !== 'single') throw new Error('Incremental delivery is not supported');
    return { kind: 'result', result: body.singleResult, status: http.status ?? 200 };
  }

  /** Whether the operation came in by `admit`, which may want to open it itself. */
  watches(contextValue: GraphqlContext): boolean {
    return (contextValue as WithPassage)[PASSAGE] !== undefined;
  }

  /** Apollo Server's hook before execution: throws what is refused. */
  inspect({
    contextValue,
    operation,
    document,
    request,
  }: GraphQLRequestContextDidResolveOperation<GraphqlContext>): void {
    if (!operation) return;
    const { kinds, advice } = (contextValue as WithPassage)[PASSAGE]?.carries ?? BARE_HTTP;
    if (!kinds.has(operation.operation)) {
      throw withStatus400(
        new GraphQLError(`This ${operation.operation} operation is not served here: ${advice}`),
        'BAD_REQUEST',
      );
    }
    const tooCostly = this.#api.checkCost(document, request.operationName, request.variables);
    if (tooCostly) throw withStatus400(tooCostly, 'LIMIT_EXCEEDED');
  }

  /** Apollo Server's hook in place of execution: keeps it from running what `admit` is to open. */
  intercept({
    contextValue,
    document,
    operation,
  }: GraphQLRequestContextResponseForOperation<GraphqlContext>): GraphQLResponse | null {
    const passage = (contextValue as WithPassage)[PASSAGE];
    // Called for operations that were not found, too, whatever the types say.
    const kind = (operation as OperationDefinitionNode | undefined)?.operation;
    if (!passage || kind !== OperationTypeNode.SUBSCRIPTION) return null;
    passage.document = document;
    return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult: {} } };
  }
}

// Apollo answers 500 to errors that name no status.
function withStatus400({ message, extensions, originalError }: GraphQLError, code: string) {
  return new GraphQLError(message, {
    extensions: { code, ...extensions, http: { status: 400 } },
    ...(originalError && { originalError }),
  });
}
