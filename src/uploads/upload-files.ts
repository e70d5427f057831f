import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upload } from './upload-store.ts';

/** What is written down of an upload; its last use is the time of the file itself. */
export type UploadRecord = Omit<Upload, 'expiresAt'>;

/** A stored upload as it was found. */
export interface StoredUpload {
  record: UploadRecord;
  /** Milliseconds since the epoch. */
  usedAt: number;
}

const FILE = /^([0-9a-f]{32})\.(part|json|tar)$/;

/** A new ID: a file name that cannot be guessed. */
export function newUploadId(): string {
  return randomBytes(16).toString('hex');
}

/**
 * The files of uploads in a folder of their own. `ID.part` is on its way; `ID.tar` is an upload,
 * and what is known of it is in `ID.json`. The rename of the one to the other is the moment in which
 * an upload begins to exist: whatever else a crash leaves is no upload.
 */
export class UploadFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the bytes of an upload are written. */
  part(id: string): string {
    return join(this.#folder, `${id}.part`);
  }

  /** Where the bytes of an upload are. */
  tar(id: string): string {
    return join(this.#folder, `${id}.tar`);
  }

  /** Makes the folder, removes what a crash left, and tells what is there. */
  async load(): Promise<StoredUpload[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const ids = new Set<string>();
    for (const name of await readdir(this.#folder)) {
      const [, id] = FILE.exec(name) ?? [];
      if (id !== undefined) ids.add(id);
    }
    const found: StoredUpload[] = [];
    for (const id of ids) {
      const stored = await this.#read(id);
      if (stored === null) await this.remove(id);
      else found.push(stored);
    }
    return found;
  }

  /** Makes an upload of the bytes that are in its part, which was flushed to the disk. */
  async commit(record: UploadRecord, usedAt: number): Promise<void> {
    const { id } = record;
    await setTime(this.part(id), usedAt);
    const json = await open(this.#json(id), 'wx', 0o600);
    try {
      await json.writeFile(JSON.stringify(record));
      await json.sync();
    } finally {
      await json.close();
    }
    await rename(this.part(id), this.tar(id));
    const folder = await open(this.#folder);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Writes down that it was used. */
  touch(id: string, usedAt: number): Promise<void> {
    return setTime(this.tar(id), usedAt);
  }

  /** Removes all files of an upload, first the one that makes it one. */
  async remove(id: string): Promise<void> {
    for (const file of [this.tar(id), this.part(id), this.#json(id)])
      await rm(file, { force: true });
  }

  #json(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  async #read(id: string): Promise<StoredUpload | null> {
    try {
      const record = JSON.parse(await readFile(this.#json(id), 'utf8')) as UploadRecord;
      const { size, mtimeMs } = await stat(this.tar(id));
      return record.id === id && record.bytes === size ? { record, usedAt: mtimeMs } : null;
    } catch (error) {
      const isLeftover = error instanceof SyntaxError || isMissing(error);
      if (isLeftover) return null;
      throw error;
    }
  }
}

/** Whether a file is not there. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function setTime(file: string, ms: number): Promise<void> {
  return utimes(file, ms / 1000, ms / 1000);
}
