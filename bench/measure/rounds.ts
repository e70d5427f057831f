import { median } from './statistics.ts';

/** One of several ways to do the same. */
export interface Contender {
  name: string;
  /** Runs in each round, of which the median counts; fewer for what takes long. */
  repeats: number;
  run: () => Promise<unknown>;
}

/** Milliseconds of each contender, one value a round. */
export type RoundTimes = ReadonlyMap<string, readonly number[]>;

/**
 * Lets all contenders take turns, so that whatever else goes on hits them alike. Each round begins
 * with another one; each contender runs once before, untimed.
 */
export async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
  signal: AbortSignal,
): Promise<RoundTimes> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (const { run } of contenders) {
    signal.throwIfAborted();
    await run();
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const { name, repeats, run } = contenders[(round + turn) % contenders.length]!;
      const taken: number[] = [];
      for (let repeat = 0; repeat < repeats; repeat++) {
        signal.throwIfAborted();
        const startedAt = performance.now();
        await run();
        taken.push(performance.now() - startedAt);
      }
      times.get(name)!.push(median(taken));
    }
  }
  return times;
}
