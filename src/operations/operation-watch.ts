import type { Broadcast, Delivery } from '../common/broadcast.ts';
import { NotFoundError } from '../common/errors.ts';
import { matchesFilter } from './operation-snapshot.ts';
import type { OperationEvent, OperationFilter, OperationSnapshot } from './operation-snapshot.ts';
import { FINAL_STATES } from './operation.ts';

/** Operations that are read at once to catch up. */
const CATCH_UP = 100;

/**
 * Says that an operation moved on. Watchers look up what it is now when they get round to it: what
 * waits for a slow one is a few words for each operation, whatever happens.
 */
export interface OperationNews {
  id: string;
  event: number;
  /** Whether only its progress moved: nothing of it is stored. */
  isProgress: boolean;
}

/** Where watchers look. */
export interface WatchSource {
  news: Broadcast<OperationNews>;
  look: (id: string) => Promise<OperationSnapshot | null>;
  changedSince: (event: number, limit: number) => Promise<OperationSnapshot[]>;
  /** The number of the latest step that was announced: all up to it can be read from the store. */
  lastStep: () => number;
}

/** How to watch. */
export interface WatchOptions {
  /** Ends the stream. */
  signal: AbortSignal;
  /** What the watcher knows already. */
  afterEvent?: number | undefined;
}

/** A stream that ends at once when it is told to. */
export type OperationStream = AsyncGenerator<OperationEvent, void, undefined>;

/**
 * One operation from what it is now, unless the watcher knows that already, to its end.
 * @throws NotFoundError from the first `next()`
 */
export function watchOperation(
  source: WatchSource,
  id: string,
  options: WatchOptions,
): OperationStream {
  const news = subscribe(source, options, (candidate) => candidate.id === id);
  return endable(followOne(source, news, id, options), news);
}

/**
 * Every change of the operations that fit, from now on or from `afterEvent`. Only snapshots that
 * fit are told: with `states`, nobody hears of an operation that left them.
 */
export function watchOperations(
  source: WatchSource,
  filter: OperationFilter,
  options: WatchOptions,
): OperationStream {
  const news = subscribe(source, options);
  const isResumed = options.afterEvent !== undefined;
  const position = options.afterEvent ?? source.lastStep();
  return endable(followMany(source, news, filter, position, isResumed), news);
}

type NewsStream = AsyncGenerator<Delivery<OperationNews>, void, undefined>;

function subscribe(
  { news }: WatchSource,
  { signal }: WatchOptions,
  accept?: (news: OperationNews) => boolean,
): NewsStream {
  return news.subscribe({
    signal,
    ...(accept && { accept }),
    // Progress has a place of its own: a step that waits must keep its place among the steps.
    coalesceBy: ({ id, isProgress }) => (isProgress ? `${id} progress` : id),
  });
}

async function* followOne(
  { look }: WatchSource,
  news: NewsStream,
  id: string,
  { signal, afterEvent = -1 }: WatchOptions,
): OperationStream {
  let known = afterEvent;
  try {
    for (let isFirst = true; ; isFirst = false) {
      const operation = await look(id);
      if (!operation && isFirst) throw new NotFoundError(`there is no operation ${id}`);
      if (!operation || signal.aborted) return;
      if (operation.event > known) {
        known = operation.event;
        yield { event: known, operation };
      }
      if (FINAL_STATES.has(operation.state)) return;
      if ((await news.next()).done) return;
    }
  } finally {
    await news.return();
  }
}

async function* followMany(
  source: WatchSource,
  news: NewsStream,
  filter: OperationFilter,
  startAt: number,
  isResumed: boolean,
): OperationStream {
  let position = startAt;
  try {
    if (isResumed) yield* catchUp(source.lastStep());
    for await (const { value, missed } of news) {
      // The oldest news were dropped; what they were about can be read from the store.
      if (missed > 0) yield* catchUp(value.event - 1);
      const operation = await source.look(value.id);
      // Only what is stored can be gone on from.
      if (!value.isProgress) position = Math.max(position, value.event);
      if (operation && matchesFilter(filter, operation)) yield { event: position, operation };
    }
  } finally {
    await news.return();
  }

  async function* catchUp(until: number): OperationStream {
    for (let isLast = false; !isLast;) {
      const changed = await source.changedSince(position, CATCH_UP);
      for (const operation of changed) {
        if (operation.event > until) return;
        position = operation.event;
        if (matchesFilter(filter, operation)) yield { event: position, operation };
      }
      isLast = changed.length < CATCH_UP;
    }
  }
}

/**
 * `return()` of an async generator that waits for news takes effect only when some come. Here it
 * ends the news first, and with them the wait.
 */
function endable(stream: OperationStream, news: NewsStream): OperationStream {
  const endNews = stream.return.bind(stream);
  stream.return = async (value) => {
    await news.return();
    return endNews(value);
  };
  return stream;
}
