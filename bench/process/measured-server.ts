import type { Child, ChildOptions } from './child.ts';
import type { Memory } from './usage-probe.ts';

/** Node's arguments for a server that is measured. */
export const MEASURED: Required<Pick<ChildOptions, 'execArgv'>> = {
  execArgv: ['--expose-gc', '--import', new URL('usage-probe.ts', import.meta.url).href],
};

/** What a process that was started with {@link MEASURED} has after garbage collection. */
export function memoryOf(child: Child): Promise<Memory> {
  return child.ask<Memory>('memory');
}

/** Lets {@link peakMemoryOf} count from now on. */
export function forgetPeakMemoryOf(child: Child): Promise<void> {
  return child.ask<void>('forgetPeakMemory');
}

/** Bytes that it had at the worst moment so far. */
export function peakMemoryOf(child: Child): Promise<number> {
  return child.ask<number>('peakMemory');
}

/** Microseconds of processor time that it has used so far, all threads together. */
export function processorTimeOf(child: Child): Promise<number> {
  return child.ask<number>('processorTime');
}

/** Lets {@link eventLoopP99Of} count from now on. */
export function watchEventLoopOf(child: Child): Promise<void> {
  return child.ask<void>('watchEventLoop');
}

/** Milliseconds by which its event loop was late, in 99 of 100 looks at most. */
export function eventLoopP99Of(child: Child): Promise<number> {
  return child.ask<number>('eventLoopP99');
}
