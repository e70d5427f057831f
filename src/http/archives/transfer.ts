import { DockgraphError } from '../../common/errors.ts';
import type { Session } from '../auth.ts';
import type { Logger } from '../logger.ts';

/** What one transfer was, for the metrics. */
export interface TransferReport {
  outcome: 'ok' | 'error';
  /** As they were on the line to the client. */
  bytes: number;
  durationMs: number;
}

/** What is known of a transfer from its beginning. */
export interface TransferOptions {
  /** For the log, such as `archive load`. */
  what: string;
  /** More for the log. */
  about: Record<string, unknown>;
  started: () => void;
  ended: (report: TransferReport) => void;
}

/** Whose transfer it is. */
export interface TransferRequest {
  id: string;
  session: Session;
}

/** How a transfer ended. */
export interface TransferEnd {
  bytes: number;
  /** Undefined where it went well. */
  error: unknown;
  /** More for the log. */
  facts?: Record<string, unknown>;
}

/** Bytes under way between a client and us: what ends them early, and what is recorded of them. */
export class Transfer {
  readonly session: Session;
  readonly #logger: Logger;
  readonly #requestId: string;
  readonly #options: TransferOptions;
  readonly #controller = new AbortController();
  readonly #startedAt = performance.now();

  constructor(logger: Logger, { id, session }: TransferRequest, options: TransferOptions) {
    this.#logger = logger;
    this.#requestId = id;
    this.#options = options;
    this.session = session;
    options.started();
  }

  /** Aborts when it is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was made to end; undefined where it was not. */
  get reason(): Error | undefined {
    return this.signal.aborted ? (this.signal.reason as Error) : undefined;
  }

  /** Ends it early. The first reason counts. */
  end(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Records how it went. Called once. */
  record({ bytes, error, facts }: TransferEnd): void {
    const { what, about, ended } = this.#options;
    const durationMs = performance.now() - this.#startedAt;
    ended({ outcome: error === undefined ? 'ok' : 'error', bytes, durationMs });
    const line = {
      requestId: this.#requestId,
      viewer: this.session.viewer.name,
      ...about,
      bytes,
      durationMs: Math.round(durationMs),
      ...facts,
    };
    if (error === undefined) this.#logger.info(line, `${what}: done`);
    else if (error instanceof DockgraphError) {
      const { code, message } = error;
      this.#logger.warn({ ...line, code, reason: message }, `${what}: broke off`);
    } else this.#logger.error({ ...line, err: error }, `${what}: failed unexpectedly`);
  }
}
