import { CancelledError, TimeoutError } from './errors.ts';

/** What a bounded wait needs to know. */
export interface Deadline {
  /** Milliseconds until the wait ends with a TimeoutError. */
  ms: number;
  /** What is waited for, as it reads in "WHAT did not … within 10 s". */
  what: string;
  /** The host that is waited for, if any. */
  host?: string;
  /**
   * Each ends the wait early with a CancelledError. Several here cost a fraction of one that
   * `AbortSignal.any` makes of them.
   */
  signals?: readonly (AbortSignal | undefined)[];
}

/**
 * Runs `work` with a signal that aborts at the deadline or with the caller's signal. The returned
 * promise settles at that moment even if `work` ignores the signal, so nothing can hang on it.
 */
export async function withDeadline<T>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signals = [], ms, what, host } = deadline;
  const context = host === undefined ? {} : { host };
  const cancelled = () => new CancelledError(`${what} was cancelled`, context);
  if (signals.some((signal) => signal?.aborted)) throw cancelled();
  const controller = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const stop = (error: Error) => {
    reject(error);
    controller.abort(error);
  };
  const onAbort = () => stop(cancelled());
  const timer = setTimeout(() => {
    stop(new TimeoutError(`${what} did not finish within ${formatMs(ms)}`, context));
  }, ms);
  for (const signal of signals) signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal?.removeEventListener('abort', onAbort);
  }
}

function formatMs(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${ms} ms`;
}
