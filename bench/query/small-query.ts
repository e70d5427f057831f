import { runLoad } from '../measure/load-loop.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { Child } from '../process/child.ts';
import { FakeFleetProcess } from '../process/fake-fleet-process.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { MEASURED, processorTimeOf } from '../process/measured-server.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { count, times } from '../report/units.ts';

const BARE = new URL('../servers/bare-apollo.ts', import.meta.url);
const TARGET = 0.8;
const CONNECTIONS = 16;
const ONLINE_TIMEOUT_MS = 60_000;

interface SmallQuery {
  name: string;
  query: string;
  variables: Record<string, unknown>;
}

const QUERIES: readonly SmallQuery[] = [
  {
    name: 'state of one host',
    query: 'query ($name: String!) { host(name: $name) { name state } }',
    variables: { name: 'host-0000' },
  },
  {
    name: 'counts of the fleet',
    query: '{ fleet { hostCount imageCount tagCount driftedTagCount } }',
    variables: {},
  },
  {
    name: 'where is this image',
    query:
      'query ($ref: String!) { image(ref: $ref) { digest sizeBytes' +
      ' hosts { totalCount nodes { host { name } tags { familiarName } } } } }',
    variables: { ref: 'registry.example.com/ops/agent-1:1.0.0' },
  },
];

/** One query with what a load on each server needs. */
interface Duel extends SmallQuery {
  expected: string;
  bare: Child;
  bareUrl: string;
}

/** Small queries against the least that Apollo and Fastify can do. */
export const smallQuery: Part = {
  name: 'small-query',
  title: 'small queries against a bare Apollo + Fastify server',
  async run(context) {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(new TemporaryFolder());
    const fleet = resources.use(await FakeFleetProcess.start({ hosts: 10, dead: 0 }));
    const gateway = resources.use(
      await GatewayProcess.start(fleet.hosts, folder.path, context.signal),
    );
    await gateway.untilOnline(10, ONLINE_TIMEOUT_MS, context.signal);
    const results = [];
    for (const small of QUERIES) {
      const expected = (await gateway.client.post(JSON.stringify(small))).body;
      const bare = resources.use(new Child(BARE, { ...MEASURED, nodeEnv: 'production' }));
      const { data } = JSON.parse(expected) as { data: Record<string, unknown> };
      const port = await bare.ask<number>('start', data);
      const duel: Duel = { ...small, expected, bare, bareUrl: `http://127.0.0.1:${port}` };
      results.push({ name: small.name, ...(await fight(duel, gateway, context)) });
    }
    return section(results, context);
  },
};

/** Values of each round. */
interface Side {
  perSecond: number[];
  /** Microseconds of the server's processor time for one request. */
  processorTime: number[];
}

/** Both servers under the same load in turns. */
async function fight(duel: Duel, gateway: GatewayProcess, { quick, signal, say }: PartContext) {
  const ours = { url: gateway.url, child: gateway.child, ...side() };
  const bare = { url: duel.bareUrl, child: duel.bare, ...side() };
  const sides = [ours, bare];
  const { query, variables, expected } = duel;
  const load = {
    path: '/graphql',
    body: JSON.stringify({ query, variables }),
    expected,
    connections: CONNECTIONS,
    maxRequests: 200_000,
  };
  for (const { url } of sides) await runLoad({ ...load, url, seconds: quick ? 0.5 : 3 }, signal);
  for (let round = 0; round < (quick ? 2 : 11); round++) {
    for (const { url, child, perSecond, processorTime } of round % 2 ? sides.toReversed() : sides) {
      const before = await processorTimeOf(child);
      const result = await runLoad({ ...load, url, seconds: quick ? 0.5 : 1.5 }, signal);
      processorTime.push(((await processorTimeOf(child)) - before) / result.requests);
      perSecond.push(result.requests / result.seconds);
    }
  }
  say(`${duel.name}: ${times(medianRatio(ours.perSecond, bare.perSecond))} of the bare server`);
  return { ours, bare };
}

function side(): Side {
  return { perSecond: [], processorTime: [] };
}

function section(
  results: readonly { name: string; ours: Side; bare: Side }[],
  { quick }: PartContext,
): Section {
  const ratios = results.map(({ ours, bare }) => medianRatio(ours.perSecond, bare.perSecond));
  return {
    verdicts: results.map(({ name }, at) => ({
      target: `small query (${name}): at least ${TARGET} of a bare Apollo + Fastify server`,
      measured: times(ratios[at]!),
      met: ratios[at]! >= TARGET,
    })),
    tables: [
      {
        title: `Requests a second, ${CONNECTIONS} kept connections, median of ${quick ? 2 : 11} rounds in turns`,
        columns: ['query', 'dockgraph', 'bare', 'ratio', 'CPU µs each', 'bare CPU µs each'],
        rows: results.map(({ name, ours, bare }, at) => [
          name,
          count(median(ours.perSecond)),
          count(median(bare.perSecond)),
          times(ratios[at]!),
          median(ours.processorTime).toFixed(0),
          median(bare.processorTime).toFixed(0),
        ]),
      },
    ],
    notes: [
      'Both servers run in a process of their own, the load comes from a third; 10 simulated hosts × 200 images.',
      'The bare server has the same schema and answers the same bytes from constants through default resolvers, with the cache-control plugin off and NODE_ENV=production; dockgraph is started as operators do, without NODE_ENV.',
      'Processor time is that of the server with its garbage collection: it is less disturbed by what else the machine does than requests a second are.',
    ],
  };
}
