import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertAnnounced } from '../common/announced-digest.ts';
import { systemClock } from '../common/clock.ts';
import type { Clock } from '../common/clock.ts';
import { BadUserInputError, ConflictError } from '../common/errors.ts';
import { compressionOf, TELLING_BYTES } from './tar-format.ts';
import { noSuchUpload, UploadsFullError, UploadTooLargeError } from './upload-errors.ts';
import { isMissing, newUploadId, UploadFiles } from './upload-files.ts';
import type { UploadRecord } from './upload-files.ts';
import { UploadRoom } from './upload-room.ts';
import type { Place } from './upload-room.ts';
import type { Upload, UploadOrder, UploadStore } from './upload-store.ts';

/** What a store in a folder works with. */
export interface FolderStoreOptions {
  /** Made if it is not there; nobody else's business. */
  folder: string;
  /** Bytes of one upload. */
  maxBytes: number;
  /** Bytes of all of them. */
  maxTotalBytes: number;
  /** The uploads that unfinished operations name, each with the ID of such an operation. */
  neededBy: () => Promise<ReadonlyMap<string, string>>;
  /** Told of what went wrong in the background. */
  onError: (error: unknown) => void;
  clock?: Clock;
}

/** From the last use of an upload to its end. */
const LIFETIME_MS = 24 * 3_600_000;
const SWEEP_EVERY_MS = 600_000;
const READ_BYTES = 256 * 1024;

/**
 * Opens the uploads in a folder: what a crash left is removed, and so is what has expired, now and
 * then until the store is closed. The folder must be in use by this process only.
 */
export async function openFolderStore(options: FolderStoreOptions): Promise<UploadStore> {
  const store = new FolderStore(options);
  await store.start();
  return store;
}

interface Entry {
  record: UploadRecord;
  /** Milliseconds since the epoch. */
  usedAt: number;
  place: Place;
}

