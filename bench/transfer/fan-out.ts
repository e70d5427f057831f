import { takeTurns } from '../measure/rounds.ts';
import type { Contender } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, Section } from '../part.ts';
import { mebibytes, ms, times } from '../report/units.ts';
import { IMAGE, MB, randomImage, TransferGround } from './ground.ts';

const SIZES = [180 * MB, 15 * MB, 4 * MB, MB];
const WIDTHS = [1, 2, 4];

interface Width {
  targets: number;
  ours: readonly number[];
  pipes: readonly number[];
  /** Bytes that the source sent, the most of all rounds. */
  read: number;
}

/** One image to several targets at once. */
export const fanOut: Part = {
  name: 'fan-out',
  title: 'an image of 200 MB to 1, 2 and 4 targets at once against as many pipes',
  async run({ quick, signal, say }) {
    const via = 'unix';
    await using ground = await TransferGround.start({ targets: [via, via, via, via], signal });
    await ground.load(ground.source, await randomImage('fan', SIZES), IMAGE);
    const widths: Width[] = [];
    for (const targets of WIDTHS) {
      const places = ground.targets.slice(0, targets);
      const prepare = () => ground.clear();
      let read = 0;
      const ours: Contender = {
        name: 'ours',
        repeats: 1,
        prepare,
        run: async () => {
          const before = await ground.bytesRead();
          await ground.transfer(places, { source: 'counted' });
          read = Math.max(read, (await ground.bytesRead()) - before);
        },
      };
      const pipes = { name: 'pipes', repeats: 1, prepare, run: () => ground.pipe(places, signal) };
      const taken = await takeTurns([ours, pipes], quick ? 1 : 3, signal, { warmsUp: false });
      widths.push({ targets, ours: taken.get('ours')!, pipes: taken.get('pipes')!, read });
      say(
        `${targets}: ${times(medianRatio(taken.get('ours')!, taken.get('pipes')!))} of the pipes`,
      );
    }
    return section(widths);
  },
};

function section(widths: readonly Width[]): Section {
  const one = widths[0]!.read;
  const most = Math.max(...widths.map(({ read }) => read));
  return {
    verdicts: [
      {
        target: 'to 4 targets at once: bytes read from the source are those of one',
        measured: `${(most / one).toFixed(3)}×`,
        met: most / one < 1.01,
      },
    ],
    tables: [
      {
        title: '20.10 → 20.10 over unix sockets, wall time until the last target has it',
        columns: ['targets', 'pipes', 'dockgraph', 'dockgraph takes', 'read from the source'],
        rows: widths.map(({ targets, ours, pipes, read }) => [
          String(targets),
          ms(median(pipes)),
          ms(median(ours)),
          times(medianRatio(ours, pipes)),
          mebibytes(read),
        ]),
      },
    ],
    notes: [
      'Read from the source: counted by a proxy before the source’s socket, listings and inspects included; the pipes go without that proxy.',
    ],
  };
}
