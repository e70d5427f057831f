import { lab, runCommand } from '../../test/lab/index.ts';
import { DockerCli } from '../clients/docker-cli.ts';
import { DockerodeClient } from '../clients/dockerode-client.ts';
import type { HostContents } from '../clients/dockerode-client.ts';
import { delayedTargets, directTargets, hostEntry } from '../clients/lab-fleet.ts';
import type { LabTarget } from '../clients/lab-fleet.ts';
import { takeTurns } from '../measure/rounds.ts';
import type { Contender, RoundTimes } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, PartContext, Table, Verdict } from '../part.ts';
import { Child } from '../process/child.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { ms, times } from '../report/units.ts';

const PROXY = new URL('../servers/delay-proxy.ts', import.meta.url);
const DELAY_MS = 5;
const ONLINE_TIMEOUT_MS = 30_000;

const OURS = 'dockgraph';
const CURL = 'dockgraph, asked with curl';
const LOOP = 'docker -H … images, in a loop';
const PARALLEL = 'docker -H … images, in parallel';
const LIST = 'dockerode, list only (no layers)';
const INSPECT = 'dockerode, list + inspect';
/** What answers the question at all, though `docker images` leaves the layers out. */
const RIVALS = [LOOP, PARALLEL, INSPECT];

const QUERY = `query ($names: [String!]) {
  hosts(first: 100, filter: { names: $names }) { totalCount nodes {
    name state inventoryAt error { code message }
    images(first: 1000) { totalCount nodes {
      image { digest sizeBytes layers { diffId chainId sizeBytes } } tags { familiarName } dangling inUse
    } }
  } }
}`;

/** The hosts that are asked. */
interface Fleet {
  name: string;
  includes: (target: LabTarget) => boolean;
}

const FLEETS: readonly Fleet[] = [
  { name: 'all five hosts', includes: () => true },
  { name: 'four without SSH', includes: ({ via }) => via !== 'ssh' },
  {
    name: 'three of the classic store',
    includes: ({ via, name }) => via !== 'ssh' && name !== 'echo',
  },
];

/** The fleet query against what people do today. */
export const fleetQuery: Part = {
  name: 'fleet-query',
  title: 'all hosts with their images, tags and layers, on the lab',
  async run(context) {
    await using resources = new AsyncDisposableStack();
    const engines = await lab();
    const folder = resources.use(new TemporaryFolder());
    const proxy = resources.use(new Child(PROXY));
    const networks = [
      { name: 'loopback', target: 10, hosts: directTargets(engines) },
      {
        name: `${DELAY_MS} ms network delay`,
        target: 50,
        hosts: await delayedTargets(engines, proxy, DELAY_MS, folder),
      },
    ];
    const verdicts: Verdict[] = [];
    const tables: Table[] = [];
    const hardest: string[] = [];
    for (const { name, target, hosts } of networks) {
      const results: RoundTimes[] = [];
      for (const fleet of FLEETS) results.push(await compare(hosts, fleet, context));
      tables.push(tableOf(name, results));
      verdicts.push(verdictOf(name, target, results[0]!));
      hardest.push(`${times(ratioToBest(results.at(-1)!))} (${name})`);
    }
    return { verdicts, tables, notes: [...NOTES, hardestNote(hardest)] };
  },
};

const NOTES = [
  'The five hosts are the lab’s: alpha (20.10, unix socket), bravo (20.10, TLS), charlie (20.10, SSH), delta (26.1, TCP) and echo (26.1 with the containerd store, TCP), whose engine alone takes about 200 ms for a listing. The smaller fleets are there because SSH and that engine are slow for the others.',
  'Time from sending the question to holding the whole answer; dockgraph’s answer is also parsed. Median of rounds in which all take turns; ratios are medians of the rounds’ ratios, to the best of the two ways with the docker CLI and dockerode with inspect.',
  'dockgraph answers from its live inventory, the others ask the engines each time: that is the point of it, and the price is in the parts `simulated-fleet` (start, memory) and `change` (freshness).',
  '`docker images` shows no layers, so it says less than the other two. That dockerode’s list + inspect and dockgraph count the same images and layers is asserted before every comparison.',
  `The delay is added to the round trip of every exchange by a TCP proxy, for the TCP, TLS and SSH hosts; the unix socket stays as it is, and connecting to the proxy costs nothing, which favours those who connect anew.`,
  'dockerode’s clients are kept and their connections are warm, except over SSH, where it makes one for each request; 8 at once there, since sshd refuses more.',
];

