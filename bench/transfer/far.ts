import { readFile } from 'node:fs/promises';
import { buildImage } from '../../test/lab/index.ts';
import type { BuiltImage } from '../../test/lab/index.ts';
import type { LabTarget } from '../clients/lab-fleet.ts';
import { takeTurns } from '../measure/rounds.ts';
import type { Contender, RoundTimes } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { mebibytes, ms, times } from '../report/units.ts';
import { IMAGE, MB, TransferGround } from './ground.ts';

const TARGET = 1;
/** Each way: the round trip is twice that. */
const DELAY_MS = 25;
const PLAIN = 'docker save into ssh … docker load';
const GZIP = 'docker save into gzip -1 into ssh … docker load';
/** ZSTD would be gzip, too: classic engines before 28 may crash on an archive of zstd. */
const COMPRESSIONS = ['NONE', 'GZIP', 'AUTO'];

/** A target that is 50 ms away. */
export const far: readonly Part[] = [
  { name: 'far', title: 'a target 50 ms away', run: (context) => run(undefined, context) },
  {
    name: 'far-20mb',
    title: 'a target 50 ms away behind 20 MB a second',
    run: (context) => run(20 * MB, context),
  },
];

async function run(
  bytesPerSecond: number | undefined,
  { quick, signal, say }: PartContext,
): Promise<Section> {
  const path = { delayMs: DELAY_MS, ...(bytesPerSecond !== undefined && { bytesPerSecond }) };
  await using ground = await TransferGround.start({
    kind: { release: '26.1', store: 'classic' },
    targets: ['ssh'],
    path,
    signal,
  });
  const image = await programsImage();
  await ground.load(ground.source, image, IMAGE);
  say('the source has the image');
  const [place] = ground.targets;
  const target = place!.target as Extract<LabTarget<string>, { via: 'ssh' }>;
  const save = ground.docker.commandLine(ground.source.target, ['save', IMAGE]);
  const load = ground.docker.sshLine(target, 'docker load --quiet');
  const prepare = () => ground.clear();
  const sent = new Map<string, number>();
  const contenders: Contender[] = [
    ...COMPRESSIONS.map((compression) => ({
      name: nameOf(compression),
      repeats: 1,
      prepare,
      run: async () => {
        const [done] = await ground.transfer([place!], { compression });
        sent.set(nameOf(compression), done!.result!.bytesSent);
      },
    })),
    { name: PLAIN, repeats: 1, prepare, run: () => ground.docker.pipe([save, load], signal) },
    {
      name: GZIP,
      repeats: 1,
      prepare,
      run: () => ground.docker.pipe([save, ['gzip', '-1'], load], signal),
    },
  ];
  const taken = await takeTurns(contenders, quick ? 1 : 3, signal, { warmsUp: false });
  return section(bytesPerSecond, taken, sent);
}

/** Programs of this machine: as compressible as what real images hold. */
async function programsImage(): Promise<BuiltImage> {
  const files = [process.execPath, '/usr/bin/docker'];
  const layers = await Promise.all(
    files.map(async (file, at) => ({
      entries: [{ path: `program-${at}`, content: await readFile(file) }],
    })),
  );
  return buildImage({ layers, config: { Cmd: ['/program-0'] } });
}

function section(
  bytesPerSecond: number | undefined,
  taken: RoundTimes,
  sent: ReadonlyMap<string, number>,
): Section {
  const auto = nameOf('AUTO');
  const ratio = (name: string, under: string) => medianRatio(taken.get(name)!, taken.get(under)!);
  const fastest = [PLAIN, GZIP].toSorted(
    (a, b) => median(taken.get(a)!) - median(taken.get(b)!),
  )[0]!;
  const line = bytesPerSecond === undefined ? '' : `, ${bytesPerSecond / MB} MB/s`;
  return {
    verdicts: [
      {
        target: `50 ms away${line}: with compression AUTO at most ${TARGET.toFixed(1)} of the wall time of the fastest of ssh … docker load`,
        measured: `${times(ratio(auto, fastest))} (${fastest})`,
        met: ratio(auto, fastest) <= TARGET,
      },
    ],
    tables: [
      {
        title: `${mebibytes(sent.get(nameOf('NONE'))!)} of programs, 26.1 → 26.1 classic, target over SSH 50 ms away${line}`,
        columns: ['way', 'wall time', 'sent', 'against save into ssh'],
        rows: [...taken].map(([name, values]) => [
          name,
          ms(median(values)),
          sent.has(name) ? mebibytes(sent.get(name)!) : '',
          name === PLAIN ? '' : times(ratio(name, PLAIN)),
        ]),
      },
    ],
    notes: [
      'Round trip of 50 ms by a TCP proxy before the SSH server, which holds back every chunk for 25 ms in both directions. The source is near, on a unix socket.',
    ],
  };
}

function nameOf(compression: string): string {
  return `dockgraph, ${compression}`;
}
