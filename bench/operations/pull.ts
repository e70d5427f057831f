import { setTimeout as delay } from 'node:timers/promises';
import { ENGINE_KINDS } from '../../test/support/own-engine.ts';
import type { EngineKind } from '../../test/support/own-engine.ts';
import { EngineEvents } from '../clients/engine-events.ts';
import { assertEnded } from '../clients/operation-client.ts';
import { median, medianRatio, quantile } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { count, ms, times } from '../report/units.ts';
import { PullTarget, startPullSource } from './pull-ground.ts';
import type { PullSource } from './pull-ground.ts';

const TARGET = 1.02;
/** For the engine to put away what it removed. */
const REST_MS = 500;

/** Values of each round. */
interface Side {
  /** Milliseconds of wall time. */
  wall: number[];
  /** Milliseconds of it that came after the engine said that the image is there. */
  tail: number[];
}

interface EngineResult {
  kind: string;
  docker: Side;
  ours: Side;
}

/** A large pull against the docker CLI. */
export const pull: Part = {
  name: 'pull',
  title: 'pull of the 200 MB seed image against `docker pull`',
  async run(context) {
    await using source = await startPullSource(context.say);
    const results: EngineResult[] = [];
    for (const kind of context.quick ? ENGINE_KINDS.slice(1, 2) : ENGINE_KINDS) {
      results.push(await measure(kind, source, context));
    }
    return section(results);
  },
};

async function measure(
  kind: EngineKind,
  source: PullSource,
  { quick, signal, say }: PartContext,
): Promise<EngineResult> {
  await using target = await PullTarget.start(kind, source, signal);
  await using events = await EngineEvents.follow(target.engine.socketPath);
  const { reference } = source;
  const sides = {
    docker: { wall: [], tail: [] } as Side,
    ours: { wall: [], tail: [] } as Side,
  };
  const acts = {
    docker: () => target.engine.docker(['pull', reference], { signal }),
    ours: async () => assertEnded(await target.operations.pull(target.hostName, reference, 50)),
  };
  for (let round = -1; round < (quick ? 1 : 24); round++) {
    const order = ['docker', 'ours'] as const;
    for (const name of round % 2 === 0 ? order : order.toReversed()) {
      await target.clear();
      await delay(REST_MS, undefined, { signal });
      const startedAt = performance.now();
      await acts[name]();
      const endedAt = performance.now();
      const pulledAt = await events.lastAt('pull', startedAt);
      // The first round is to warm up.
      if (round < 0) continue;
      sides[name].wall.push(endedAt - startedAt);
      sides[name].tail.push(endedAt - pulledAt);
    }
  }
  const title = `${kind.release}, ${kind.store}`;
  say(`${title}: ${times(medianRatio(sides.ours.wall, sides.docker.wall))} of docker pull`);
  return { kind: title, ...sides };
}

function section(results: readonly EngineResult[]): Section {
  const ratio = ({ ours, docker }: EngineResult) => medianRatio(ours.wall, docker.wall);
  return {
    verdicts: results.map((result) => ({
      target: `pull of 200 MB, ${result.kind}: at most ${TARGET} times the wall time of docker pull`,
      measured: `${ratio(result).toFixed(3)}×`,
      met: ratio(result) <= TARGET,
    })),
    tables: [
      {
        title: 'Wall time, rounds in turns',
        columns: [
          'engine',
          'rounds',
          'docker pull',
          'operation',
          'ratio',
          'ratios from',
          'to',
          'ratio of the fastest quarters',
          'docker after the engine',
          'operation after the engine',
        ],
        rows: results.map((result) => {
          const { kind, docker, ours } = result;
          const ratios = ours.wall.map((value, at) => value / docker.wall[at]!);
          return [
            kind,
            count(ours.wall.length),
            ms(median(docker.wall)),
            ms(median(ours.wall)),
            `${ratio(result).toFixed(3)}×`,
            times(quantile(ratios, 0)),
            times(quantile(ratios, 1)),
            `${(quantile(ours.wall, 0.25) / quantile(docker.wall, 0.25)).toFixed(3)}×`,
            ms(median(docker.tail)),
            ms(median(ours.tail)),
          ];
        }),
      },
    ],
    notes: [
      'One engine and one registry for both; the image is removed before every pull. Ratio: the median of the rounds’ ratios; each round has both, the order changing. Where the machine is shared, rounds differ by more than what is looked for; the fastest quarter of each side is then the better measure.',
      'The operation is asked for over HTTP with waitSeconds and ends when the inventory shows the image. docker pull is the CLI of the machine, its start included, without a terminal.',
      'After the engine: from the engine’s own `pull` event to the end of the CLI or the answer of the operation.',
    ],
  };
}