async function compare(
  hosts: readonly LabTarget[],
  fleet: Fleet,
  context: PartContext,
): Promise<RoundTimes> {
  const { quick, signal } = context;
  using folder = new TemporaryFolder();
  await using gateway = await GatewayProcess.start(hosts.map(hostEntry), folder.path, signal);
  await gateway.untilOnline(hosts.length, ONLINE_TIMEOUT_MS, signal);
  const targets = hosts.filter((host) => fleet.includes(host));
  const names = targets.map(({ name }) => name);
  const payload = JSON.stringify({ query: QUERY, variables: { names } });
  const cli = new DockerCli(folder);
  const clients = targets.map((target) => new DockerodeClient(target));
  await assertSame(gateway, names, clients);
  const images = (target: LabTarget) => cli.run(target, ['images', '--no-trunc'], signal);
  const curl = ['-sS', '-H', 'content-type: application/json', '-d', payload];
  const contenders: Contender[] = [
    {
      name: LOOP,
      repeats: 1,
      run: async () => {
        for (const target of targets) await images(target);
      },
    },
    { name: PARALLEL, repeats: 2, run: () => Promise.all(targets.map(images)) },
    { name: LIST, repeats: 3, run: () => Promise.all(clients.map((client) => client.list())) },
    { name: INSPECT, repeats: 2, run: () => Promise.all(clients.map((c) => c.contents())) },
    { name: CURL, repeats: 5, run: () => runCommand('curl', [...curl, `${gateway.url}/graphql`]) },
    {
      name: OURS,
      repeats: 15,
      run: async () => JSON.parse((await gateway.client.post(payload)).body) as unknown,
    },
  ];
  // V8 compiles what runs often: a server that has been up for a minute is what is of interest.
  for (let turn = 0; turn < (quick ? 20 : 150); turn++) await contenders.at(-1)!.run();
  const result = await takeTurns(contenders, quick ? 2 : 7, signal);
  context.say(`${fleet.name}: ${ms(median(result.get(OURS)!))}`);
  return result;
}

interface FleetAnswer {
  hosts: { nodes: { images: { totalCount: number; nodes: { image: { layers: object[] } }[] } }[] };
}

/** Others may use the lab at the same time, so a difference counts when it stays. */
async function assertSame(
  gateway: GatewayProcess,
  names: readonly string[],
  clients: readonly DockerodeClient[],
): Promise<void> {
  let theirs = '';
  let ours = '';
  for (let attempt = 0; attempt < 5; attempt++) {
    const [contents, { hosts }] = await Promise.all([
      Promise.all(clients.map((client) => client.contents())),
      gateway.client.ask<FleetAnswer>(QUERY, { names }),
    ]);
    theirs = JSON.stringify(contents);
    ours = JSON.stringify(
      hosts.nodes.map(({ images: { totalCount, nodes } }): HostContents => {
        const layers = nodes.reduce((sum, { image }) => sum + image.layers.length, 0);
        return { images: totalCount, layers };
      }),
    );
    if (theirs === ours) return;
  }
  throw new Error(`dockgraph and dockerode do not see the same: ${ours} and ${theirs}`);
}

/** The fastest rival of each round. */
function bestRival(result: RoundTimes): { name: string; times: readonly number[] } {
  const rivals = RIVALS.map((name) => ({ name, times: result.get(name)! }));
  return rivals.toSorted((a, b) => median(a.times) - median(b.times))[0]!;
}

function ratioToBest(result: RoundTimes): number {
  return medianRatio(bestRival(result).times, result.get(OURS)!);
}

function verdictOf(network: string, target: number, result: RoundTimes): Verdict {
  const ratio = ratioToBest(result);
  return {
    target: `fleet query, lab, ${network}: ${target}× faster than the best of the others`,
    measured: `${times(ratio)} (${bestRival(result).name})`,
    met: ratio >= target,
  };
}

function hardestNote(ratios: readonly string[]): string {
  return (
    `The lab as a whole is what the targets speak of, and SSH and the containerd store make the others slow there. Against dockerode on alpha, bravo and delta alone dockgraph is faster by ${ratios.join(' and ')}: ` +
    'with that few images there is little for the others to do, while our answer takes its milliseconds.'
  );
}

function tableOf(network: string, results: readonly RoundTimes[]): Table {
  const columns = FLEETS.flatMap(({ name }) => [name, 'ours is faster by']);
  const rows = [LOOP, PARALLEL, LIST, INSPECT, CURL, OURS].map((name) => [
    name,
    ...results.flatMap((result) => {
      const taken = result.get(name)!;
      const ratio = times(medianRatio(taken, result.get(OURS)!));
      return [ms(median(taken)), name === OURS ? '' : ratio];
    }),
  ]);
  return { title: `Fleet query, ${network}`, columns: ['way', ...columns], rows };
}
