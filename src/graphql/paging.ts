import { createHash } from 'node:crypto';
import { BadUserInputError, LimitExceededError } from '../common/errors.ts';
import { orderedSlice } from '../fleet/ordered.ts';
import type { Order, Position, Slice } from '../fleet/ordered.ts';

/** Nodes of a page when the query does not say. */
export const DEFAULT_PAGE_SIZE = 50;
/** Most nodes of a page. */
export const MAX_PAGE_SIZE = 1000;

/** The arguments of every connection field. */
export interface PageArgs {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

/**
 * A Relay connection. What costs something (cursors, edges) is made when it is asked for: most
 * queries want `nodes` and `totalCount` only.
 */
export class Page<T> {
  readonly nodes: readonly T[];
  readonly totalCount: number;
  readonly #slice: Slice<T>;
  readonly #order: Order<T>;
  readonly #list: string;

  constructor(slice: Slice<T>, order: Order<T>, list: string) {
    this.nodes = slice.records;
    this.totalCount = slice.totalCount;
    this.#slice = slice;
    this.#order = order;
    this.#list = list;
  }

  get edges(): { cursor: string; node: T }[] {
    return this.nodes.map((node) => ({ node, cursor: this.#cursorOf(node) }));
  }

  get pageInfo() {
    const { hasNext, hasPrevious } = this.#slice;
    const first = this.nodes[0];
    const last = this.nodes.at(-1);
    return {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: first === undefined ? null : this.#cursorOf(first),
      endCursor: last === undefined ? null : this.#cursorOf(last),
    };
  }

  #cursorOf(node: T): string {
    return encodeCursor(this.#list, {
      key: this.#order.keyOf(node),
      id: this.#order.idOf(node),
    });
  }
}

/**
 * The page of `records` that the arguments ask for. `list` names the list with everything that
 * decides its content and order: a cursor is good for the list that it came from and no other.
 */
export function pageOf<T>(
  records: Iterable<T>,
  order: Order<T>,
  args: PageArgs,
  ...list: unknown[]
): Page<T> {
  const name = JSON.stringify([...list, order.direction]);
  const { limit, fromEnd } = pageBounds(args);
  const slice = orderedSlice(records, order, {
    after: args.after == null ? undefined : decodeCursor('after', args.after, name),
    before: args.before == null ? undefined : decodeCursor('before', args.before, name),
    limit,
    fromEnd,
  });
  return new Page(slice, order, name);
}

/** How many nodes are wanted, and from which end. */
export function pageBounds(args: PageArgs): { limit: number; fromEnd: boolean } {
  const fromEnd = args.last != null;
  if (fromEnd && args.first != null) {
    throw new BadUserInputError('`first` and `last` were both given; expected one of them');
  }
  return { limit: pageSize(fromEnd ? 'last' : 'first', args.last ?? args.first), fromEnd };
}

function pageSize(name: string, size: number | null | undefined): number {
  if (size == null) return DEFAULT_PAGE_SIZE;
  if (size < 0) {
    throw new BadUserInputError(`\`${name}\` is ${size}; expected 0 to ${MAX_PAGE_SIZE}`);
  }
  if (size > MAX_PAGE_SIZE) {
    throw new LimitExceededError(
      `\`${name}\` is ${size}; expected at most ${MAX_PAGE_SIZE}: page on with \`after\` and \`endCursor\``,
    );
  }
  return size;
}

/** The position as an opaque text that is good for this list only. */
export function encodeCursor(list: string, { key, id }: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(list), key, id])).toString('base64url');
}

/** The position in a cursor; BadUserInputError where it is none, or one of another list. */
export function decodeCursor(name: string, cursor: string, list: string): Position {
  const expected = 'expected a cursor from an earlier page of the same list';
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Told below.
  }
  const [print, key, id] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (typeof id !== 'string' || (typeof key !== 'string' && typeof key !== 'number')) {
    throw new BadUserInputError(`\`${name}\` "${cursor.slice(0, 40)}" is no cursor; ${expected}`);
  }
  if (print !== fingerprint(list)) {
    throw new BadUserInputError(
      `\`${name}\` is a cursor from another list, filter or order; ${expected}`,
    );
  }
  return { key, id };
}

function fingerprint(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 8);
}
