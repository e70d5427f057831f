import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GraphqlClient } from '../clients/graphql-client.ts';
import { median, quantile } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import {
  eventLoopP99Of,
  forgetPeakMemoryOf,
  memoryOf,
  peakMemoryOf,
  watchEventLoopOf,
} from '../process/measured-server.ts';
import { mebibytes, ms, times } from '../report/units.ts';
import { IMAGE, MB, randomImage, TransferGround } from './ground.ts';

const MEMORY_TARGET = 64 * 1024 * 1024;
const LOOP_TARGET_MS = 20;
const QUERY_TARGET = 2;
const QUERY = '{ fleet { hostsByState { state count } } }';
const PAUSE_MS = 10;
const IDLE_MS = 8_000;

/** What the gateway was like while something went on. */
interface Look {
  what: string;
  loopP99: number;
  queryP99: number;
  /** Bytes at the worst moment above what it had before. */
  memory: number;
}

/** What a transfer to four targets takes of the gateway. */
export const footprint: readonly Part[] = [
  {
    name: 'footprint',
    title: 'memory, event loop and queries of the gateway while 1 GB goes to 4 targets',
    run: async (context) => section(await looksAt(context, false)),
  },
  {
    name: 'footprint-apart',
    title: 'the same with the engines on a processor of their own, as on hosts of their own',
    run: async (context) => sectionApart(await looksAt(context, true)),
  },
];

async function looksAt(context: PartContext, isApart: boolean): Promise<Look[]> {
  const { quick, signal, say } = context;
  const via = 'unix';
  await using ground = await TransferGround.start({ targets: [via, via, via, via], signal });
  if (isApart) await setApart(ground);
  const size = (quick ? 100 : 980) * MB;
  await ground.load(ground.source, await randomImage('foot', [size, 12 * MB, 4 * MB]), IMAGE);
  say('the source has the image');
  const looks = [await look(ground, 'idle', () => sleepFor(IDLE_MS, signal), context)];
  // To warm up: code that has run once is compiled, buffers are there.
  await ground.transfer(ground.targets.slice(0, 1));
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    if (!isApart) {
      await ground.clear();
      const pipes = () => ground.pipe(ground.targets, signal);
      looks.push(await look(ground, 'four pipes beside it', pipes, context));
    }
    await ground.clear();
    const ours = () => ground.transfer(ground.targets);
    looks.push(await look(ground, 'transfer to four', ours, context));
  }
  return looks;
}

/** The engines on the last processor, the gateway and who asks it on the first. */
async function setApart({ source, targets, gateway }: TransferGround): Promise<void> {
  const last = availableParallelism() - 1;
  if (last < 1) throw new Error('needs two processors: one for the engines, one for the gateway');
  const confine = (pid: number | undefined, cpu: number) =>
    execute('taskset', ['--all-tasks', '--pid', '--cpu-list', `${cpu}`, `${pid}`]);
  await Promise.all([
    ...[source, ...targets].map(({ engine }) => confine(engine.pid, last)),
    confine(gateway.child.pid, 0),
    confine(process.pid, 0),
  ]);
}

const execute = promisify(execFile);

async function look(
  ground: TransferGround,
  what: string,
  work: () => Promise<unknown>,
  { say }: PartContext,
): Promise<Look> {
  const { child, client } = ground.gateway;
  using queries = new QueryLoop(client.url);
  const idle = (await memoryOf(child)).rss;
  await forgetPeakMemoryOf(child);
  await watchEventLoopOf(child);
  queries.start();
  await work();
  const queryP99 = quantile(await queries.stop(), 0.99);
  const loopP99 = await eventLoopP99Of(child);
  const memory = (await peakMemoryOf(child)) - idle;
  say(`${what}: ${mebibytes(memory)} above idle, loop ${ms(loopP99)}, query ${ms(queryP99)}`);
  return { what, loopP99, queryP99, memory };
}

