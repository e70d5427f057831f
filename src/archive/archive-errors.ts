/**
 * What is wrong with the archive that an engine saved of an image. Archives know no hosts: who reads
 * one names the host and makes a `DockgraphError` of it. Messages are written for users.
 */
export abstract class ArchiveError extends Error {
  /** Machine-readable facts, such as the entry and what it should be. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.details = details;
  }
}

/**
 * Bytes that are not what they are named by, or a tar that is cut. Another read may be whole.
 * `details`: `entry`, `expected` and `actual` where a digest or size is wrong; `complaint` where the
 * engine appended one.
 */
export class DamagedArchiveError extends ArchiveError {}

/** The tar is whole and lacks parts of the image: the engine's own copy does. `details.missing`. */
export class IncompleteArchiveError extends ArchiveError {}

/** A layout that is not known, or beyond all bounds. It may still be forwarded as it is. */
export class UnknownArchiveError extends ArchiveError {}

/** An image, but not the one that was asked for. `details`: `expected` and `actual`. */
export class WrongImageError extends ArchiveError {}
