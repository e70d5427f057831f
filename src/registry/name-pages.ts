const MAX_QUERY_LENGTH = 2000;

/** What of one answer counts. */
export interface NameWindow {
  names: readonly string[];
  /** Whether the answer held the whole list, though only a part was asked for. */
  isWhole: boolean;
}

/**
 * The names of an answer that come after the last one known. Some registries give all that they
 * have, whatever they are asked for: those that were given before are left out.
 */
export function newNames(all: readonly string[], last: string | null, size: number): NameWindow {
  if (last === null) return { names: all, isWhole: false };
  const at = all.indexOf(last);
  if (at !== -1) return { names: all.slice(at + 1), isWhole: true };
  // The last one has gone since; by then only the order tells what comes after it.
  if (all.length > size) return { names: all.filter((name) => name > last), isWhole: true };
  return { names: all, isWhole: false };
}

/** The query that goes on after this name. */
export function queryAfter(name: string): string {
  return new URLSearchParams({ last: name }).toString();
}

/** The name that a query goes on after; null where it says it in another way, or begins. */
export function lastOf(query: string): string | null {
  return new URLSearchParams(query).get('last');
}

/** A query for so many names. */
export function sizedQuery(query: string, size: number): string {
  const parameters = new URLSearchParams(query);
  parameters.set('n', String(size));
  return parameters.toString();
}

/**
 * The query of a link such as `</v2/_catalog?last=b&n=2>; rel="next"`, without the size; null where
 * there is none. Nothing else of the link counts: neither its host nor its path.
 */
export function nextQuery(link: string | string[] | undefined): string | null {
  const header = [link ?? ''].flat().join(', ');
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(header)?.[1];
  const url = target === undefined ? null : URL.parse(target, 'http://registry');
  if (url === null) return null;
  url.searchParams.delete('n');
  const query = url.searchParams.toString();
  return query === '' || query.length > MAX_QUERY_LENGTH ? null : query;
}
