import type { Clock } from '../common/clock.ts';
import type { OperationStore } from './operation-store.ts';

/** How much of the past is kept. Operations that are not final stay in any case. */
export interface Retention {
  /** Counted from the end of an operation. */
  maxAgeMs: number;
  maxOperations: number;
}

/** So many operations on three hosts each take about 20 MB. */
export const DEFAULT_RETENTION: Retention = { maxAgeMs: 30 * 86_400_000, maxOperations: 20_000 };

const EVERY_MS = 3_600_000;
/** Removed in one go: a few milliseconds of work. */
const BATCH = 100;

/** Removes what retention does not keep, now and every hour, until the signal aborts. */
export async function keepPruned(
  store: OperationStore,
  { maxAgeMs, maxOperations }: Retention,
  clock: Clock,
  { signal, onError }: { signal: AbortSignal; onError: (error: unknown) => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const finishedBefore = clock.now() - maxAgeMs;
      let removed = BATCH;
      while (removed === BATCH && !signal.aborted) {
        removed = await store.prune({ finishedBefore, keep: maxOperations, limit: BATCH });
      }
    } catch (error) {
      onError(error);
    }
    await clock.sleep(EVERY_MS, signal).catch(() => {});
  }
}
