import { buildImage } from '../../test/lab/index.ts';
import { takeTurns } from '../measure/rounds.ts';
import type { RoundTimes } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { kibibytes, mebibytes, ms, times } from '../report/units.ts';
import { BASE, IMAGE, MB, randomImage, TransferGround } from './ground.ts';
import type { EngineKind } from './ground.ts';

const TARGET = 5;
const CHANGED_BYTES = 5 * MB;
/** What an archive may take besides its layers. */
const MARGIN_BYTES = 64 * 1024;
const OURS = 'dockgraph';
const PIPE = 'docker save into docker load';
const SKOPEO = 'skopeo copy docker-daemon:';
const SAVE = 'the source’s save alone';

/** One changed layer on a base that the target has. */
export const delta: readonly Part[] = [
  part('delta-200mb', 200, '20.10'),
  part('delta-1000mb', 1000, '20.10'),
  part('delta-containerd-200mb', 200, '26.1 containerd', { release: '26.1', store: 'containerd' }),
];

function part(name: string, baseMegabytes: number, engines: string, kind?: EngineKind): Part {
  return {
    name,
    title: `one changed layer of 5 MB on a base of ${baseMegabytes} MB that the target has, ${engines}`,
    run: (context) => run({ baseMegabytes, engines, kind }, context),
  };
}

/** The engines and what they have beforehand. */
interface Setting {
  baseMegabytes: number;
  /** As a reader knows them. */
  engines: string;
  kind: EngineKind | undefined;
}

async function run(setting: Setting, { quick, signal, say }: PartContext): Promise<Section> {
  const { baseMegabytes, kind } = setting;
  await using ground = await TransferGround.start({
    targets: ['tcp'],
    signal,
    ...(kind && { kind }),
  });
  const base = await randomImage('base', [baseMegabytes * MB]);
  const changed = await randomImage('changed', [CHANGED_BYTES]);
  const image = await buildImage({ layers: [...base.layers, ...changed.layers] });
  const [place] = ground.targets;
  await ground.load(place!, base, BASE);
  await ground.load(ground.source, image, IMAGE);
  say('the target has the base, the source the image');
  const sent: number[] = [];
  const prepare = () => ground.clear();
  const skopeo = () => ground.skopeo.copy(IMAGE, ground.source.target, place!.target, signal);
  const taken = await takeTurns(
    [
      {
        name: OURS,
        repeats: 1,
        prepare,
        run: async () => {
          const [done] = await ground.transfer([place!]);
          sent.push(done!.result!.bytesSent);
        },
      },
      { name: PIPE, repeats: 1, prepare, run: () => ground.pipe([place!], signal) },
      // It speaks an API that newer engines do not take any more.
      ...(kind ? [] : [{ name: SKOPEO, repeats: 1, prepare, run: skopeo }]),
      { name: SAVE, repeats: 1, prepare, run: () => ground.saveAlone(signal) },
    ],
    quick ? 1 : baseMegabytes > 500 ? 3 : 5,
    signal,
    { warmsUp: false },
  );
  // What the image's own layer takes in an archive, header and padding of it left to the margin.
  return section(setting, taken, Math.max(...sent));
}

function section({ baseMegabytes, engines }: Setting, taken: RoundTimes, sent: number): Section {
  const ours = taken.get(OURS)!;
  const of = (name: string) => medianRatio(taken.get(name)!, ours);
  const base = `${baseMegabytes} MB base`;
  const change = `changed layer of 5 MB, ${base}, ${engines}`;
  return {
    verdicts: [
      {
        target: `${change}: bytes sent at most the layer and 64 KiB`,
        measured: `${kibibytes(sent - CHANGED_BYTES)} above`,
        met: sent <= CHANGED_BYTES + MARGIN_BYTES,
      },
      ...[PIPE, SKOPEO]
        .filter((name) => taken.has(name))
        .map((name) => ({
          target: `${change}: ${TARGET}× faster than ${name}`,
          measured: times(of(name)),
          met: of(name) >= TARGET,
        })),
    ],
    tables: [
      {
        title: `${engines} to ${engines} over TCP, ${base} on the target`,
        columns: ['way', 'rounds', 'wall time', 'dockgraph is faster by'],
        rows: [...taken].map(([name, values]) => [
          name,
          String(values.length),
          ms(median(values)),
          name === OURS ? '' : times(of(name)),
        ]),
      },
    ],
    notes: [
      `Sent to the target: ${mebibytes(sent)}. The source is made to push the missing layer, and never saves.`,
      `A way that has the source save the image could not be faster than ${times(of(PIPE) / of(SAVE))} of the pipe: so long does the save take by itself.`,
    ],
  };
}
