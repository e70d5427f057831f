import { UploadsFullError } from './upload-errors.ts';

/** Records are kept in memory: so many tiny uploads are enough. */
const MAX_UPLOADS = 10_000;

/** The room that one upload takes, stored or on its way. */
export interface Place {
  /**
   * Makes it at least so large.
   * @throws UploadsFullError
   */
  growTo(bytes: number): void;
  /** Makes it exactly so large: it is known now. */
  settle(bytes: number): void;
  /** Gives it back. */
  release(): void;
}

/** How much all uploads may have together. What is on its way counts: two must not promise the same. */
export class UploadRoom {
  readonly #maxBytes: number;
  #usedBytes = 0;
  #count = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Takes room for one more.
   * @throws UploadsFullError
   */
  take(bytes: number): Place {
    if (this.#count >= MAX_UPLOADS) throw new UploadsFullError(`${MAX_UPLOADS} are stored`);
    this.#assertFree(bytes);
    return this.hold(bytes);
  }

  /** The same for what is stored already, whatever the bound is by now. */
  hold(bytes: number): Place {
    let taken = 0;
    const settle = (now: number) => {
      this.#usedBytes += now - taken;
      taken = now;
    };
    settle(bytes);
    this.#count++;
    let isHeld = true;
    return {
      growTo: (wanted) => {
        if (wanted <= taken) return;
        this.#assertFree(wanted - taken);
        settle(wanted);
      },
      settle,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        settle(0);
        this.#count--;
      },
    };
  }

  #assertFree(bytes: number): void {
    if (this.#usedBytes + bytes <= this.#maxBytes) return;
    throw new UploadsFullError(
      `${this.#usedBytes} of ${this.#maxBytes} bytes are taken (DOCKGRAPH_UPLOADS_MAX_BYTES)`,
    );
  }
}
