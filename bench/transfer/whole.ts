import { takeTurns } from '../measure/rounds.ts';
import type { Contender, RoundTimes } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { mebibytes, ms, times } from '../report/units.ts';
import { IMAGE, MB, randomImage, TransferGround } from './ground.ts';
import type { Via } from './ground.ts';

const TARGET = 1;
const OURS = 'dockgraph';
const PIPE = 'docker save into docker load';
const SKOPEO = 'skopeo copy docker-daemon:';
const SAVE = 'the source’s save alone';

/** The whole of a large image to a target that has nothing, by each kind of connection. */
export const whole: readonly Part[] = (['unix', 'tcp', 'tls', 'ssh'] as const).map((via) => ({
  name: `whole-${via}`,
  title: `a whole image of 1 GB to a classic store over ${via}`,
  run: (context) => run(via, context),
}));

async function run(via: Via, { quick, signal, say }: PartContext): Promise<Section> {
  await using ground = await TransferGround.start({ targets: [via], signal });
  const sizes = [(quick ? 100 : 980) * MB, 12 * MB, 4 * MB, MB];
  await ground.load(ground.source, await randomImage('whole', sizes), IMAGE);
  say('the source has the image');
  const [place] = ground.targets;
  const { target } = place!;
  const prepare = () => ground.clear();
  const contenders: Contender[] = [
    {
      name: OURS,
      repeats: 1,
      prepare,
      run: async () => ground.transfer([place!]),
    },
    { name: PIPE, repeats: 1, prepare, run: () => ground.pipe([place!], signal) },
  ];
  if (ground.skopeo.reaches(target)) {
    contenders.push({
      name: SKOPEO,
      repeats: 1,
      prepare,
      run: () => ground.skopeo.copy(IMAGE, ground.source.target, target, signal),
    });
  }
  contenders.push({ name: SAVE, repeats: 1, prepare, run: () => ground.saveAlone(signal) });
  const rounds = quick ? 1 : 3;
  const taken = await takeTurns(contenders, rounds, signal, { warmsUp: false });
  return section(
    via,
    taken,
    sizes.reduce((sum, size) => sum + size, 0),
  );
}

function section(via: Via, taken: RoundTimes, bytes: number): Section {
  const others = [PIPE, SKOPEO].filter((name) => taken.has(name));
  const ours = taken.get(OURS)!;
  const fastest = others.toSorted((a, b) => median(taken.get(a)!) - median(taken.get(b)!))[0]!;
  const ratio = medianRatio(ours, taken.get(fastest)!);
  return {
    verdicts: [
      {
        target: `whole image over ${via}: at most ${TARGET.toFixed(1)} of the wall time of the faster of ${others.join(' and ')}`,
        measured: `${times(ratio)} (${fastest})`,
        met: ratio <= TARGET,
      },
    ],
    tables: [
      {
        title: `${mebibytes(bytes)} in four layers, 20.10 → 20.10, the target over ${via}`,
        columns: ['way', 'rounds', 'wall time', 'dockgraph takes'],
        rows: [...taken].map(([name, values]) => [
          name,
          String(values.length),
          ms(median(values)),
          name === OURS ? '' : times(medianRatio(ours, values)),
        ]),
      },
    ],
    notes: [
      'dockgraph: from the mutation to its answer, when every digest is proven and the inventory shows the tag; without compression. The source is on a unix socket.',
      ...(taken.has(SKOPEO) ? [] : ['skopeo reaches no daemon over SSH.']),
    ],
  };
}
