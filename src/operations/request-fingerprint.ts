import { createHash } from 'node:crypto';
import type { Json } from './operation.ts';
import type { OperationSnapshot } from './operation-snapshot.ts';

/**
 * Equal for operations that ask for the same: kind, input and hosts, whatever the order of the
 * input's keys or of the hosts. Stored, so it must never change for the same request.
 */
export function requestFingerprint({
  kind,
  input,
  tasks,
}: Pick<OperationSnapshot, 'kind' | 'input' | 'tasks'>): string {
  const hosts = tasks.map(({ host }) => host).toSorted();
  const text = JSON.stringify([kind, hosts, sortKeys(input)]);
  return createHash('sha256').update(text).digest('base64url');
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
