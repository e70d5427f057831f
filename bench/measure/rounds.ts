import { median } from './statistics.ts';

/** One of several ways to do the same. */
export interface Contender {
  name: string;
  /** Runs in each round, of which the median counts; fewer for what takes long. */
  repeats: number;
  /** Puts back what the last run changed; untimed, before each. */
  prepare?: () => Promise<unknown>;
  run: () => Promise<unknown>;
}

/** Milliseconds of each contender, one value a round. */
export type RoundTimes = ReadonlyMap<string, readonly number[]>;

/**
 * Lets all contenders take turns, so that whatever else goes on hits them alike. Each round begins
 * with another one; each contender runs once before, untimed, unless that takes too long.
 */
export async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
  signal: AbortSignal,
  { warmsUp = true }: { warmsUp?: boolean } = {},
): Promise<RoundTimes> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (const { prepare, run } of warmsUp ? contenders : []) {
    signal.throwIfAborted();
    await prepare?.();
    await run();
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const { name, repeats, prepare, run } = contenders[(round + turn) % contenders.length]!;
      const taken: number[] = [];
      for (let repeat = 0; repeat < repeats; repeat++) {
        signal.throwIfAborted();
        await prepare?.();
        const startedAt = performance.now();
        await run();
        taken.push(performance.now() - startedAt);
      }
      times.get(name)!.push(median(taken));
    }
  }
  return times;
}
