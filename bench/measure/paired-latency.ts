/** Something that is asked on two sides. */
export interface Pair {
  first: () => Promise<unknown>;
  second: () => Promise<unknown>;
}

/** Milliseconds of every single ask. */
export interface PairedTimes {
  first: number[];
  second: number[];
}

/**
 * Asks both sides one after the other, the order changing every time: a disturbance of the machine
 * is as likely to hit the one as the other, so that even their rare slow answers can be compared.
 */
export async function pairedLatencies(
  { first, second }: Pair,
  pairs: number,
  signal: AbortSignal,
): Promise<PairedTimes> {
  const times: PairedTimes = { first: [], second: [] };
  for (let at = 0; at < pairs; at++) {
    signal.throwIfAborted();
    if (at % 2 === 0) {
      times.first.push(await timed(first));
      times.second.push(await timed(second));
    } else {
      times.second.push(await timed(second));
      times.first.push(await timed(first));
    }
  }
  return times;
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await ask();
  return performance.now() - startedAt;
}
