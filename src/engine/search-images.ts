import type { CallOptions } from './engine.ts';
import type { SearchResult } from './image-verbs.ts';
import type { VerbCalls } from './verb-calls.ts';
import { refusalOf } from './verb-errors.ts';

const TIMEOUT_MS = 60_000;

/** A row of the answer, of docker or in podman's own words. */
interface EngineSearchJson {
  name?: string | null;
  description?: string | null;
  star_count?: number | null;
  is_official?: boolean | null;
  Name?: string | null;
  Description?: string | null;
  Stars?: number | null;
  /** `[OK]` or nothing. */
  Official?: string | null;
}

/** `docker search`: the engine asks Docker Hub, or the registry that the term begins with. */
export async function searchImages(
  calls: VerbCalls,
  term: string,
  {
    signal,
    limit,
    official,
    minStars,
  }: CallOptions & { limit?: number; official?: boolean; minStars?: number },
): Promise<SearchResult[]> {
  const { host } = calls;
  const filters = {
    ...(official !== undefined && { 'is-official': [String(official)] }),
    ...(minStars !== undefined && { stars: [String(minStars)] }),
  };
  return calls.plain({
    name: 'searchImages',
    what: `searching for ${term} through ${host}`,
    timeoutMs: TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: async (docker) => {
      const query = { term, limit, filters: Object.keys(filters).length > 0 ? filters : undefined };
      const rows: unknown = await docker.searchImages(query);
      return ((rows ?? []) as EngineSearchJson[]).map((row) => ({
        name: row.name ?? row.Name ?? '',
        description: row.description ?? row.Description ?? '',
        stars: row.star_count ?? row.Stars ?? 0,
        official: row.is_official ?? Boolean(row.Official),
      }));
    },
  });
}
