import { GraphqlClient } from '../clients/graphql-client.ts';
import { assertEnded, OperationClient } from '../clients/operation-client.ts';
import { quantile } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { FakeFleetProcess } from '../process/fake-fleet-process.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import {
  forgetPeakMemoryOf,
  memoryOf,
  peakMemoryOf,
  processorTimeOf,
} from '../process/measured-server.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { count, kibibytes, mebibytes, ms } from '../report/units.ts';

const HOSTS = 100;
const OPERATIONS = 1_000;
const ONLINE_TIMEOUT_MS = 60_000;
/** On every simulated host. */
const IMAGE = 'registry.example.com/ops/agent-1:1.0.0';

/** A way to send the operations. */
interface Shape {
  name: string;
  /** Connections, each with one request under way. */
  clients: number;
  hostsEach: number;
  /** Whether each request waits for the end, or all are sent first. */
  waits: boolean;
}

const SHAPES: readonly Shape[] = [
  { name: 'one host each, one after the other', clients: 1, hostsEach: 1, waits: true },
  { name: 'one host each, 64 clients that wait', clients: 64, hostsEach: 1, waits: true },
  { name: 'one host each, all at once', clients: 100, hostsEach: 1, waits: false },
  { name: 'ten hosts each, all at once', clients: 100, hostsEach: 10, waits: false },
];

interface ShapeResult {
  name: string;
  operations: number;
  tasks: number;
  /** Milliseconds until all were stored; null where each was waited for. */
  acceptedMs: number | null;
  allMs: number;
  /** Milliseconds from request to end of those that were waited for one by one. */
  latencies: readonly number[];
  processorMs: number;
  before: number;
  peak: number;
  after: number;
}

/** Many operations over a fleet. */
export const manyOperations: Part = {
  name: 'many',
  title: '1,000 tagImage operations over 100 simulated hosts',
  async run(context) {
    const results: ShapeResult[] = [];
    for (const shape of SHAPES) results.push(await measure(shape, context));
    return section(results);
  },
};

async function measure(shape: Shape, { quick, signal, say }: PartContext): Promise<ShapeResult> {
  await using resources = new AsyncDisposableStack();
  const hosts = quick ? 20 : HOSTS;
  // One client alone takes its time: fewer are enough to tell.
  const operations = (quick ? 0.1 : 1) * (shape.clients === 1 ? OPERATIONS / 10 : OPERATIONS);
  const fleet = resources.use(await FakeFleetProcess.start({ hosts, dead: 0 }));
  const folder = resources.use(new TemporaryFolder());
  const gateway = resources.use(await GatewayProcess.start(fleet.hosts, folder.path, signal));
  await gateway.untilOnline(hosts, ONLINE_TIMEOUT_MS, signal);
  const clients = Array.from({ length: Math.min(shape.clients, operations) }, () => {
    const client = resources.adopt(new GraphqlClient(`${gateway.url}/graphql`), (it) => it.close());
    return new OperationClient(client);
  });
  // The first of everything is slower.
  assertEnded(await clients[0]!.tag([fleet.hosts[0]!.name], IMAGE, 'bench/warm:up'));
  const { rss: before } = await memoryOf(gateway.child);
  await forgetPeakMemoryOf(gateway.child);
  const processorBefore = await processorTimeOf(gateway.child);
  const latencies: number[] = [];
  const ids: string[] = [];
  const startedAt = performance.now();
  const nextNumber = counter(operations);
  await Promise.all(
    clients.map(async (client) => {
      for (let at = nextNumber(); at !== undefined; at = nextNumber()) {
        signal.throwIfAborted();
        const names = hostsOf(at, shape.hostsEach, fleet);
        const askedAt = performance.now();
        const operation = await client.tag(names, IMAGE, `bench/many:${at}`, shape.waits ? 50 : 0);
        if (shape.waits) {
          assertEnded(operation);
          latencies.push(performance.now() - askedAt);
        } else ids.push(operation.id);
      }
    }),
  );
  const acceptedMs = shape.waits ? null : performance.now() - startedAt;
  await Promise.all(
    clients.map(async (client) => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        signal.throwIfAborted();
        let operation = await client.wait(id);
        while (/QUEUED|RUNNING/.test(operation.state)) operation = await client.wait(id);
        assertEnded(operation);
      }
    }),
  );
  const allMs = performance.now() - startedAt;
  const processorMs = ((await processorTimeOf(gateway.child)) - processorBefore) / 1000;
  const peak = await peakMemoryOf(gateway.child);
  const { rss: after } = await memoryOf(gateway.child);
  say(`${shape.name}: ${count((operations / allMs) * 1000)} operations a second`);
  const tasks = operations * shape.hostsEach;
  const { name } = shape;
  return {
    name,
    operations,
    tasks,
    acceptedMs,
    allMs,
    latencies,
    processorMs,
    before,
    peak,
    after,
  };
}

/** Numbers below the bound, each once, to all who ask. */
function counter(bound: number): () => number | undefined {
  let next = 0;
  return () => (next < bound ? next++ : undefined);
}

/** Hosts take turns, so that the work is even. */
function hostsOf(at: number, each: number, { hosts }: FakeFleetProcess): string[] {
  const step = Math.floor(hosts.length / each);
  return Array.from({ length: each }, (_, turn) => hosts[(at + turn * step) % hosts.length]!.name);
}

function section(results: readonly ShapeResult[]): Section {
  return {
    verdicts: [],
    tables: [
      {
        title: 'Throughput',
        columns: [
          'sent',
          'operations',
          'tasks',
          'stored after',
          'all ended after',
          'operations/s',
          'tasks/s',
          'p50',
          'p99',
          'CPU µs a task',
        ],
        rows: results.map((result) => {
          const { operations, tasks, acceptedMs, allMs, latencies, processorMs } = result;
          return [
            result.name,
            count(operations),
            count(tasks),
            acceptedMs === null ? '' : ms(acceptedMs),
            ms(allMs),
            count((operations / allMs) * 1000),
            count((tasks / allMs) * 1000),
            latencies.length === 0 ? '' : ms(quantile(latencies, 0.5)),
            latencies.length === 0 ? '' : ms(quantile(latencies, 0.99)),
            count((processorMs * 1000) / tasks),
          ];
        }),
      },
      {
        title: 'Resident memory of the gateway',
        columns: ['sent', 'before', 'peak', 'peak above', 'an operation', 'after'],
        rows: results.map(({ name, operations, before, peak, after }) => [
          name,
          mebibytes(before),
          mebibytes(peak),
          mebibytes(peak - before),
          kibibytes((peak - before) / operations),
          mebibytes(after),
        ]),
      },
    ],
    notes: [
      'Every operation is checked to have SUCCEEDED, which means that the inventory shows the new tag. Each shape has a gateway and a fleet of its own; 200 images a host; load, gateway and simulated engines share the machine.',
      'Before and after: with garbage collected. Peak: the most that was resident while they ran.',
      'By default two tasks run at once on a host and 64 in all.',
    ],
  };
}
