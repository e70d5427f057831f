/** How waits between tries grow. */
export interface Backoff {
  /** Upper end of the first wait, in milliseconds. */
  baseMs: number;
  /** Upper end of every wait, in milliseconds. */
  maxMs: number;
}

/**
 * The wait before try number `attempt` (0 = the first retry): exponential, with the upper half of
 * it random, so that many clients of one host that went away do not come back in step.
 */
export function backoffMs(
  attempt: number,
  { baseMs, maxMs }: Backoff,
  random = Math.random,
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
