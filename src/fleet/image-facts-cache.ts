import type { Clock } from '../common/clock.ts';
import type { ImageFacts } from '../engine/engine.ts';

/** How long another host's answer is waited for before the own engine is asked as well. */
const PATIENCE_MS = 1_000;

/** A fetch that other hosts wait for. */
interface UnderWay {
  isSlow: boolean;
  /** Never rejects. */
  endsOrIsSlow: Promise<void>;
}

/**
 * The immutable facts of images, fetched once in the whole fleet: the first host that lists an
 * image asks its engine, all others wait for that answer, unless it takes long. Facts of images
 * that some host holds are kept; of those that nobody holds any more, the `spare` most recent are
 * kept for their return.
 */
export class ImageFactsCache {
  readonly #facts = new Map<string, ImageFacts>();
  readonly #underWay = new Map<string, UnderWay>();
  readonly #held = new Map<string, number>();
  readonly #spare: number;
  readonly #unheld = new Set<string>();

  constructor({ spare = 1000 } = {}) {
    this.#spare = spare;
  }

  get size(): number {
    return this.#facts.size;
  }

  get(key: string): ImageFacts | undefined {
    return this.#facts.get(key);
  }

  /**
   * The facts, by `fetch` if nobody has them or is about to. Where another host's fetch fails or
   * hangs, this host's own is tried: its engine may well answer.
   */
  async obtain(
    key: string,
    { clock, fetch }: { clock: Clock; fetch: () => Promise<ImageFacts> },
  ): Promise<ImageFacts> {
    for (;;) {
      const known = this.#facts.get(key);
      if (known) return known;
      const underWay = this.#underWay.get(key);
      if (!underWay || underWay.isSlow) break;
      await underWay.endsOrIsSlow;
    }
    const own = fetch();
    const underWay = this.#watch(own, clock);
    this.#underWay.set(key, underWay);
    try {
      const facts = await own;
      this.#facts.set(key, facts);
      if (!this.#held.has(key)) this.#spareOne(key);
      return facts;
    } finally {
      if (this.#underWay.get(key) === underWay) this.#underWay.delete(key);
    }
  }

  #watch(fetch: Promise<ImageFacts>, clock: Clock): UnderWay {
    const ended = new AbortController();
    const end = () => ended.abort();
    fetch.then(end, end);
    const endsOrIsSlow = clock.sleep(PATIENCE_MS, ended.signal).then(
      () => void (underWay.isSlow = true),
      () => undefined,
    );
    const underWay = { isSlow: false, endsOrIsSlow };
    return underWay;
  }

  /** Says which keys a host holds now instead of `before`. */
  exchange(before: Iterable<string>, now: Iterable<string>): void {
    for (const key of now) {
      this.#held.set(key, (this.#held.get(key) ?? 0) + 1);
      this.#unheld.delete(key);
    }
    for (const key of before) {
      const left = (this.#held.get(key) ?? 0) - 1;
      if (left > 0) {
        this.#held.set(key, left);
      } else {
        this.#held.delete(key);
        if (this.#facts.has(key)) this.#spareOne(key);
      }
    }
  }

  #spareOne(key: string): void {
    this.#unheld.delete(key);
    this.#unheld.add(key);
    if (this.#unheld.size <= this.#spare) return;
    const [oldest] = this.#unheld;
    this.#unheld.delete(oldest!);
    this.#facts.delete(oldest!);
  }
}
