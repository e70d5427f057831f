import { setTimeout as delay } from 'node:timers/promises';
import type { CrowdRequest, CrowdResult } from '../clients/watcher-crowd.ts';
import { assertEnded } from '../clients/operation-client.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { Child } from '../process/child.ts';
import {
  MEASURED,
  forgetPeakMemoryOf,
  memoryOf,
  peakMemoryOf,
  processorTimeOf,
} from '../process/measured-server.ts';
import { count, kibibytes, mebibytes, ms, times } from '../report/units.ts';
import { PullTarget, startPullSource } from './pull-ground.ts';
import type { PullSource } from './pull-ground.ts';

const CROWD = new URL('../clients/watcher-crowd.ts', import.meta.url);
const REST_MS = 500;

/** Values of each round. */
interface Side {
  wall: number[];
  /** Milliseconds of the gateway's processor time. */
  processor: number[];
}

interface Result {
  watchers: number;
  alone: Side;
  watched: Side;
  crowdProcessor: number[];
  told: CrowdResult[];
  memory: { before: number; connected: number; peak: number; after: number };
}

/** Many who look on. */
export const watchers: Part = {
  name: 'watchers',
  title: '500 watchers of one pull over WebSocket',
  async run(context) {
    await using source = await startPullSource(context.say);
    return section(await measure(source, context));
  },
};

async function measure(source: PullSource, { quick, signal, say }: PartContext): Promise<Result> {
  const wanted = quick ? 20 : 500;
  await using resources = new AsyncDisposableStack();
  const kind = { release: '26.1', store: 'classic' } as const;
  const target = resources.use(await PullTarget.start(kind, source, signal));
  const crowd = resources.use(new Child(CROWD, MEASURED));
  const { gateway, operations, hostName } = target;
  const alone: Side = { wall: [], processor: [] };
  const watched: Side = { wall: [], processor: [] };
  const crowdProcessor: number[] = [];
  const told: CrowdResult[] = [];

  const pull = async (isWatched: boolean, side: Side | null) => {
    await target.clear();
    await delay(REST_MS, undefined, { signal });
    const processorBefore = await processorTimeOf(gateway.child);
    const crowdBefore = await processorTimeOf(crowd);
    const startedAt = performance.now();
    const { id } = await operations.pull(hostName, source.reference, 0);
    if (isWatched) await crowd.ask('watch', id);
    assertEnded(await operations.wait(id));
    const wall = performance.now() - startedAt;
    const result = isWatched ? await crowd.ask<CrowdResult>('result') : null;
    if (!side) return;
    side.wall.push(wall);
    side.processor.push(((await processorTimeOf(gateway.child)) - processorBefore) / 1000);
    if (!result) return;
    told.push(result);
    crowdProcessor.push(((await processorTimeOf(crowd)) - crowdBefore) / 1000);
  };

  await pull(false, null);
  const { rss: before } = await memoryOf(gateway.child);
  await crowd.ask('connect', { url: gateway.url, watchers: wanted } satisfies CrowdRequest);
  const { rss: connected } = await memoryOf(gateway.child);
  await forgetPeakMemoryOf(gateway.child);
  for (let round = 0; round < (quick ? 1 : 8); round++) {
    for (const isWatched of round % 2 === 0 ? [false, true] : [true, false]) {
      await pull(isWatched, isWatched ? watched : alone);
    }
    say(`round ${round + 1}: ${ms(alone.wall.at(-1)!)} alone, ${ms(watched.wall.at(-1)!)} watched`);
  }
  const peak = await peakMemoryOf(gateway.child);
  const { rss: after } = await memoryOf(gateway.child);
  const memory = { before, connected, peak, after };
  return { watchers: wanted, alone, watched, crowdProcessor, told, memory };
}

function section(result: Result): Section {
  const { watchers: wanted, alone, watched, told, crowdProcessor, memory } = result;
  const events = told.map((each) => each.events.reduce((sum, one) => sum + one, 0));
  const all = told.flatMap((each) => each.events);
  const extra = median(watched.processor) - median(alone.processor);
  const wallRatio = medianRatio(watched.wall, alone.wall);
  const ends = told.map(({ toldTheEnd }) => toldTheEnd);
  return {
    verdicts: [
      {
        target: `${wanted} watchers of one pull: each is told its end, in every round`,
        measured: `${count(Math.min(...ends))} of ${count(wanted)}`,
        met: ends.every((each) => each === wanted),
      },
    ],
    tables: [
      {
        title: `A pull of 200 MB, median of ${alone.wall.length} rounds in turns`,
        columns: [
          '',
          'wall time',
          'ratio',
          'CPU of the gateway',
          'share of a core',
          'CPU of the watchers',
        ],
        rows: [
          row('nobody watches', alone, times(1), ''),
          row(`${count(wanted)} watch`, watched, times(wallRatio), ms(median(crowdProcessor))),
        ],
      },
      {
        title: 'What was told',
        columns: [
          'events in all',
          'a watcher, fewest',
          'median',
          'most',
          'bytes an event',
          'CPU µs an event',
        ],
        rows: [
          [
            count(median(events)),
            count(Math.min(...all)),
            count(median(all)),
            count(Math.max(...all)),
            count(median(told.map(({ bytes }, at) => bytes / events[at]!))),
            count((extra * 1000) / median(events)),
          ],
        ],
      },
      {
        title: 'Resident memory of the gateway',
        columns: ['before', 'all connected', 'a connection', 'peak while they watch', 'after'],
        rows: [
          [
            mebibytes(memory.before),
            mebibytes(memory.connected),
            kibibytes((memory.connected - memory.before) / wanted),
            mebibytes(memory.peak),
            mebibytes(memory.after),
          ],
        ],
      },
    ],
    notes: [
      'One throw-away engine (26.1, classic store), registry and gateway. Each watcher has a WebSocket of its own that stays over all rounds, and subscribes to each pull when it was answered, with progress layer by layer.',
      'The watchers run in a process of their own, but on the same two cores as engine, registry and gateway: the ratio of the wall times has what they take in it.',
      'Memory: before, connected and after with garbage collected; the peak without.',
    ],
  };
}

function row(name: string, { wall, processor }: Side, ratio: string, crowd: string): string[] {
  const share = median(processor) / median(wall);
  return [
    name,
    ms(median(wall)),
    ratio,
    ms(median(processor)),
    `${(share * 100).toFixed(0)} %`,
    crowd,
  ];
}
