import type { ProgressMessage } from './image-verbs.ts';

const MAX_PARTS = 10_000;

/**
 * Tells by the lines of progress whether a stream is alive. Containerd stores repeat every line ten
 * times a second: a download that hangs looks busy, and an extraction of an hour looks the same. So
 * a repeated line counts as long as nothing is on its way over the network.
 */
export class ProgressPulse {
  readonly #last = new Map<string, string>();
  readonly #underWay = new Set<string>();

  /** Whether this line says that something moves. */
  beats({ id, status, currentBytes }: ProgressMessage): boolean {
    const said = `${status} ${currentBytes}`;
    const isNews = this.#last.get(id) !== said;
    // Nobody has that many layers; memory stays bounded whatever an engine makes up.
    if (this.#last.size >= MAX_PARTS) this.#last.clear();
    this.#last.set(id, said);
    if (/^(?:Downloading|Pushing|Uploading)\b/.test(status)) this.#underWay.add(id);
    else this.#underWay.delete(id);
    return isNews || this.#underWay.size === 0;
  }
}
