import type { EngineEvent } from './engine.ts';
import { fullImageId } from './image-id.ts';
import { transferTagState } from './layers/transfer-tag.ts';

/** A message of `/events`: legacy fields (until API 1.51) beside the present ones. */
interface EngineEventJson {
  Type?: string | null;
  Action?: string | null;
  Actor?: { ID?: string | null; Attributes?: Record<string, string> | null } | null;
  /** Seconds, and nanoseconds, which JSON numbers hold only roughly. */
  time?: number | null;
  timeNano?: number | null;
  status?: string | null;
  id?: string | null;
}

/** Container events that change nothing in the inventory and come by the thousands. */
const NOISE =
  /^(?:exec_|health_status|top$|attach$|detach$|resize$|export$|archive-path$|extract-to-dir$|copy$)/;

/** The record of one message; null for what nobody needs to hear. */
export function engineEvent(message: unknown): EngineEvent | null {
  if (typeof message !== 'object' || message === null) return null;
  const json = message as EngineEventJson;
  const type = json.Type ?? (json.status ? 'container' : '');
  const action = json.Action ?? json.status ?? '';
  if (type === '' || action === '') return null;
  if (type === 'container' && NOISE.test(action)) return null;
  const { name } = json.Actor?.Attributes ?? {};
  if (type === 'image' && name !== undefined && transferTagState(name, Date.now())) return null;
  const actorId = json.Actor?.ID ?? json.id ?? '';
  return {
    type,
    action,
    actorId: type === 'image' ? fullImageId(actorId) : actorId,
    attributes: json.Actor?.Attributes ?? {},
    at: json.timeNano ? Math.floor(json.timeNano / 1e6) : (json.time ?? 0) * 1000,
  };
}
