import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { openFolderStore } from '../../src/uploads/folder-store.ts';
import type { FolderStoreOptions } from '../../src/uploads/folder-store.ts';
import type { Upload, UploadOrder, UploadStore } from '../../src/uploads/upload-store.ts';
import { ManualClock } from '../operations/manual-clock.ts';

/** A store in a folder of its own, with what a test does to it. */
export class StoreUnderTest {
  readonly folder: string;
  readonly clock = new ManualClock();
  /** What unfinished operations name, by upload. */
  readonly needed = new Map<string, string>();
  readonly errors: unknown[] = [];
  store!: UploadStore;
  readonly #options: Partial<FolderStoreOptions>;

  private constructor(folder: string, options: Partial<FolderStoreOptions>) {
    this.folder = folder;
    this.#options = options;
  }

  static async open(t: TestContext, options: Partial<FolderStoreOptions> = {}) {
    const parent = await mkdtemp(join(tmpdir(), 'dockgraph-uploads-'));
    const under = new StoreUnderTest(options.folder ?? join(parent, 'uploads'), options);
    await under.reopen();
    t.after(async () => {
      await under.store.close();
      await rm(parent, { recursive: true, force: true });
    });
    return under;
  }

  /** Opens it anew, as after a restart. */
  async reopen(): Promise<void> {
    await this.store?.close();
    this.store = await openFolderStore({
      maxBytes: 1_000_000,
      maxTotalBytes: 3_000_000,
      neededBy: async () => this.needed,
      onError: (error) => this.errors.push(error),
      clock: this.clock,
      ...this.#options,
      folder: this.folder,
    });
  }

  add(content: Uint8Array | Readable, order: Partial<UploadOrder> = {}): Promise<Upload> {
    return this.store.add({
      owner: 'alice',
      expectedBytes: null,
      expectedSha256: null,
      open: () => (content instanceof Readable ? content : Readable.from([content])),
      signal: new AbortController().signal,
      ...order,
    });
  }

  /** Lets time pass, no faster than the store can tidy up meanwhile. */
  async pass(ms: number): Promise<void> {
    const step = 600_000;
    for (let left = ms; left > 0; left -= step) {
      await this.clock.advance(Math.min(step, left));
      while (this.clock.sleeping === 0) await turn();
    }
  }

  /** The names of the files there are. */
  async files(): Promise<string[]> {
    return (await readdir(this.folder)).toSorted();
  }
}

/** A tar of so many bytes, or a little more. */
export function tarOfBytes(bytes: number): Buffer {
  return singleFileTar('file', Buffer.alloc(Math.max(0, bytes - 1536), 'x'));
}
