import { randomBytes } from 'node:crypto';
import { LOOPBACK } from '../dial/return-port.ts';

/*
 * The tag that an image has on its host while layers of it are taken from there: an engine pushes
 * only what has the name of the registry. Nobody is shown it. It says until when it is of use, so that
 * one that a killed gateway left can be told.
 */
const NAMESPACE = 'dockgraph-transfer';
const PATTERN = /^127\.0\.0\.1:\d+\/dockgraph-transfer\/[0-9a-f]{32}:until-(\d{1,12})$/;
/** Far more than a take lasts. */
const LIFE_MS = 10 * 60_000;

/** A repository that nobody can guess, so that only the engine that was told of it asks for it. */
export function transferRepository(): string {
  return `${NAMESPACE}/${randomBytes(16).toString('hex')}`;
}

/** The tag in such a repository, as references name it; `now` in milliseconds since the epoch. */
export function transferTag(port: number, repository: string, now: number): string {
  return `${LOOPBACK}:${port}/${repository}:until-${Math.ceil((now + LIFE_MS) / 1000)}`;
}

/** What a reference is: LIVE while somebody may be using it, STALE afterwards; null for all others. */
export function transferTagState(reference: string, now: number): 'LIVE' | 'STALE' | null {
  const until = PATTERN.exec(reference)?.[1];
  if (until === undefined) return null;
  return Number(until) * 1000 < now ? 'STALE' : 'LIVE';
}
