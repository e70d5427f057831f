import type { BuildTrace } from './build-trace.ts';

const MAX_KEPT = 10_000;

/**
 * Tells by the traces of a build whether it is alive: BuildKit repeats how far a download is many
 * times a second, also while it hangs.
 */
export class TracePulse {
  readonly #current = new Map<string, number>();

  /** Whether something moves by this trace. */
  beats({ vertexes, statuses, output }: BuildTrace): boolean {
    let isNews = vertexes.length > 0 || output.length > 0;
    for (const { vertex, id, current, isDone } of statuses) {
      const key = `${vertex} ${id}`;
      // The end counts as a step of its own.
      const now = isDone ? -1 : current;
      if (this.#current.get(key) === now) continue;
      // Nobody has that many; memory stays bounded whatever an engine makes up.
      if (this.#current.size >= MAX_KEPT) this.#current.clear();
      this.#current.set(key, now);
      isNews = true;
    }
    return isNews;
  }
}
