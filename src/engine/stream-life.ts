import { CancelledError, TimeoutError } from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';

/** What a stream is and what may end it. */
export interface StreamLifeOptions {
  /** The host's configured name. */
  host: string;
  /** As it reads in "WHAT was cancelled". */
  what: string;
  /** Milliseconds without any byte after which the stream is given up. */
  idleMs: number;
  /** End it early; any of them. */
  signals: (AbortSignal | undefined)[];
}

/**
 * The life of a call that lasts for as long as bytes flow: it ends when an asker leaves, when the
 * engine is closed, or when nothing moved for a while. There is no total deadline: a large image
 * over a slow line takes hours and is well.
 */
export class StreamLife {
  readonly #options: StreamLifeOptions;
  readonly #controller = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  #timer: NodeJS.Timeout | null = null;
  #lastMove = 0;

  constructor(options: StreamLifeOptions) {
    this.#options = options;
    // Whoever waits for it is told; nobody has to.
    this.#ended.promise.catch(() => {});
    for (const signal of options.signals) {
      if (signal?.aborted === true) this.#cancel();
      else signal?.addEventListener('abort', this.#cancel, { once: true });
    }
  }

  /** Aborts when the stream must end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Rejects with the reason when the stream must end, whatever those do who watch `signal`. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /**
   * Begins to watch for silence; `whoIsSilent` completes "nothing came from WHO", or says null where
   * the silence is nobody's fault.
   */
  watch(whoIsSilent: () => string | null): void {
    this.#lastMove = performance.now();
    this.#arm(this.#options.idleMs, whoIsSilent);
  }

  /** Something moved. Cheap: called for every chunk. */
  readonly moved = (): void => {
    this.#lastMove = performance.now();
  };

  /** Ends it with this reason; the first one counts. */
  end(reason: DockgraphError): void {
    if (this.signal.aborted) return;
    this.#ended.reject(reason);
    this.#controller.abort(reason);
  }

  /** It is over, well or not: lets go of everything, and aborts what may still go on. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#controller.abort();
    for (const signal of this.#options.signals) signal?.removeEventListener('abort', this.#cancel);
  }

  readonly #cancel = (): void => {
    const { what, host } = this.#options;
    this.end(new CancelledError(`${what} was cancelled`, { host }));
  };

  /** One timer for many moves: it looks at the time of the last one and sleeps for the rest. */
  #arm(ms: number, whoIsSilent: () => string | null): void {
    if (this.signal.aborted) return;
    this.#timer = setTimeout(() => {
      const { what, host, idleMs } = this.#options;
      const rest = this.#lastMove + idleMs - performance.now();
      const silent = rest > 0 ? null : whoIsSilent();
      if (silent === null) this.#arm(rest > 0 ? rest : idleMs, whoIsSilent);
      else {
        const silence = `nothing came from ${silent} for ${Math.round(idleMs / 100) / 10} s`;
        this.end(new TimeoutError(`${what} was given up: ${silence}`, { host }));
      }
    }, ms);
  }
}
