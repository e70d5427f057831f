import type { Readable } from 'node:stream';
import type { Compression } from './tar-format.ts';

/** A tar that a client sent ahead, for operations to name. */
export interface Upload {
  /** Cannot be guessed. */
  id: string;
  /** Name of the token it came with. */
  owner: string;
  /** As they came, and as they are stored. */
  bytes: number;
  /** Of these bytes, in hex. */
  sha256: string;
  /** As the first bytes tell. */
  compression: Compression;
  /** Milliseconds since the epoch; moves on with every use. */
  expiresAt: number;
}

/** An upload that is about to come. */
export interface UploadOrder {
  owner: string;
  /** As announced; null where nobody knows. */
  expectedBytes: number | null;
  /** Hex, as announced; null where it was not. */
  expectedSha256: string | null;
  /** Called once there is room, and not where there is none. */
  open: () => Readable;
  /** Ends it early. */
  signal: AbortSignal;
}

/**
 * Where uploads are until their operations are done. A narrow interface: another store, such as one
 * that several gateways share, has nothing else to offer.
 */
export interface UploadStore {
  /** Largest upload, in bytes. */
  readonly maxBytes: number;
  /** All that is stored or on its way, in bytes. */
  readonly usedBytes: number;

  /**
   * Takes an upload in. When it resolves, the upload survives a loss of power; when it rejects,
   * nothing is left of it.
   * @throws UploadTooLargeError, UploadsFullError, DigestMismatchError, BadUserInputError (no tar);
   * the signal's reason; whatever the source breaks with
   */
  add(order: UploadOrder): Promise<Upload>;

  /**
   * Somebody's upload.
   * @throws NotFoundError
   */
  find(id: string, owner: string): Promise<Upload>;

  /**
   * The same for an operation that is about to name it: its time begins anew.
   * @throws NotFoundError
   */
  use(id: string, owner: string): Promise<Upload>;

  /**
   * A stream of the stored bytes, whoever's they are; counts as a use. Holds nothing until it is
   * read, and lets go when it is destroyed.
   * @throws NotFoundError
   */
  open(id: string): Promise<{ upload: Upload; bytes: Readable }>;

  /**
   * Removes somebody's upload.
   * @throws NotFoundError; ConflictError while an unfinished operation names it
   */
  remove(id: string, owner: string): Promise<void>;

  /** Resolves when what is on its way has come to its end; nothing is removed by itself after that. */
  close(): Promise<void>;
}
