import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { TarWalk } from '../../src/archive/tar-walk.ts';
import { expectedOf, madeImage, ociEntries, tarOf } from '../../test/archive/archive-builder.ts';
import type { MadeImage } from '../../test/archive/archive-builder.ts';
import { throughArchive } from '../../test/archive/through-archive.ts';
import { randomContent } from '../../test/lab/index.ts';
import { takeTurns } from '../measure/rounds.ts';
import type { Contender, RoundTimes } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, Section, Table } from '../part.ts';
import { kibibytes, mebibytes, times } from '../report/units.ts';
import { extractAll, hashAndPack } from './tar-stream-filter.ts';

const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;
const ROUNDS = 9;

const WALK = 'the walk alone';
const HASH = 'sha256 alone';
const FILTER = 'reader and writer, every byte hashed';
const EXTRACT = 'tar-stream: extract';
const PACK = 'tar-stream: extract, sha256, pack';

/** An archive in memory. */
interface Archive {
  title: string;
  image: MadeImage;
  tar: Buffer;
}

/** The archive filter of transfers, without any engine or network. */
export const archiveStream: Part = {
  name: 'archive-stream',
  title: 'image archives read, proven and rewritten as they pass',
  async run({ quick, signal, say }) {
    const archives = [
      await archiveOf('large layers', 4, quick ? MIB : 64 * MIB),
      await archiveOf('small layers', quick ? 50 : 1000, 8 * 1024),
    ];
    const tables: Table[] = [];
    for (const archive of archives) {
      const taken = await takeTurns(contendersFor(archive), quick ? 2 : ROUNDS, signal);
      say(`${archive.title}: ${speedOf(archive, taken, FILTER)} with hashing`);
      tables.push(table(archive, taken));
    }
    return section(tables);
  },
};

async function archiveOf(name: string, layers: number, bytes: number): Promise<Archive> {
  const contents: Buffer[] = [];
  for (let at = 0; at < layers; at++) {
    const { chunks } = randomContent(`${name} ${at}`, bytes);
    contents.push(await buffer(Readable.from(chunks())));
  }
  const image = madeImage(contents);
  const tar = await tarOf(ociEntries(image).entries);
  return { title: `${layers} layers of ${kibibytes(bytes)}`, image, tar };
}

function contendersFor({ image, tar }: Archive): Contender[] {
  const expected = expectedOf(image);
  const chunks: Buffer[] = [];
  for (let at = 0; at < tar.length; at += CHUNK) chunks.push(tar.subarray(at, at + CHUNK));
  const saved = () => Readable.from(chunks, { objectMode: false });
  const nothing = () => {};
  const runs: Record<string, () => Promise<unknown>> = {
    [WALK]: async () => {
      const walk = new TarWalk({ begin: nothing, content: nothing, end: nothing });
      for await (const chunk of saved()) walk.push(chunk as Buffer);
      walk.finish();
    },
    [HASH]: async () => {
      const hash = createHash('sha256');
      for await (const chunk of saved()) hash.update(chunk as Buffer);
      return hash.digest('hex');
    },
    [FILTER]: async () => {
      let bytes = 0;
      for await (const part of throughArchive(saved(), expected)) bytes += part.length;
      if (bytes < tar.length / 2) throw new Error(`${bytes} bytes came out`);
    },
    [EXTRACT]: () => extractAll(saved()),
    [PACK]: async () => {
      const bytes = await hashAndPack(saved());
      if (bytes < tar.length / 2) throw new Error(`${bytes} bytes came out`);
    },
  };
  return Object.entries(runs).map(([name, run]) => ({ name, repeats: 1, run }));
}

function speedOf({ tar }: Archive, taken: RoundTimes, name: string): string {
  const seconds = median(taken.get(name)!) / 1000;
  return `${(tar.length / seconds / 1e9).toFixed(2)} GB/s`;
}

function table(archive: Archive, taken: RoundTimes): Table {
  const ratio = (name: string, to: string) => times(medianRatio(taken.get(to)!, taken.get(name)!));
  return {
    title: `${archive.title}, ${mebibytes(archive.tar.length)} in memory, chunks of 64 KiB`,
    columns: ['what', 'speed', `against ${EXTRACT}`, `against ${PACK}`, `against ${HASH}`],
    rows: [...taken.keys()].map((name) => [
      name,
      speedOf(archive, taken, name),
      ratio(name, EXTRACT),
      ratio(name, PACK),
      ratio(name, HASH),
    ]),
  };
}

function section(tables: readonly Table[]): Section {
  return {
    verdicts: [],
    tables,
    notes: [
      'Medians of rounds in turns; higher ratios are faster. One thread, one core.',
      'All of them read the same chunks from a stream in memory, which is part of each time. The walk passes payload on and looks at none; the reader hashes every layer and document, and the writer makes the universal archive.',
      'tar-stream is 2.2.0, the release that dockerode brings along.',
    ],
  };
}
