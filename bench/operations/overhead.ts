import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { HOST_NAMES, lab } from '../../test/lab/index.ts';
import type { HostName, Lab } from '../../test/lab/index.ts';
import { DockerodeClient } from '../clients/dockerode-client.ts';
import { directTargets, hostEntry } from '../clients/lab-fleet.ts';
import { assertEnded, OperationClient } from '../clients/operation-client.ts';
import { median } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { ms } from '../report/units.ts';

const TARGET_MS = 5;
const ONLINE_TIMEOUT_MS = 120_000;
/** Longer than the gateway's debounce and a listing. */
const REST_MS = 120;
const IMAGE = 'team/base:1';
const NOWHERE = 'dockgraph-bench/not-there:1';

/**
 * The ways to ask. `Again` gives a tag that the image has already: the inventory shows it at once,
 * so that nothing is left but the operation and the engine's call.
 */
const WAYS = ['dockerode', 'ours', 'dockerodeAgain', 'oursAgain', 'noCall', 'accepted'] as const;
type Way = (typeof WAYS)[number];

/** Milliseconds of each way, one value a round. */
interface HostTimes {
  where: string;
  times: Record<Way, number[]>;
  /** Listing the host once, by dockerode. */
  listMs: number;
}

/** What an operation costs beside the engine's own work. */
export const overhead: Part = {
  name: 'overhead',
  title: 'tagImage as an operation against the same engine call by dockerode',
  async run(context) {
    await using resources = new AsyncDisposableStack();
    const engines = await lab();
    const folder = resources.use(new TemporaryFolder());
    const entries = directTargets(engines).map(hostEntry);
    const gateway = resources.use(await GatewayProcess.start(entries, folder.path, context.signal));
    await gateway.untilOnline(entries.length, ONLINE_TIMEOUT_MS, context.signal);
    const results: HostTimes[] = [];
    for (const name of HOST_NAMES) {
      results.push(await measure(engines, name, new OperationClient(gateway.client), context));
    }
    return section(results, await syncTime(folder));
  },
};

async function measure(
  engines: Lab,
  host: HostName,
  operations: OperationClient,
  { quick, signal, say }: PartContext,
): Promise<HostTimes> {
  const { docker } = new DockerodeClient(baselineTarget(engines, host));
  const listMs = await listTime(docker);
  const { Id } = await docker.getImage(IMAGE).inspect();
  const image = docker.getImage(Id);
  const repo = `dockgraph-bench/overhead-${process.pid}`;
  const times = Object.fromEntries(WAYS.map((way) => [way, []])) as unknown as HostTimes['times'];
  const made = new Set<string>();
  const rest = () =>
    delay(Math.max(REST_MS, 3 * listMs) + 40 * Math.random(), undefined, { signal });
  const acts: Record<Way, (round: number) => Promise<void>> = {
    dockerode: (round) => tagBy(tagOf(round, 'dockerode')),
    ours: async (round) =>
      assertEnded(await operations.tag([host], Id, `${repo}:${tagOf(round, 'ours')}`)),
    dockerodeAgain: () => tagBy('again'),
    oursAgain: async () => assertEnded(await operations.tag([host], Id, `${repo}:again`)),
    noCall: async () => assertEnded(await operations.tag([host], NOWHERE, `${repo}:no`), 'FAILED'),
    accepted: async (round) => {
      await operations.tag([host], Id, `${repo}:${tagOf(round, 'accepted')}`, 0);
    },
  };
  const tagBy = (tag: string) => image.tag({ repo, tag }) as Promise<void>;
  const untagAll = async () => {
    for (const tag of made) {
      // One that was never made is as good as gone.
      await docker
        .getImage(`${repo}:${tag}`)
        .remove()
        .catch(() => undefined);
    }
    made.clear();
  };
  try {
    for (let round = -2; round < (quick ? 2 : 20); round++) {
      const tags = ['again', ...WAYS.map((way) => tagOf(round, way))];
      for (const tag of tags) made.add(tag);
      await tagBy('again');
      for (let turn = 0; turn < WAYS.length; turn++) {
        await rest();
        const way = WAYS[(turn + round + 2) % WAYS.length]!;
        const startedAt = performance.now();
        await acts[way](round);
        // The first two rounds are to warm up.
        if (round >= 0) times[way].push(performance.now() - startedAt);
      }
      await rest();
      await untagAll();
    }
  } finally {
    // Also on Ctrl-C: the lab is left as it was.
    await untagAll();
  }
  const { engineVersion, store, endpoint } = engines.hosts[host];
  const where = `${host}: ${engineVersion}, ${store}, ${new URL(endpoint).protocol.slice(0, -1)}`;
  say(`${where}: ${ms(overheadOf(times.ours, times.dockerode))} above dockerode`);
  return { where, times, listMs };
}

