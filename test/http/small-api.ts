import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError, ValidationRule } from 'graphql';
import { DockgraphError, NotFoundError } from '../../src/common/errors.ts';
import type { GraphqlApi } from '../../src/graphql/api.ts';
import type { GraphqlContext } from '../../src/graphql/context.ts';

const typeDefs = /* GraphQL */ `
  type Query {
    hello(name: String): String!
    viewer: String!
    requestId: String!
    "Fails in a way that nobody foresaw."
    boom: String
    "Fails in a way that is part of the contract."
    missing: String
    "Answers when the request is aborted."
    untilAborted: String
    "Never answers."
    never: String
    wait(ms: Int!): String!
    text(bytes: Int!): String!
    self: Query!
    "Costs more than is allowed."
    expensive: String
  }
  type Mutation {
    setName(name: String!): String!
  }
  type Subscription {
    ticks(count: Int, everyMs: Int): Tick!
    "Events of the given size, as fast as they are taken."
    flood(bytes: Int!): String!
    "Waits for its first event for ever."
    silent: Int!
    "Fails after one event."
    breaks: Int!
    "Each event's field fails."
    boomEach: String
    refused: Int!
    news: String!
    "Costs more than is allowed."
    expensive: Int!
  }
  type Tick {
    index: Int!
    viewer: String!
    again: Tick
    "How many contexts were made for this subscription until now."
    contexts: Int!
  }
`;

/** What a small API saw happen. */
export interface Seen {
  /** Contexts made. */
  contexts: number;
  /** Why requests were aborted. */
  aborts: unknown[];
  /** Events that `flood` was asked for. */
  flooded: number;
  /** Subscriptions to `silent` that are open. */
  silent: number;
  /** Errors that were masked. */
  masked: unknown[];
}

/** An API of its own, so that the transports are tested apart from the real resolvers. */
export interface SmallApi {
  api: GraphqlApi;
  seen: Seen;
  news: EventEmitter;
}

/** Deepest nesting that `smallApi` lets through. */
export const MAX_DEPTH = 6;
/** Bound of `smallApi`'s lexer. */
export const MAX_TOKENS = 500;

export function smallApi(): SmallApi {
  const seen: Seen = { contexts: 0, aborts: [], flooded: 0, silent: 0, masked: [] };
  const news = new EventEmitter();
  const schema = makeExecutableSchema({ typeDefs, resolvers: makeResolvers(seen, news) });
  const api: GraphqlApi = {
    schema,
    validationRules: [depthRule],
    maxTokens: MAX_TOKENS,
    checkCost(document) {
      const costly = JSON.stringify(document).includes('"expensive"');
      if (!costly) return undefined;
      return new GraphQLError('The operation would cost 5000, the limit is 1000', {
        extensions: { code: 'LIMIT_EXCEEDED', cost: 5000, limit: 1000 },
      });
    },
    contextFor(request) {
      seen.contexts++;
      // Resolvers of this schema use nothing else.
      return request as unknown as GraphqlContext;
    },
    formatError: (formatted, error) => formatError(seen, formatted, error),
  };
  return { api, seen, news };
}

function makeResolvers(seen: Seen, news: EventEmitter) {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        seen.aborts.push(signal.reason);
        resolve();
      });
    });
  return {
    Query: {
      hello: (_: unknown, { name }: { name?: string }) => `Hello ${name ?? 'world'}`,
      viewer: (_: unknown, __: unknown, { viewer }: GraphqlContext) =>
        `${viewer.name}:${viewer.authenticated}`,
      requestId: (_: unknown, __: unknown, { requestId }: GraphqlContext) => requestId,
      boom: () => {
        throw new Error('secret: the password is hunter2');
      },
      missing: () => {
        throw new NotFoundError('There is no such thing', { host: 'alpha' });
      },
      untilAborted: async (_: unknown, __: unknown, { signal }: GraphqlContext) => {
        await untilAborted(signal);
        throw signal.reason;
      },
      never: () => new Promise(() => {}),
      wait: async (_: unknown, { ms }: { ms: number }) => {
        await delay(ms);
        return 'waited';
      },
      text: (_: unknown, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
      self: () => ({}),
      expensive: () => 'done',
    },
    Mutation: { setName: (_: unknown, { name }: { name: string }) => name },
    Subscription: {
      ticks: {
        async *subscribe(
          _: unknown,
          { count = Infinity, everyMs = 1 }: { count?: number; everyMs?: number },
          { signal }: GraphqlContext,
        ) {
          for (let index = 0; index < count && !signal.aborted; index++) {
            await delay(everyMs, undefined, { signal });
            yield { index };
          }
        },
        resolve: ({ index }: { index: number }, _: unknown, { viewer }: GraphqlContext) => ({
          index,
          viewer: viewer.name,
          contexts: seen.contexts,
        }),
      },
      flood: {
        async *subscribe(_: unknown, { bytes }: { bytes: number }) {
          for (;;) {
            seen.flooded++;
            yield 'x'.repeat(bytes);
          }
        },
        resolve: (text: string) => text,
      },
      silent: {
        async *subscribe(_: unknown, __: unknown, { signal }: GraphqlContext) {
          seen.silent++;
          try {
            for await (const _event of on(new EventEmitter(), 'never', { signal })) yield 0;
          } finally {
            seen.silent--;
          }
        },
      },
      breaks: {
        async *subscribe() {
          yield 1;
          throw new Error('secret: the source broke');
        },
        resolve: (value: number) => value,
      },
      boomEach: {
        async *subscribe() {
          yield 1;
          yield 2;
        },
        resolve: () => {
          throw new Error('secret: the event broke');
        },
      },
      refused: {
        subscribe: () => {
          throw new NotFoundError('There is no such operation');
        },
      },
      news: {
        async *subscribe(_: unknown, __: unknown, { signal }: GraphqlContext) {
          for await (const [text] of on(news, 'news', { signal })) yield text as string;
        },
        resolve: (text: string) => text,
      },
      expensive: {
        async *subscribe() {
          yield 1;
        },
        resolve: (value: number) => value,
      },
    },
  };
}

const depthRule: ValidationRule = (context) => {
  let depth = 0;
  return {
    SelectionSet: {
      enter() {
        depth++;
        if (depth !== MAX_DEPTH + 1) return;
        context.reportError(
          new GraphQLError(`The document is nested deeper than ${MAX_DEPTH}`, {
            extensions: { code: 'LIMIT_EXCEEDED' },
          }),
        );
      },
      leave() {
        depth--;
      },
    },
  };
};

function formatError(
  seen: Seen,
  formatted: GraphQLFormattedError,
  error: unknown,
): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original instanceof DockgraphError) {
    const { code, host, retryable } = original;
    return {
      ...formatted,
      message: original.message,
      extensions: { code, retryable, ...(host !== undefined && { host }) },
    };
  }
  if (original === undefined || original === null || original instanceof GraphQLError) {
    return formatted;
  }
  seen.masked.push(original);
  const { path, locations } = formatted;
  return {
    message: 'Internal server error',
    ...(path && { path }),
    ...(locations && { locations }),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  };
}
