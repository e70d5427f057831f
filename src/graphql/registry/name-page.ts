import type { NameList } from '../../registry/registry-client.ts';
import { queryAfter } from '../../registry/name-pages.ts';
import { decodeCursor, encodeCursor, pageBounds } from '../paging.ts';

/** The arguments of a connection that goes forward only. */
export interface ForwardArgs {
  first?: number | null;
  after?: string | null;
}

/** A page of a list that a registry gives: a cursor holds how the registry is asked to go on. */
export class NamePage<T> {
  readonly nodes: readonly T[];
  readonly totalCount: number | null;
  readonly #parts: NameList;
  readonly #list: string;
  readonly #isFirst: boolean;

  constructor(
    parts: NameList,
    { list, isFirst, toNode }: { list: string; isFirst: boolean; toNode: (name: string) => T },
  ) {
    this.nodes = parts.names.map(toNode);
    this.totalCount = parts.totalCount;
    this.#parts = parts;
    this.#list = list;
    this.#isFirst = isFirst;
  }

  get edges(): { cursor: string; node: T }[] {
    return this.nodes.map((node, at) => ({ node, cursor: this.#cursorOf(at) }));
  }

  get pageInfo() {
    const { next } = this.#parts;
    const last = this.nodes.length - 1;
    return {
      hasNextPage: next !== null,
      hasPreviousPage: !this.#isFirst,
      startCursor: last < 0 ? null : this.#cursorOf(0),
      // A page on which nothing fits a filter has no node to go on after.
      endCursor: last >= 0 ? this.#cursorOf(last) : next && this.#cursor(next),
    };
  }

  #cursorOf(at: number): string {
    const { names, next } = this.#parts;
    const isEnd = at === names.length - 1 && next !== null;
    return this.#cursor(isEnd ? next : queryAfter(names[at]!));
  }

  #cursor(query: string): string {
    return encodeCursor(this.#list, { key: 0, id: query });
  }
}

/** The page that the arguments ask for. `list` names the list with everything that decides it. */
export async function namePage<T>(
  args: ForwardArgs,
  list: unknown[],
  toNode: (name: string) => T,
  load: (part: { limit: number; after: string | undefined }) => Promise<NameList>,
): Promise<NamePage<T>> {
  const name = JSON.stringify(list);
  const { limit } = pageBounds(args);
  const after = args.after == null ? undefined : decodeCursor('after', args.after, name).id;
  const parts = await load({ limit, after });
  return new NamePage(parts, { list: name, isFirst: after === undefined, toNode });
}
