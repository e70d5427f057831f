import { setImmediate as turn } from 'node:timers/promises';

/** Waits until a condition holds, looking again whenever this process has done its pending work. */
export async function until(holds: () => boolean, what: string, deadlineMs = 5_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await turn();
  }
}
