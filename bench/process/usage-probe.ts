/*
 * Preloaded (`--import`) into a server that is measured: tells its memory and its processor time
 * without the server knowing. Wants --expose-gc.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ELDHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from './parent.ts';

/** Bytes that a process has. */
export interface Memory {
  rss: number;
  /** Used heap and what buffers hold outside of it. */
  heap: number;
}

const TICK_MS = 1;
let eventLoopDelay: ELDHistogram | null = null;

answerParent({
  memory: async (): Promise<Memory> => {
    // V8 gives pages back little by little: collected until the last time freed no more.
    let rss = Infinity;
    for (let turn = 0; turn < 10; turn++) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await delay(200);
      const now = process.memoryUsage.rss();
      if (now > rss * 0.99) break;
      rss = now;
    }
    const { rss: resident, heapUsed, external } = process.memoryUsage();
    return { rss: resident, heap: heapUsed + external };
  },
  /** Begins anew with `peakMemory`: starting takes more than many servers ever do again. */
  forgetPeakMemory: () => writeFileSync('/proc/self/clear_refs', '5'),
  /** Bytes that were resident at the worst moment so far. */
  peakMemory: () => process.resourceUsage().maxRSS * 1024,
  /** Microseconds of processor time so far. */
  processorTime: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** Begins to look at how late the event loop is, or begins anew. */
  watchEventLoop: () => {
    eventLoopDelay ??= monitorEventLoopDelay({ resolution: TICK_MS });
    eventLoopDelay.enable();
    eventLoopDelay.reset();
  },
  /** Milliseconds: 99 of 100 looks since then were no later. Ends looking. */
  eventLoopP99: () => {
    eventLoopDelay?.disable();
    return Math.max(0, (eventLoopDelay?.percentile(99) ?? NaN) / 1e6 - TICK_MS);
  },
});
// The channel must not keep alive a server that has been told to stop.
process.channel?.unref();
