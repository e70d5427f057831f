import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** A command that lasts longer than any test, and that nobody else runs. */
export function longSleep(): string {
  return `sleep ${randomInt(100_000, 1_000_000)}`;
}

/** Whether a process of this machine, in whatever namespace, has this in its command line. */
export async function runs(command: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      // It may be gone by now.
      const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return argv.replaceAll('\0', ' ');
    }),
  );
  return lines.some((line) => line.includes(command));
}
