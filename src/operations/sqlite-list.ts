import type { OperationFilter } from './operation-snapshot.ts';
import type { PageQuery } from './operation-store.ts';
import type { Row } from './sqlite-rows.ts';

/** Runs a query. Its text is one of few, so that statements can be kept prepared. */
export type Select = (sql: string, parameters: (string | number)[]) => Row[];

interface Condition {
  sql: string;
  parameters: string[];
}

/** Lists are handed over as one JSON parameter: the SQL is the same for any number of values. */
const ANY_OF = 'IN (SELECT value FROM json_each(?))';
const OLDER: (id: string) => Condition = (id) => ({ sql: 'o.id < ?', parameters: [id] });
const NEWER: (id: string) => Condition = (id) => ({ sql: 'o.id > ?', parameters: [id] });
// Not as NOT of the others: that would be looked for row by row.
const NOT_OLDER: typeof OLDER = (id) => ({ sql: 'o.id >= ?', parameters: [id] });
const NOT_NEWER: typeof NEWER = (id) => ({ sql: 'o.id <= ?', parameters: [id] });

/** From the hosts' side, by their index: to ask it of one operation after the other takes longer. */
const ON_HOSTS = `o.id IN (SELECT t.operation_id FROM tasks t WHERE t.host ${ANY_OF})`;

/** Rows of a page, newest first. IDs sort by creation, so the ID alone is the key. */
export function selectPage(select: Select, query: PageQuery) {
  const { filter = {}, after, before, limit, fromEnd = false } = query;
  const wanted = filterConditions(filter);
  const inside = [
    ...wanted,
    ...(after === undefined ? [] : [OLDER(after)]),
    ...(before === undefined ? [] : [NEWER(before)]),
  ];
  const { where, parameters } = join(inside);
  const order = fromEnd ? 'ASC' : 'DESC';
  const rows = select(
    `SELECT o.* FROM operations o WHERE ${where} ORDER BY o.id ${order} LIMIT ?`,
    // One more than wanted tells whether it goes on.
    [...parameters, limit + 1],
  );
  const isCut = rows.length > limit;
  if (isCut) rows.pop();
  if (fromEnd) rows.reverse();
  const hasNewer = after !== undefined && exists(select, [...wanted, NOT_OLDER(after)]);
  const hasOlder = before !== undefined && exists(select, [...wanted, NOT_NEWER(before)]);
  return {
    rows,
    hasPrevious: hasNewer || (fromEnd && isCut),
    hasNext: hasOlder || (!fromEnd && isCut),
  };
}

/** How many operations fit. */
export function selectCount(select: Select, filter: OperationFilter): number {
  const { where, parameters } = join(filterConditions(filter));
  const [row] = select(`SELECT count(*) AS n FROM operations o WHERE ${where}`, parameters);
  return Number(row!.n);
}

function filterConditions({ states, kinds, hosts, requestedBy }: OperationFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, values: readonly string[] | undefined) => {
    if (values) conditions.push({ sql, parameters: [JSON.stringify(values)] });
  };
  add(`o.state ${ANY_OF}`, states);
  add(`o.kind ${ANY_OF}`, kinds);
  add(`o.requested_by ${ANY_OF}`, requestedBy);
  add(ON_HOSTS, hosts);
  return conditions;
}

function exists(select: Select, conditions: Condition[]): boolean {
  const { where, parameters } = join(conditions);
  return select(`SELECT 1 FROM operations o WHERE ${where} LIMIT 1`, parameters).length > 0;
}

function join(conditions: Condition[]) {
  return {
    where: conditions.map(({ sql }) => sql).join(' AND ') || 'TRUE',
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}
