import type { GraphqlClient } from '../clients/graphql-client.ts';
import { pairedLatencies } from '../measure/paired-latency.ts';
import { median, quantile } from '../measure/statistics.ts';
import type { PartContext } from '../part.ts';
import { ms } from '../report/units.ts';

const BLOCKS = 7;
const WARM_UP_PAIRS = 200;
const SECONDS = 25;

/** A page that is asked, all of it answered from memory. */
const PAGES = [
  {
    name: 'images',
    query: `query ($after: String) { page: images(first: 50, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { digest shortId createdAt sizeBytes tags { familiarName } hosts { totalCount } } } }`,
  },
  {
    name: 'images of one host',
    query: `query ($after: String) { host(name: "host-0001") { page: images(first: 50, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { image { digest sizeBytes } tags { familiarName } dangling inUse } } } }`,
  },
  {
    name: 'drifted tags',
    query: `query ($after: String) { page: tags(first: 50, after: $after, filter: { drifted: true }) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { familiarName contents { image { digest } hosts { name } } } } }`,
  },
  {
    name: 'drifted tags, host by host',
    query: `query ($after: String) { page: tags(first: 50, after: $after, filter: { drifted: true }) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { familiarName targets { host { name } image { digest } } } } }`,
  },
] as const;

interface Quantiles {
  p50: number;
  p99: number;
}

/** Milliseconds of a page on a fleet with dead hosts and on one without. */
export interface PageTimes {
  name: string;
  /** Of the first page's answer. */
  bytes: number;
  withDead: Quantiles;
  without: Quantiles;
  p99Ratio: number;
}

/** Asks both gateways for every kind of page. */
export async function measurePages(
  withDead: GraphqlClient,
  without: GraphqlClient,
  { quick, signal, say }: PartContext,
): Promise<PageTimes[]> {
  const results: PageTimes[] = [];
  for (const { name, query } of PAGES) {
    const [ours, theirs] = [await asker(withDead, query), await asker(without, query)];
    const pair = { first: ours.ask, second: theirs.ask };
    const warmUp = await pairedLatencies(pair, quick ? 20 : WARM_UP_PAIRS, signal);
    // One slow kind of page must not make the bench endless.
    const affordable = (SECONDS * 1000) / (median(warmUp.first) + median(warmUp.second)) / BLOCKS;
    const pairs = quick ? 20 : Math.round(Math.max(150, Math.min(1000, affordable)));
    const blocks = [];
    for (let block = 0; block < (quick ? 1 : BLOCKS); block++) {
      blocks.push(await pairedLatencies(pair, pairs, signal));
    }
    const p99Ratio = median(
      blocks.map(({ first, second }) => quantile(first, 0.99) / quantile(second, 0.99)),
    );
    const times = {
      withDead: quantiles(blocks.flatMap(({ first }) => first)),
      without: quantiles(blocks.flatMap(({ second }) => second)),
    };
    say(`${name}: p99 ${ms(times.withDead.p99)}, without dead hosts ${ms(times.without.p99)}`);
    results.push({ name, bytes: ours.bytes, p99Ratio, ...times });
  }
  return results;
}

function quantiles(times: readonly number[]): Quantiles {
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

interface PageInfo {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** Walks through up to ten pages, then begins again; the requests are made beforehand. */
async function asker(client: GraphqlClient, query: string) {
  const payloads: string[] = [];
  let bytes = 0;
  for (let after: string | null = null; payloads.length < 10;) {
    const payload = JSON.stringify({ query, variables: { after } });
    const { body } = await client.post(payload);
    payloads.push(payload);
    bytes ||= body.length;
    const { data, errors } = JSON.parse(body) as {
      data: { page?: PageInfo; host?: { page: PageInfo } } | null;
      errors?: unknown;
    };
    const page = data?.page ?? data?.host?.page;
    if (!page) throw new Error(`no page: ${JSON.stringify(errors)}`);
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  let turn = 0;
  const ask = async () => {
    const { status, body } = await client.post(payloads[turn++ % payloads.length]!);
    if (status !== 200 || body.startsWith('{"errors"')) throw new Error(body.slice(0, 300));
  };
  return { ask, bytes };
}
