/** The tasks of one operation on their way through its images, so that they can share reads. */
export class TransferParty {
  readonly #members = new Map<string, { at: number; isReading: boolean }>();

  /** Whether nobody is left. */
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** The task is at the image of that index, and may need to read it. */
  comesTo(task: string, at: number): void {
    this.#members.set(task, { at, isReading: false });
  }

  /** The task takes part in a read of its image. */
  reads(task: string): void {
    const member = this.#members.get(task);
    if (member) member.isReading = true;
  }

  leave(task: string): void {
    this.#members.delete(task);
  }

  /** Whether somebody may still want to read the image of that index. */
  isAwaited(at: number): boolean {
    for (const member of this.#members.values()) {
      if (member.at <= at && !member.isReading) return true;
    }
    return false;
  }
}
