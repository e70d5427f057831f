import { BusyError } from './archive-errors.ts';

/**
 * How many archives may be under way on each host. Whoever comes when all are taken is sent away
 * and not made to wait: an upload that waits would hold its client's connection and disk.
 */
export class ArchiveSlots {
  readonly #perHost: number;
  readonly #taken = new Map<string, number>();

  constructor(perHost: number) {
    this.#perHost = perHost;
  }

  /** Takes one; the answer gives it back. */
  take(host: string): () => void {
    const taken = this.#taken.get(host) ?? 0;
    if (taken >= this.#perHost) {
      throw new BusyError(`${taken} archives are under way on ${host} already`, { host });
    }
    this.#taken.set(host, taken + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const rest = this.#taken.get(host)! - 1;
      if (rest === 0) this.#taken.delete(host);
      else this.#taken.set(host, rest);
    };
  }
}