class FolderStore implements UploadStore {
  readonly maxBytes: number;
  readonly #files: UploadFiles;
  readonly #room: UploadRoom;
  readonly #neededBy: FolderStoreOptions['neededBy'];
  readonly #onError: FolderStoreOptions['onError'];
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #arriving = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(options: FolderStoreOptions) {
    this.maxBytes = options.maxBytes;
    this.#files = new UploadFiles(options.folder);
    this.#room = new UploadRoom(options.maxTotalBytes);
    this.#neededBy = options.neededBy;
    this.#onError = options.onError;
    this.#clock = options.clock ?? systemClock;
  }

  get usedBytes(): number {
    return this.#room.usedBytes;
  }

  async start(): Promise<void> {
    for (const { record, usedAt } of await this.#files.load()) {
      const place = this.#room.hold(record.bytes);
      this.#entries.set(record.id, { record, usedAt, place });
    }
    // Before anybody asks: what waits for its hosts since long ago is needed still.
    await this.#sweep();
    void this.#keepSwept();
  }

  add(order: UploadOrder): Promise<Upload> {
    const arriving = this.#add(order);
    const settled = arriving
      .catch(() => {})
      .finally(() => {
        this.#arriving.delete(settled);
      });
    this.#arriving.add(settled);
    return arriving;
  }

  async find(id: string, owner: string): Promise<Upload> {
    return this.#told(this.#owned(id, owner));
  }

  async use(id: string, owner: string): Promise<Upload> {
    const entry = this.#owned(id, owner);
    await this.#touch(entry);
    return this.#told(entry);
  }

  async open(id: string): Promise<{ upload: Upload; bytes: Readable }> {
    // Not asked whether it has expired: an operation that is under way may have it while it is there.
    const entry = this.#entry(id);
    await this.#touch(entry);
    const bytes = Readable.from(this.#read(id), { objectMode: false });
    return { upload: this.#told(entry), bytes };
  }

  async remove(id: string, owner: string): Promise<void> {
    this.#owned(id, owner);
    const operation = (await this.#neededBy()).get(id);
    if (operation !== undefined) {
      throw new ConflictError('an operation that is not finished needs this upload', {
        details: { operationId: operation, hint: 'wait for the operation, or cancel it' },
      });
    }
    await this.#drop(this.#owned(id, owner));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#arriving);
  }

  async #add({ owner, expectedBytes, expectedSha256, open, signal }: UploadOrder): Promise<Upload> {
    if (expectedBytes !== null) this.#assertSize(expectedBytes);
    const place = this.#room.take(expectedBytes ?? 0);
    const id = newUploadId();
    try {
      const content = await this.#write(id, { source: open(), place, signal });
      assertAnnounced({ bytes: content.bytes, actual: content.sha256, expected: expectedSha256 });
      const record: UploadRecord = { id, owner, ...content };
      const usedAt = this.#clock.now();
      await this.#files.commit(record, usedAt);
      place.settle(record.bytes);
      const entry: Entry = { record, usedAt, place };
      this.#entries.set(id, entry);
      return this.#told(entry);
    } catch (error) {
      await this.#files.remove(id).catch(this.#onError);
      place.release();
      if (signal.aborted) throw signal.reason;
      throw isDiskFull(error) ? new UploadsFullError("the gateway's disk is full", error) : error;
    }
  }

  /** Writes the bytes to the disk, no faster than it takes them; they are there when it resolves. */
  async #write(
    id: string,
    { source, place, signal }: { source: Readable; place: Place; signal: AbortSignal },
  ): Promise<Pick<UploadRecord, 'bytes' | 'sha256' | 'compression'>> {
    const hash = createHash('sha256');
    let start = Buffer.alloc(0);
    let bytes = 0;
    const take = async function* (this: FolderStore, chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        const isTold = start.length === TELLING_BYTES;
        if (!isTold) start = Buffer.concat([start, chunk]).subarray(0, TELLING_BYTES);
        // As soon as it can be told: nobody is to send two gigabytes of something else.
        if (!isTold && start.length === TELLING_BYTES) compressionOrThrow(start);
        bytes += chunk.length;
        this.#assertSize(bytes);
        place.growTo(bytes);
        hash.update(chunk);
        yield chunk;
      }
    }.bind(this);
    const options = { flags: 'wx', mode: 0o600, flush: true };
    await pipeline(source, take, createWriteStream(this.#files.part(id), options), { signal });
    return { bytes, sha256: hash.digest('hex'), compression: compressionOrThrow(start) };
  }

  #assertSize(bytes: number): void {
    if (bytes > this.maxBytes) throw new UploadTooLargeError(this.maxBytes);
  }

  async *#read(id: string): AsyncGenerator<Buffer, void, void> {
    try {
      yield* createReadStream(this.#files.tar(id), { highWaterMark: READ_BYTES });
    } catch (error) {
      throw isMissing(error) ? noSuchUpload(id) : error;
    }
  }

  async #touch(entry: Entry): Promise<void> {
    const { id } = entry.record;
    entry.usedAt = this.#clock.now();
    try {
      await this.#files.touch(id, entry.usedAt);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#drop(entry);
      throw noSuchUpload(id);
    }
  }

  #owned(id: string, owner: string): Entry {
    const entry = this.#entry(id);
    if (entry.record.owner !== owner || this.#hasExpired(entry)) throw noSuchUpload(id);
    return entry;
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw noSuchUpload(id);
    return entry;
  }

  #hasExpired({ usedAt }: Entry): boolean {
    return usedAt + LIFETIME_MS <= this.#clock.now();
  }

  #told({ record, usedAt }: Entry): Upload {
    return { ...record, expiresAt: usedAt + LIFETIME_MS };
  }

  async #drop({ record, place }: Entry): Promise<void> {
    // First: nobody is to find what is being removed.
    if (!this.#entries.delete(record.id)) return;
    try {
      await this.#files.remove(record.id);
    } finally {
      place.release();
    }
  }

  async #keepSwept(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#clock.sleep(SWEEP_EVERY_MS, signal).catch(() => {});
      if (!signal.aborted) await this.#sweep().catch(this.#onError);
    }
  }

  async #sweep(): Promise<void> {
    const needed = await this.#neededBy();
    for (const entry of this.#entries.values()) {
      try {
        if (needed.has(entry.record.id)) await this.#touch(entry);
        else if (this.#hasExpired(entry)) await this.#drop(entry);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

function compressionOrThrow(start: Buffer): UploadRecord['compression'] {
  const compression = compressionOf(start);
  if (compression !== null) return compression;
  throw new BadUserInputError(
    'this is no tar: expected one, plain or compressed with gzip, bzip2, xz or zstd',
  );
}

function isDiskFull(error: unknown): boolean {
  return /^(?:ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '');
}
