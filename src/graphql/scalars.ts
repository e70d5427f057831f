import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** Milliseconds since the epoch inside, RFC 3339 text outside. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** A JSON integer: GraphQL's Int ends at 2 GiB, and a string cannot be added up. */
export const ByteCount = new GraphQLScalarType<number, number>({
  name: 'ByteCount',
  serialize: parseByteCount,
  parseValue: parseByteCount,
  parseLiteral: (node) => parseByteCount(node.kind === Kind.INT ? Number(node.value) : undefined),
});

function parseDateTime(value: unknown): number {
  const time =
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) {
    throw new GraphQLError('expected an RFC 3339 time such as "2026-11-20T19:41:42Z"');
  }
  return time;
}

function parseByteCount(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new GraphQLError('expected a number of bytes: an integer from 0 to 2^53 - 1');
  }
  return value as number;
}

/** Any JSON value, as it is. */
export const JsonValue = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
});
