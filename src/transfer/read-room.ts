import { ImageRead } from './image-read.ts';
import type { ImageReadOptions, ReadTarget, ReadTargetOptions } from './image-read.ts';

/** How long bytes that are there wait for targets that are on their way. */
const GATHER_MS = 2_000;

/** What a read is known by, and who may come to it. */
export interface Gathering {
  /** The same for targets that can share a read. */
  key: string;
  /** Whether others are still on their way to it. */
  isAwaited: () => boolean;
}

interface Waiting {
  read: ImageRead;
  gathering: Gathering;
  complete: PromiseWithResolvers<void>;
  /** Runs from the first byte on: until then anybody may join. */
  timer: NodeJS.Timeout | null;
}

/**
 * Where the targets of one operation meet for a read of the source. The save is opened by the first
 * one, since a classic engine takes its time before the first byte; the bytes are given out when
 * all are there who are on their way, or when they have waited long enough.
 */
export class ReadRoom {
  readonly #waiting = new Map<string, Waiting>();
  readonly #reads = new Map<string, number>();

  /** Reads under way on a host. */
  readsOn(host: string): number {
    return this.#reads.get(host) ?? 0;
  }

  /** Joins the read of that key that has not given out bytes yet, or starts one. */
  join(
    gathering: Gathering,
    options: Omit<ImageReadOptions, 'complete'>,
    target: ReadTargetOptions,
  ): ReadTarget {
    const waiting = this.#waiting.get(gathering.key);
    const { read } = waiting?.read.isOver === false ? waiting : this.#start(gathering, options);
    const joined = read.join(target);
    this.look();
    return joined;
  }

  /** To be called when somebody may not be on his way any more. */
  look(): void {
    for (const { gathering, complete, timer } of this.#waiting.values()) {
      if (timer !== null && !gathering.isAwaited()) complete.resolve();
    }
  }

  #start(gathering: Gathering, options: Omit<ImageReadOptions, 'complete'>): Waiting {
    const { source } = options;
    const complete = Promise.withResolvers<void>();
    const { key } = gathering;
    const read = new ImageRead({
      ...options,
      complete: () => {
        waiting.timer ??= setTimeout(complete.resolve, GATHER_MS);
        this.look();
        return complete.promise;
      },
    });
    const waiting: Waiting = { read, gathering, complete, timer: null };
    this.#waiting.set(key, waiting);
    this.#reads.set(source, this.readsOn(source) + 1);
    const close = () => {
      if (waiting.timer !== null) clearTimeout(waiting.timer);
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    };
    void complete.promise.then(close);
    // The read begins when its first target has joined, in this very turn.
    queueMicrotask(() => {
      void read.run().then(() => {
        complete.resolve();
        const left = this.readsOn(source) - 1;
        if (left > 0) this.#reads.set(source, left);
        else this.#reads.delete(source);
      });
    });
    return waiting;
  }
}