function tagOf(round: number, way: Way): string {
  return `${way}${round + 2}`;
}

/** For charlie its own socket: over SSH dockerode opens a connection for each request. */
function baselineTarget(engines: Lab, name: HostName) {
  const target = directTargets(engines).find((candidate) => candidate.name === name)!;
  if (target.via !== 'ssh') return target;
  return { name, via: 'unix' as const, socketPath: engines.hosts[name].socketPath };
}

async function listTime(docker: Docker): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < 7; turn++) {
    const startedAt = performance.now();
    await Promise.all([docker.listImages(), docker.listContainers({ all: true })]);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

/** What one write takes that survives a loss of power, where the gateway keeps its operations. */
async function syncTime(folder: TemporaryFolder): Promise<number> {
  await using file = await open(folder.file('sync'), 'w');
  const times: number[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const startedAt = performance.now();
    await file.write(Buffer.alloc(4096, turn));
    await file.datasync();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

/** The median of what one took more than the other in the same round. */
function overheadOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, at) => value - theirs[at]!));
}

function section(results: readonly HostTimes[], syncMs: number): Section {
  const whole = ({ times }: HostTimes) => overheadOf(times.ours, times.dockerode);
  const bare = ({ times }: HostTimes) => overheadOf(times.oursAgain, times.dockerodeAgain);
  const verdict = (target: string, value: number) => ({
    target,
    measured: ms(value),
    met: value < TARGET_MS,
  });
  return {
    verdicts: results.flatMap((result) => [
      verdict(
        `operation, ${result.where}: under ${TARGET_MS} ms above dockerode at p50`,
        whole(result),
      ),
      verdict(
        `operation without the wait for the inventory, ${result.where}: under ${TARGET_MS} ms at p50`,
        bare(result),
      ),
    ]),
    tables: [
      {
        title: 'A new tag, milliseconds, median of rounds in turns',
        columns: [
          'host',
          'dockerode',
          'operation',
          'above',
          'of it: operation',
          'wait for the inventory',
          'one listing',
        ],
        rows: results.map((result) => [
          result.where,
          ms(median(result.times.dockerode)),
          ms(median(result.times.ours)),
          ms(whole(result)),
          ms(bare(result)),
          ms(whole(result) - bare(result)),
          ms(result.listMs),
        ]),
      },
      {
        title: 'What the operation itself takes',
        columns: [
          'host',
          'dockerode, tag is there',
          'operation, tag is there',
          'no engine call',
          'accepted (waitSeconds 0)',
        ],
        rows: results.map(({ where, times }) => [
          where,
          ms(median(times.dockerodeAgain)),
          ms(median(times.oursAgain)),
          ms(median(times.noCall)),
          ms(median(times.accepted)),
        ]),
      },
    ],
    notes: [
      'tagImage with waitSeconds 30 over HTTP to the gateway, and dockerode’s `image.tag` on the same engine, one after the other in turns, with a rest between. Above: the median of the differences in the same round.',
      'Without the wait for the inventory: the image has the tag already and the inventory shows it, so that the operation is over when the engine has answered.',
      'No engine call: an image that the host does not have; the operation is stored, started and FAILED, each written to the disk before it is told. Accepted: until the operation is stored.',
      `Three writes with synchronous FULL belong to each operation; one write of 4 KiB with fdatasync in the same folder took ${ms(syncMs)} (median of 50).`,
      'The gateway reaches the hosts as the lab has them: unix socket, TLS, SSH, TCP. dockerode does too, but for charlie, where it uses the socket of the far end: over SSH it opens a connection for each request.',
    ],
  };
}
