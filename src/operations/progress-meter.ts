import type { TaskProgress } from './operation.ts';

/** Most parts that a progress shows. */
const MOST_PARTS = 200;
/** Time in which the rate forgets two thirds of what was before. */
const SMOOTHING_MS = 3000;
/** Engines speak in bursts: what came within this is one sample. */
const SAMPLE_MS = 250;
/** Silence for so long is a pause between two words, beyond it a stall. */
const PATIENCE_MS = 1500;

/**
 * Adds rate, remaining time and percentage to what a verb tells, so that verbs only count bytes.
 * What a verb tells of these itself stays as it is.
 */
export class ProgressMeter {
  #latest: TaskProgress | null = null;
  #phase = '';
  /** Since when the bytes are counted, and from where. */
  #sampleAt = 0;
  #sampleBytes: number | null = null;
  #bytesPerSecond: number | null = null;

  /** Takes the latest. Cheap: called as often as the engine speaks. */
  update(progress: TaskProgress, now: number): void {
    this.#latest = progress;
    const { phase, currentBytes } = progress;
    const isOtherCount =
      phase !== this.#phase || currentBytes === null || currentBytes < (this.#sampleBytes ?? 0);
    if (isOtherCount || this.#sampleBytes === null) {
      this.#phase = phase;
      this.#restart(currentBytes, now);
      return;
    }
    const elapsed = now - this.#sampleAt;
    // Without new bytes there is no sample: `read` lets the rate fall while nothing comes.
    if (elapsed < SAMPLE_MS || currentBytes === this.#sampleBytes) return;
    const rate = ((currentBytes - this.#sampleBytes) * 1000) / elapsed;
    const weight = 1 - Math.exp(-elapsed / SMOOTHING_MS);
    this.#bytesPerSecond =
      this.#bytesPerSecond === null ? rate : this.#bytesPerSecond * (1 - weight) + rate * weight;
    this.#sampleAt = now;
    this.#sampleBytes = currentBytes;
  }

  /** How far the task is now. */
  read(now: number): TaskProgress | null {
    if (this.#latest === null) return null;
    const bytesPerSecond = this.#latest.bytesPerSecond ?? this.#rateAt(now);
    const etaSeconds = this.#latest.etaSeconds ?? remainingSeconds(this.#latest, bytesPerSecond);
    return { ...complete(this.#latest), bytesPerSecond, etaSeconds };
  }

  /** How far the task was when it ended: nothing moves any more. */
  readLast(): TaskProgress | null {
    return this.#latest && { ...complete(this.#latest), bytesPerSecond: null, etaSeconds: null };
  }

  #restart(currentBytes: number | null, now: number): void {
    this.#sampleAt = now;
    this.#sampleBytes = currentBytes;
    this.#bytesPerSecond = null;
  }

  #rateAt(now: number): number | null {
    if (this.#bytesPerSecond === null) return null;
    const silence = Math.max(0, now - this.#sampleAt - PATIENCE_MS);
    return Math.round(this.#bytesPerSecond * Math.exp(-silence / SMOOTHING_MS));
  }
}

function complete(progress: TaskProgress): TaskProgress {
  const { currentBytes, totalBytes, percent, parts } = progress;
  return {
    ...progress,
    percent: percent ?? percentOf(currentBytes, totalBytes),
    // Copies: what was handed out stays as it was, whatever the verb does with its own.
    parts: parts.slice(0, MOST_PARTS).map((part) => ({ ...part })),
  };
}

function percentOf(current: number | null, total: number | null): number | null {
  if (current === null || total === null || total <= 0) return null;
  // One digit after the point; never 100 before it is all there.
  return Math.min(100, Math.floor((current / total) * 1000) / 10);
}

function remainingSeconds(
  { currentBytes, totalBytes }: TaskProgress,
  bytesPerSecond: number | null,
): number | null {
  if (currentBytes === null || totalBytes === null || totalBytes < currentBytes) return null;
  if (totalBytes === currentBytes) return 0;
  return bytesPerSecond === null || bytesPerSecond < 1
    ? null
    : Math.ceil((totalBytes - currentBytes) / bytesPerSecond);
}
