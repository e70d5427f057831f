import type { IncomingMessage } from 'node:http';
import { HostUnreachableError } from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';
import type { ProgressMessage } from './image-verbs.ts';
import { NdjsonDecoder } from './ndjson.ts';
import { complaintOf, progressMessage } from './progress-message.ts';
import type { EngineProgressJson } from './progress-message.ts';
import { ProgressPulse } from './progress-pulse.ts';

/** How the lines of an answer are read. */
export interface MessageReader {
  /** The host's configured name. */
  host: string;
  /** What was asked, as in "broke off in the middle of WHAT". */
  what: string;
  /** Called when a line says that something moves. */
  onMove: () => void;
  /** What a complaint in the stream means: the status was 200 long before. */
  errorOf: (complaint: string) => DockgraphError;
  /**
   * Gets every line that is no complaint, and what it says of progress. What it throws ends it;
   * false means that nothing moves by this line.
   */
  take: (message: EngineProgressJson, progress: ProgressMessage | null) => boolean | void;
}

/**
 * Reads JSON lines to the end of an answer. The first complaint ends it, a broken connection too;
 * whether the lines add up to a success is for the caller to say. Nothing is kept.
 */
export async function readMessages(
  response: IncomingMessage,
  { host, what, onMove, errorOf, take }: MessageReader,
): Promise<void> {
  const decoder = new NdjsonDecoder(host);
  const pulse = new ProgressPulse();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: Error) => {
    reject(error);
    response.destroy();
  };
  const takeAll = (decode: () => unknown[]) => {
    try {
      for (const message of decode()) {
        if (typeof message !== 'object' || message === null) continue;
        const complaint = complaintOf(message);
        if (complaint !== null) throw errorOf(complaint);
        const progress = progressMessage(message);
        const isNews = progress === null || pulse.beats(progress);
        const moves = take(message, progress);
        if (isNews && moves !== false) onMove();
      }
    } catch (error) {
      fail(error as Error);
    }
  };
  const brokeOff = (cause?: Error) =>
    reject(new HostUnreachableError(`${host} broke off in the middle of ${what}`, { host, cause }));
  response
    .on('data', (chunk: Buffer) => takeAll(() => decoder.push(chunk)))
    .once('end', () => {
      takeAll(() => decoder.end());
      resolve();
    })
    .once('error', brokeOff)
    .once('close', () => brokeOff());
  return promise;
}
