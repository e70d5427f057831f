import { DockgraphError } from '../../common/errors.ts';
import type { Session } from '../auth.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ArchiveReport } from './archive-metrics.ts';

/** What is known of an archive from its beginning. */
export interface TransferOptions {
  requestId: string;
  session: Session;
  host: string;
  direction: ArchiveReport['direction'];
}

/** How an archive ended. */
export interface TransferEnd {
  bytes: number;
  /** Undefined where it went well. */
  error: unknown;
  /** More for the log. */
  facts?: Record<string, unknown>;
}

/** One archive under way: what ends it early, and what is recorded of it at its end. */
export class Transfer {
  readonly session: Session;
  readonly #parts: Pick<ServerParts, 'logger' | 'metrics'>;
  readonly #options: TransferOptions;
  readonly #controller = new AbortController();
  readonly #startedAt = performance.now();

  constructor(parts: Pick<ServerParts, 'logger' | 'metrics'>, options: TransferOptions) {
    this.#parts = parts;
    this.#options = options;
    this.session = options.session;
    parts.metrics.archiveStarted();
  }

  /** Aborts when it is to end: the engine's request is destroyed then. */
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
    const { logger, metrics } = this.#parts;
    const { host, direction, requestId, session } = this.#options;
    const durationMs = performance.now() - this.#startedAt;
    const outcome = error === undefined ? 'ok' : 'error';
    metrics.archiveEnded({ host, direction, outcome, bytes, durationMs });
    const line = {
      requestId,
      viewer: session.viewer.name,
      host,
      bytes,
      durationMs: Math.round(durationMs),
      ...facts,
    };
    if (error === undefined) logger.info(line, `archive ${direction}: done`);
    else if (error instanceof DockgraphError) {
      const { code, message } = error;
      logger.warn({ ...line, code, reason: message }, `archive ${direction}: broke off`);
    } else logger.error({ ...line, err: error }, `archive ${direction}: failed unexpectedly`);
  }
}
