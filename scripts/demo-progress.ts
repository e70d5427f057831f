import { bytes } from './demo-text.ts';

const BAR = 16;

/** How far each host is: lines that are redrawn, or where nothing can be, one for each big step. */
export class ProgressLines {
  readonly #redraws: boolean;
  readonly #done: (result: any) => string;
  readonly #told = new Map<string, string>();
  #drawn = 0;

  /** `done`: what to say of a host's result. */
  constructor(redraws: boolean, done: (result: any) => string) {
    this.#redraws = redraws;
    this.#done = done;
  }

  show(tasks: any[]): void {
    if (this.#redraws) {
      if (this.#drawn > 0) process.stdout.write(`\u001B[${this.#drawn}A`);
      // A line that wraps would be two lines to go up.
      const width = process.stdout.columns - 1;
      for (const task of tasks) {
        process.stdout.write(`\u001B[2K${this.#lineOf(task).slice(0, width)}\n`);
      }
      this.#drawn = tasks.length;
      return;
    }
    for (const task of tasks) {
      const { hostName, state, progress } = task;
      const step = `${state} ${Math.floor((progress?.percent ?? 0) / 25)}`;
      if (this.#told.get(hostName) !== step) console.log(this.#lineOf(task));
      this.#told.set(hostName, step);
    }
  }

  #lineOf({ hostName, state, progress, result, error }: any): string {
    const name = hostName.padEnd(8);
    if (error) return `${name} ${state}: ${error.message}`;
    if (state === 'SUCCEEDED') return `${name} ${state} ${this.#done(result)}`;
    const {
      phase = state,
      percent,
      currentBytes,
      totalBytes,
      bytesPerSecond,
      etaSeconds,
    } = progress ?? {};
    if (percent == null) return `${name} ${phase}`;
    const done = Math.round((BAR * percent) / 100);
    const bar = `${'█'.repeat(done)}${'░'.repeat(BAR - done)}`;
    const parts = [
      `${name} ${phase.padEnd(11)} ${bar} ${percent.toFixed(0).padStart(3)} %`,
      `${bytes(currentBytes)} of ${bytes(totalBytes)}`,
      ...(bytesPerSecond == null ? [] : [`${bytes(bytesPerSecond)}/s`]),
      // Of the download; what comes after it cannot be told.
      ...(etaSeconds == null || currentBytes === totalBytes
        ? []
        : [`${Math.ceil(etaSeconds)} s left`]),
    ];
    return parts.join('  ');
  }
}
