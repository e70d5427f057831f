import type { Part, PartContext, Section, Table, Verdict } from '../part.ts';
import { median } from '../measure/statistics.ts';
import { FakeFleetProcess } from '../process/fake-fleet-process.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import type { HostEntry } from '../process/gateway-process.ts';
import { memoryOf } from '../process/measured-server.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import type { Memory } from '../process/usage-probe.ts';
import { count, kibibytes, mebibytes, ms, times } from '../report/units.ts';
import { measurePages } from './fleet-pages.ts';
import type { PageTimes } from './fleet-pages.ts';

const DEAD_SHARE = 0.1;
const ONLINE_TIMEOUT_MS = 300_000;
const DEAD_MAY_COST = 1.2;

/** What one size of fleet came to. */
interface SizeResult {
  hosts: number;
  /** Milliseconds from the start of the process, with the dead hosts and without them. */
  start: { firstAnswer: number; inventory: number; inventoryOfLiving: number };
  pages: readonly PageTimes[];
  memory: Memory;
  counts: FleetCounts;
}

interface FleetCounts {
  imageCount: number;
  layerCount: number;
  tagCount: number;
  driftedTagCount: number;
  hostImageCount: number;
}

/** Fleets larger than any lab: small real HTTP servers that hold made-up images. */
export const simulatedFleet: Part = {
  name: 'simulated-fleet',
  title: 'simulated fleets of 200 images a host, a tenth of the hosts dead',
  async run(context) {
    const sizes = context.quick ? [10, 50] : [10, 100, 1000];
    const empty = await memoryWithoutHosts(context);
    const results: SizeResult[] = [];
    for (const hosts of sizes) results.push(await measure(hosts, context));
    return section(results, empty);
  },
};

async function memoryWithoutHosts({ signal }: PartContext): Promise<Memory> {
  using folder = new TemporaryFolder();
  await using gateway = await GatewayProcess.start([], folder.path, signal);
  // It has answered a query, as the others have.
  await gateway.client.ask('{ fleet { hostCount } }');
  return memoryOf(gateway.child);
}

async function measure(hosts: number, context: PartContext): Promise<SizeResult> {
  const { quick, signal, say } = context;
  const dead = hosts * DEAD_SHARE;
  await using fleet = await FakeFleetProcess.start({ hosts, dead });
  const rounds = quick ? 1 : hosts >= 1000 ? 3 : 5;
  const withDead = [];
  const without = [];
  for (let round = 0; round < rounds; round++) {
    withDead.push(await start(fleet.hosts, fleet.living.length, signal));
    without.push(await start(fleet.living, fleet.living.length, signal));
  }
  const startTimes = {
    firstAnswer: median(withDead.map(({ firstAnswer }) => firstAnswer)),
    inventory: median(withDead.map(({ inventory }) => inventory)),
    inventoryOfLiving: median(without.map(({ inventory }) => inventory)),
  };
  const memory = {
    rss: median(withDead.map(({ memory }) => memory.rss)),
    heap: median(withDead.map(({ memory }) => memory.heap)),
  };
  say(`${hosts} hosts: whole inventory after ${ms(startTimes.inventory)}`);
  await using resources = new AsyncDisposableStack();
  const open = async (entries: readonly HostEntry[]) => {
    const folder = resources.use(new TemporaryFolder());
    const gateway = resources.use(await GatewayProcess.start(entries, folder.path, signal));
    await gateway.untilOnline(fleet.living.length, ONLINE_TIMEOUT_MS, signal);
    return gateway;
  };
  const whole = await open(fleet.hosts);
  const living = await open(fleet.living);
  const pages = await measurePages(whole.client, living.client, context);
  const { fleet: counts } = await whole.client.ask<{ fleet: FleetCounts }>(
    '{ fleet { imageCount layerCount tagCount driftedTagCount hostImageCount } }',
  );
  return { hosts, start: startTimes, pages, memory, counts };
}

