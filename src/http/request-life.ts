import type { ServerResponse } from 'node:http';
import { CancelledError, TimeoutError } from '../common/errors.ts';
import type { RequestInfo, Viewer } from '../graphql/api.ts';

/** How long a request may go on. */
export interface LifeSpan {
  /** Then its signal aborts. */
  timeoutMs: number;
  /** So much later it is given up. */
  graceMs: number;
}

/** Watches over one request until its response is closed. */
export class RequestLife {
  readonly #response: ServerResponse;
  readonly #onClose: () => void;
  #timer: NodeJS.Timeout;
  // Made when somebody asks: most requests are answered from memory and never look.
  #controller: AbortController | undefined;
  #ended: Error | undefined;

  /**
   * @param giveUp called when the time was up and the resolvers still did not answer. At the abort
   * itself they get the chance to: a field whose engine was too slow is an error then, and what
   * the other hosts said is data.
   */
  constructor(
    response: ServerResponse,
    { timeoutMs, graceMs }: LifeSpan,
    giveUp: (reason: TimeoutError) => void,
  ) {
    this.#response = response;
    this.#timer = setTimeout(() => {
      const reason = new TimeoutError(`The request did not finish within ${timeoutMs} ms`);
      this.#end(reason);
      this.#timer = setTimeout(giveUp, graceMs, reason);
    }, timeoutMs);
    this.#onClose = () => {
      clearTimeout(this.#timer);
      if (!response.writableFinished) this.#end(new CancelledError('The client has gone'));
    };
    response.once('close', this.#onClose);
  }

  /** Aborts when the client has gone or the time is up. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#ended) this.#controller.abort(this.#ended);
    }
    return this.#controller.signal;
  }

  /** Ends the watch: what follows has a life of its own. */
  release(): void {
    clearTimeout(this.#timer);
    this.#response.off('close', this.#onClose);
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    this.#controller?.abort(reason);
  }
}

/** A request that makes its signal only when it is asked for. */
export class WatchedRequest implements RequestInfo {
  readonly viewer: Viewer;
  readonly requestId: string;
  // Not `#private`: Apollo Server makes shallow copies of context values.
  private readonly life: RequestLife;

  constructor(viewer: Viewer, requestId: string, life: RequestLife) {
    this.viewer = viewer;
    this.requestId = requestId;
    this.life = life;
  }

  get signal(): AbortSignal {
    return this.life.signal;
  }
}
