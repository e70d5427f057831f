import { BadUserInputError } from '../common/errors.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads what docker's `until` takes: RFC 3339, a date, a unix timestamp in seconds, or a duration
 * back from `now` in Go's words. Milliseconds since the epoch.
 */
export function parseTimeExpression(text: string, now: number): number {
  if (/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) {
    let ago = 0;
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
      ago += Number(amount) * UNITS[unit!]!;
    }
    return now - ago;
  }
  if (/^\d{1,12}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new BadUserInputError(
    `"${text.slice(0, 80)}" is not a time; expected RFC 3339 (2026-11-20T12:00:00Z), a date, ` +
      'a unix timestamp in seconds, or a duration back from now such as 24h or 1h30m',
  );
}