/** Asks a small query again and again and keeps how long each took. */
class QueryLoop implements Disposable {
  readonly #client: GraphqlClient;
  readonly #times: number[] = [];
  #isOn = true;
  #loop: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#client = new GraphqlClient(url);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<number[]> {
    this.#isOn = false;
    await this.#loop;
    return this.#times;
  }

  [Symbol.dispose](): void {
    this.#isOn = false;
    this.#client.close();
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      const startedAt = performance.now();
      await this.#client.ask(QUERY);
      this.#times.push(performance.now() - startedAt);
      await sleepFor(PAUSE_MS);
    }
  }
}

function sectionApart(looks: readonly Look[]): Section {
  const [idle, ours] = rowsOf(looks);
  const slower = ours!.queryP99 / idle!.queryP99;
  return {
    verdicts: [
      memoryVerdict('1 GB to 4 targets, engines apart', ours!),
      {
        target: `1 GB to 4 targets, engines apart: p99 of a query at most ${QUERY_TARGET} times that of an idle gateway`,
        measured: times(slower),
        met: slower <= QUERY_TARGET,
      },
    ],
    tables: [tableOf(looks)],
    notes: [
      'The five engines share the last processor, the gateway has the first together with the client that asks: what is seen here is what a transfer does to the gateway, and not what engines on the same machine do.',
    ],
  };
}

function section(looks: readonly Look[]): Section {
  const [idle, pipes, ours] = rowsOf(looks);
  const { loopP99: loop } = ours!;
  const slower = ours!.queryP99 / idle!.queryP99;
  const machine = pipes!.queryP99 / idle!.queryP99;
  return {
    verdicts: [
      memoryVerdict('1 GB to 4 targets', ours!),
      {
        target: `1 GB to 4 targets: event-loop delay p99 under ${LOOP_TARGET_MS} ms`,
        measured: ms(loop),
        met: loop < LOOP_TARGET_MS,
      },
      {
        target: `1 GB to 4 targets: p99 of a query at most ${QUERY_TARGET} times that of an idle gateway`,
        measured: `${times(slower)} (four pipes beside an idle gateway: ${times(machine)})`,
        met: slower <= QUERY_TARGET,
      },
    ],
    tables: [tableOf(looks)],
    notes: [
      'Memory is the resident set at its worst against the one just before, after garbage collection. The event loop is looked at every millisecond inside of the gateway. The query counts the hosts by state, every 10 ms on a connection of its own.',
      '“Four pipes beside it”: the same engines do the same work by docker save | docker load while the gateway does nothing: so much of the figures is the machine’s, whose two cores five engines share.',
    ],
  };
}

function memoryVerdict(what: string, { memory }: Look): Section['verdicts'][number] {
  return {
    target: `${what}: the gateway’s memory at most 64 MiB above idle`,
    measured: mebibytes(memory),
    met: memory <= MEMORY_TARGET,
  };
}

/** What went on, each once: medians of its rounds, and of memory the worst. */
function rowsOf(looks: readonly Look[]): (Look & { rounds: number })[] {
  return [...Map.groupBy(looks, ({ what }) => what)].map(([what, rounds]) => ({
    what,
    rounds: rounds.length,
    memory: Math.max(...rounds.map(({ memory }) => memory)),
    loopP99: median(rounds.map(({ loopP99 }) => loopP99)),
    queryP99: median(rounds.map(({ queryP99 }) => queryP99)),
  }));
}

function tableOf(looks: readonly Look[]): Section['tables'][number] {
  return {
    title: 'The gateway’s process, median of rounds; memory: the worst of rounds',
    columns: ['meanwhile', 'rounds', 'memory above idle', 'event-loop delay p99', 'query p99'],
    rows: rowsOf(looks).map(({ what, rounds, memory, loopP99, queryP99 }) => [
      what,
      String(rounds),
      mebibytes(memory),
      ms(loopP99),
      ms(queryP99),
    ]),
  };
}

function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal });
}
