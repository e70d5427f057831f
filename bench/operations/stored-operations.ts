import { digestOf } from '../../src/common/digest.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';
import { OperationIds } from '../../src/operations/operation-id.ts';
import type { OperationSnapshot, TaskSnapshot } from '../../src/operations/operation-snapshot.ts';
import type { Json, OperationKind, OperationState } from '../../src/operations/operation.ts';

const HOURS = 3_600_000;
/** Each on this many of the hosts. */
const TASKS = 3;
const HOSTS = 100;

/** Puts so many operations of the last two weeks into a gateway's data folder. */
export async function storeOperations(folder: string, count: number): Promise<void> {
  const store = await openSqliteStore(folder);
  try {
    const ids = new OperationIds();
    const begin = Date.now() - 14 * 24 * HOURS;
    const stored: Promise<unknown>[] = [];
    for (let at = 0; at < count; at++) {
      const createdAt = begin + Math.floor((at / count) * 13 * 24 * HOURS);
      stored.push(store.create(operation(ids.next(createdAt), createdAt, at)));
    }
    await Promise.all(stored);
  } finally {
    await store.close();
  }
}

/** Most are pulls and tags; one in ten failed on a host, one in fifty on all. */
function operation(id: string, createdAt: number, at: number): OperationSnapshot {
  const kind: OperationKind =
    at % 2 === 0 ? 'PULL_IMAGE' : at % 5 === 0 ? 'REMOVE_IMAGE' : 'TAG_IMAGE';
  const failures = at % 50 === 0 ? TASKS : at % 10 === 0 ? 1 : 0;
  const state: OperationState =
    failures === 0 ? 'SUCCEEDED' : failures === TASKS ? 'FAILED' : 'PARTIAL';
  const reference = `registry.example.com/team-${at % 12}/service-${at % 250}:1.${at % 40}.0`;
  return {
    id,
    kind,
    state,
    requestedBy: `ci-${at % 8}`,
    createdAt,
    startedAt: createdAt + 2,
    finishedAt: createdAt + 4_000,
    input: inputOf(kind, reference),
    idempotencyKey: null,
    maxParallel: null,
    failFast: false,
    needsSecret: false,
    event: createdAt * 1000 + (at % 1000),
    tasks: Array.from({ length: TASKS }, (_, position) =>
      task(`${id}-${position}`, (at * 7 + position * 33) % HOSTS, kind, {
        reference,
        createdAt,
        failed: position < failures,
      }),
    ),
  };
}

function inputOf(kind: OperationKind, reference: string): Json {
  if (kind === 'PULL_IMAGE') return { references: [reference], platform: null };
  if (kind === 'TAG_IMAGE') return { image: reference, tags: [`${reference}-stable`] };
  return { images: [reference], force: false, noPrune: false };
}

function task(
  id: string,
  host: number,
  kind: OperationKind,
  { reference, createdAt, failed }: { reference: string; createdAt: number; failed: boolean },
): TaskSnapshot {
  return {
    id,
    host: hostName(host),
    state: failed ? 'FAILED' : 'SUCCEEDED',
    startedAt: createdAt + 2,
    finishedAt: createdAt + 4_000,
    attempts: 1,
    result: failed ? null : resultOf(kind, reference),
    error: failed
      ? {
          code: 'NOT_FOUND',
          message: `${hostName(host)}: manifest for ${reference} not found`,
          hint: 'Check the spelling.',
          retryable: false,
        }
      : null,
    progress: kind === 'PULL_IMAGE' ? progress(reference) : null,
  };
}

function resultOf(kind: OperationKind, reference: string): Json {
  const engineId = digestOf(reference);
  if (kind === 'PULL_IMAGE') {
    return { pulled: [{ reference, digest: engineId, isNew: true, engineId }] };
  }
  if (kind === 'TAG_IMAGE') return { engineId, tagged: [{ reference, previousEngineId: null }] };
  return { untagged: [reference], deleted: [engineId], freedBytes: 1_000, keptSharedBytes: 0 };
}

function progress(reference: string): TaskSnapshot['progress'] {
  const totalBytes = 200_000_000;
  return {
    phase: 'EXTRACTING',
    currentBytes: totalBytes,
    totalBytes,
    percent: 100,
    bytesPerSecond: 50_000_000,
    etaSeconds: 0,
    parts: Array.from({ length: 8 }, (_, layer) => ({
      id: digestOf(`${reference} ${layer}`).slice(7, 19),
      status: 'Pull complete',
      currentBytes: totalBytes / 8,
      totalBytes: totalBytes / 8,
    })),
  };
}

/** The name of the host with that number. */
export function hostName(number: number): string {
  return `host-${String(number).padStart(4, '0')}`;
}
