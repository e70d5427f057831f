import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphqlClient } from '../clients/graphql-client.ts';
import { pairedLatencies } from '../measure/paired-latency.ts';
import type { Pair } from '../measure/paired-latency.ts';
import { median, quantile } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { memoryOf } from '../process/measured-server.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { count, kibibytes, mebibytes, ms, times } from '../report/units.ts';
import { hostName, storeOperations } from './stored-operations.ts';

const MANY = 10_000;
const FEW = 100;
const WARM_UP_PAIRS = 300;
const PAIRS = 1_000;

const NODE =
  'id kind state requestedBy createdAt finishedAt tasks { hostName state error { code message } }';
const INFO = 'pageInfo { hasNextPage endCursor }';
const page = (args: string, fields: string) =>
  `query ($after: String) { operations(first: 50, after: $after${args}) { ${fields} } }`;

const PAGES = [
  { name: 'newest first', query: page('', `totalCount ${INFO} nodes { ${NODE} }`) },
  { name: 'without totalCount', query: page('', `${INFO} nodes { ${NODE} }`) },
  { name: 'state and kind only', query: page('', `totalCount ${INFO} nodes { id kind state }`) },
  {
    name: 'with progress and results',
    query: page(
      '',
      `totalCount ${INFO} nodes { ${NODE} tasks { progress { percent layers { id status } }
        result { ... on PullImageResult { pulled { reference digest isNew } }
          ... on TagImageResult { tagged { reference } } } } }`,
    ),
  },
  {
    name: 'FAILED ones',
    query: page(', filter: { states: [FAILED] }', `totalCount ${INFO} nodes { ${NODE} }`),
  },
  {
    name: 'of one host',
    query: page(`, filter: { host: "${hostName(7)}" }`, `totalCount ${INFO} nodes { ${NODE} }`),
  },
  {
    name: 'pulls by one token',
    query: page(
      ', filter: { kinds: [PULL_IMAGE], requestedBy: "ci-2" }',
      `totalCount ${INFO} nodes { ${NODE} }`,
    ),
  },
];

interface PageTimes {
  name: string;
  bytes: number;
  many: number[];
  few: number[];
}

/** Looking up what was done. */
export const storedPages: Part = {
  name: 'stored-pages',
  title: 'pages of 50 of 10,000 stored operations',
  async run(context) {
    await using resources = new AsyncDisposableStack();
    const start = async (operations: number) => {
      const folder = resources.use(new TemporaryFolder());
      const data = join(folder.path, 'data');
      await mkdir(data);
      const storedAt = performance.now();
      await storeOperations(data, operations);
      const storeMs = performance.now() - storedAt;
      const gateway = resources.use(await GatewayProcess.start([], folder.path, context.signal));
      const startMs = performance.now() - gateway.startedAt;
      const fileBytes = statSync(join(data, 'operations.db')).size;
      return { gateway, operations, storeMs, startMs, fileBytes };
    };
    const many = await start(context.quick ? 1_000 : MANY);
    const few = await start(FEW);
    const clients = { many: many.gateway.client, few: few.gateway.client };
    const pages = [];
    for (const { name, query } of PAGES) pages.push(await pageOf(name, query, clients));
    // All kinds before any is measured: the first would pay for what they share.
    const warmUp = context.quick ? 10 : WARM_UP_PAIRS;
    for (const { pair } of pages) await pairedLatencies(pair, warmUp, context.signal);
    const results: PageTimes[] = [];
    for (const page of pages) results.push(await measure(page, context));
    const stores = [];
    for (const { gateway, ...store } of [many, few]) {
      stores.push({ ...store, memory: await memoryOf(gateway.child) });
    }
    return section(results, stores);
  },
};

interface Page {
  name: string;
  /** Of the first page's answer. */
  bytes: number;
  pair: Pair;
}

async function pageOf(
  name: string,
  query: string,
  { many, few }: { many: GraphqlClient; few: GraphqlClient },
): Promise<Page> {
  const [first, second] = [await walker(many, query), await walker(few, query)];
  return { name, bytes: first.bytes, pair: { first: first.ask, second: second.ask } };
}

async function measure(
  { name, bytes, pair }: Page,
  { quick, signal, say }: PartContext,
): Promise<PageTimes> {
  const taken = await pairedLatencies(pair, quick ? 20 : PAIRS, signal);
  say(`${name}: p99 ${ms(quantile(taken.first, 0.99))}`);
  return { name, bytes, many: taken.first, few: taken.second };
}

interface Connection {
  operations: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

/** Asks for the first page, the last that there is, and eight between, in turns. */
async function walker(client: GraphqlClient, query: string) {
  const payloads: string[] = [];
  let bytes = 0;
  for (let after: string | null = null; ;) {
    const payload = JSON.stringify({ query, variables: { after } });
    const { body } = await client.post(payload);
    const { data, errors } = JSON.parse(body) as { data: Connection | null; errors?: unknown };
    if (!data || errors) throw new Error(`no page: ${JSON.stringify(errors)}`);
    if (data.operations.nodes.length === 0) throw new Error('a page without operations');
    payloads.push(payload);
    bytes ||= body.length;
    if (!data.operations.pageInfo.hasNextPage) break;
    after = data.operations.pageInfo.endCursor;
  }
  const asked = Array.from(
    { length: Math.min(10, payloads.length) },
    (_, at) => payloads[Math.round((at * (payloads.length - 1)) / 9)] ?? payloads.at(-1)!,
  );
  let turn = 0;
  const ask = async () => {
    const { status, body } = await client.post(asked[turn++ % asked.length]!);
    if (status !== 200 || body.startsWith('{"errors"')) throw new Error(body.slice(0, 300));
  };
  return { ask, bytes };
}

interface StoreResult {
  operations: number;
  storeMs: number;
  startMs: number;
  fileBytes: number;
  memory: { rss: number; heap: number };
}

function section(results: readonly PageTimes[], stores: readonly StoreResult[]): Section {
  const [{ operations: many }] = stores as [StoreResult];
  return {
    verdicts: [],
    tables: [
      {
        title: `Pages of 50 over GraphQL, with ${count(many)} and with ${count(FEW)} operations stored`,
        columns: ['page', 'answer', 'p50', 'p99', `p50 of ${FEW}`, `p99 of ${FEW}`, 'p50 ratio'],
        rows: results.map((result) => [
          result.name,
          kibibytes(result.bytes),
          ms(median(result.many)),
          ms(quantile(result.many, 0.99)),
          ms(median(result.few)),
          ms(quantile(result.few, 0.99)),
          times(median(result.many) / median(result.few)),
        ]),
      },
      {
        title: 'The store',
        columns: ['operations', 'file', 'an operation', 'gateway listens after', 'resident'],
        rows: stores.map(({ operations, fileBytes, startMs, memory }) => [
          count(operations),
          mebibytes(fileBytes),
          kibibytes(fileBytes / operations),
          ms(startMs),
          mebibytes(memory.rss),
        ]),
      },
    ],
    notes: [
      'Operations of three tasks each with results, errors and progress as real ones have, half of them pulls of eight layers, spread over two weeks. Put into the store beforehand; the gateway is started on it and has no hosts.',
      'One client asks two gateways in pairs, pages from the newest to the oldest in turns. The smaller store has fewer pages, and some kinds do not fill one.',
    ],
  };
}
