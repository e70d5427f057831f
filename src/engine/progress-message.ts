import type { ProgressMessage } from './image-verbs.ts';

/** A line of a streaming verb's answer, as far as we read it. */
export interface EngineProgressJson {
  id?: unknown;
  status?: unknown;
  stream?: unknown;
  progressDetail?: { current?: unknown; total?: unknown; units?: unknown } | null;
  aux?: unknown;
  error?: unknown;
  errorDetail?: { message?: unknown } | null;
}

/** What a line says of a layer or of the whole; null where it says nothing of the kind. */
export function progressMessage(json: EngineProgressJson): ProgressMessage | null {
  const { id, status, progressDetail } = json;
  if (typeof status !== 'string') return null;
  // Its id is the tag that is pulled, not a layer.
  const isOfTheWhole = typeof id !== 'string' || status.startsWith('Pulling from ');
  // Newer engines count the seconds of an extraction in the same field.
  const { current, total } = (progressDetail?.units ?? '') === '' ? (progressDetail ?? {}) : {};
  const totalBytes = count(total);
  return {
    id: isOfTheWhole ? '' : id,
    status,
    // Left out where it is 0.
    currentBytes: count(current) ?? (totalBytes === null ? null : 0),
    totalBytes,
  };
}

/** Engines say 0 or -1 of what they do not know. */
function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

/** The engine's complaint in a line; null where it has none. */
export function complaintOf({ errorDetail, error }: EngineProgressJson): string | null {
  const texts = [errorDetail?.message, error];
  const said = texts.find((text) => typeof text === 'string' && text !== '');
  if (said !== undefined) return said as string;
  const isComplaint = errorDetail != null || (error !== undefined && error !== null);
  return isComplaint ? 'an error without a message' : null;
}
