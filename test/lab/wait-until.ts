import { setTimeout as sleep } from 'node:timers/promises';

/** How long {@link waitUntil} waits, and what it says when the time is over. */
interface WaitOptions {
  readonly what: string;
  readonly deadlineMs: number;
  readonly intervalMs?: number | undefined;
}

/**
 * Asks `probe` again and again until it answers something other than undefined and false.
 * A probe that throws ends the wait at once: that is how "it died meanwhile" is told.
 */
export async function waitUntil<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { what, deadlineMs, intervalMs = 20 }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not after ${deadlineMs} ms`);
    await sleep(intervalMs);
  }
}
