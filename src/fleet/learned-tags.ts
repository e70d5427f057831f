import { canonicalTag } from './canonical-tag.ts';
import type { InventoryRow } from './inventory.ts';

/** So many are learned between two looks at most: with more, the next look tells soon enough. */
const MOST = 1000;

/** The moment just before an engine is asked for something that tells where a tag points. */
export interface AskedAt {
  /** Listings that had been applied. */
  listings: number;
  /** Answers that had been learned. */
  answers: number;
}

interface Learned {
  /** The engine's ID of the image; null where the tag has gone. */
  id: string | null;
  /** The number of this answer, from 1. */
  answer: number;
  /** The latest look that had begun when it came. */
  look: number;
}

/**
 * Where the tags of one host point, as answers to single calls told it ahead of the listings. It
 * sees to it that nobody is shown an older state after a newer one:
 *
 * - A listing that is under way when the answer comes may be older: the answer is put on top of it.
 * - A listing that was applied since the call was sent may be newer than the answer, and so may the
 *   answer to another call about that tag that came meanwhile. Such an answer is not learned.
 *
 *   What is shown already is learned all the same: only that it was true until now is new in it.
 *
 * A listing that begins after the answer has come needs it no more. Looks at a host follow one
 * another and never overlap.
 */
export class LearnedTags {
  /** By canonical reference. */
  readonly #learned = new Map<string, Learned>();
  #answers = 0;
  #listings = 0;

  now(): AskedAt {
    return { listings: this.#listings, answers: this.#answers };
  }

  /**
   * Keeps an answer, unless what is known already may be newer: then it says false. `isShown` says
   * whether the inventory has it so, and `look` is the latest that has begun.
   */
  learn(
    reference: string,
    id: string | null,
    { asked, isShown, look }: { asked: AskedAt; isShown: boolean; look: number },
  ): boolean {
    if (this.#learned.size >= MOST) return false;
    const isOvertaken =
      this.#listings > asked.listings ||
      (this.#learned.get(reference)?.answer ?? 0) > asked.answers;
    if (isOvertaken && !isShown) return false;
    this.#learned.set(reference, { id, answer: ++this.#answers, look });
    return true;
  }

  /**
   * What that look lists, with the answers on top that came while it was under way. Null where it
   * lacks an image that such an answer needs: it may be older or newer, and is of no use.
   */
  over(rows: InventoryRow[], look: number): InventoryRow[] | null {
    const answers = Array.from(this.#learned).filter(([, learned]) => learned.look >= look);
    if (answers.length === 0) return rows;
    const owners = new Map(answers.map(([reference, { id }]) => [reference, id]));
    const missing = new Set(owners.values());
    missing.delete(null);
    const changed = rows.map((row) => {
      const { id, tags } = row.listing;
      missing.delete(id);
      const kept = tags.filter((tag) => !owners.has(canonicalTag(tag) ?? ''));
      const added = Array.from(owners.keys()).filter((reference) => owners.get(reference) === id);
      return { ...row, listing: { ...row.listing, tags: [...kept, ...added] } };
    });
    return missing.size === 0 ? changed : null;
  }

  /** A listing is in the inventory, and what was put on top of it. */
  applied(): void {
    this.#listings++;
    this.#learned.clear();
  }
}