/** One start of the gateway, from nothing to everything. */
async function start(entries: readonly HostEntry[], living: number, signal: AbortSignal) {
  using folder = new TemporaryFolder();
  await using gateway = await GatewayProcess.start(entries, folder.path, signal);
  await gateway.client.ask('{ hosts(first: 50) { nodes { name state images { totalCount } } } }');
  const firstAnswer = performance.now() - gateway.startedAt;
  const inventory = await gateway.untilOnline(living, ONLINE_TIMEOUT_MS, signal);
  return { firstAnswer, inventory, memory: await memoryOf(gateway.child) };
}

function section(results: readonly SizeResult[], empty: Memory): Section {
  return {
    verdicts: results.flatMap(({ hosts, pages }) =>
      pages.map(({ name, p99Ratio }): Verdict => {
        return {
          target: `${hosts} hosts, ${name}: p99 with dead hosts within ${DEAD_MAY_COST} of that without`,
          measured: times(p99Ratio),
          met: p99Ratio <= DEAD_MAY_COST,
        };
      }),
    ),
    tables: [startTable(results), pageTable(results), memoryTable(results, empty)],
    notes: NOTES,
  };
}

const NOTES = [
  'Images: 60 on every host, 120 of a pool of 840 on each, 10 of 50 tags that have drifted, 10 that only this host has; ten layers each, of which six are shared. One child process plays all engines of a fleet.',
  'Dead from the beginning: one half refuses connections, the other accepts them and never answers. Full inventory: all others are ONLINE. Times count from the start of the process (Node, type stripping and all) and include what the simulated engines take, on the same two cores.',
  'Pages: two gateways, one with all hosts and one with the living only, asked in pairs one after the other by one client; p99 of all answers. The ratio is the median of seven blocks’ ratios, so that one disturbance of the machine does not decide.',
  'Memory: resident after garbage collection, of the gateway with all hosts right after its full inventory, less that of one without hosts, by host. The heap is what lives; resident is what the machine sees, with what V8 keeps for later.',
];

function startTable(results: readonly SizeResult[]): Table {
  return {
    title: 'Start, median',
    columns: [
      'hosts',
      'first answer',
      'full inventory',
      'without dead hosts',
      'images',
      'layers',
      'tags',
      'drifted',
    ],
    rows: results.map(({ hosts, start, counts }) => [
      count(hosts),
      ms(start.firstAnswer),
      ms(start.inventory),
      ms(start.inventoryOfLiving),
      count(counts.imageCount),
      count(counts.layerCount),
      count(counts.tagCount),
      count(counts.driftedTagCount),
    ]),
  };
}

function pageTable(results: readonly SizeResult[]): Table {
  return {
    title: 'Pages of 50',
    columns: ['hosts', 'page', 'answer', 'p50', 'p99', 'p50 no dead', 'p99 no dead', 'p99 ratio'],
    rows: results.flatMap(({ hosts, pages }) =>
      pages.map((page) => [
        count(hosts),
        page.name,
        kibibytes(page.bytes),
        ms(page.withDead.p50),
        ms(page.withDead.p99),
        ms(page.without.p50),
        ms(page.without.p99),
        times(page.p99Ratio),
      ]),
    ),
  };
}

function memoryTable(results: readonly SizeResult[], empty: Memory): Table {
  const none = ['0', mebibytes(empty.rss), '', mebibytes(empty.heap), '', ''];
  return {
    title: 'Memory',
    columns: ['hosts', 'resident', 'a host', 'heap', 'a host', 'an image on a host'],
    rows: [
      none,
      ...results.map(({ hosts, memory, counts }) => [
        count(hosts),
        mebibytes(memory.rss),
        kibibytes((memory.rss - empty.rss) / hosts),
        mebibytes(memory.heap),
        kibibytes((memory.heap - empty.heap) / hosts),
        `${count((memory.heap - empty.heap) / counts.hostImageCount)} B`,
      ]),
    ],
  };
}
