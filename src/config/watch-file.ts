import { realpathSync, statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

/** How a file is watched. */
export interface WatchFileOptions {
  /** Ends the watch. */
  signal: AbortSignal;
  /** Quiet time after a change before it is told, in milliseconds: writers write in pieces. */
  debounceMs?: number;
  /** Between two looks where the system told nothing, in milliseconds. */
  pollMs?: number;
}

const DEBOUNCE_MS = 100;
const POLL_MS = 2000;

/**
 * Calls `onChange` whenever the file was written, replaced, removed or came back, also when a symbolic
 * link on its way was turned (as kubernetes does with mounted files). The folder is watched and not
 * the file, since a replaced file is another file; and the file is looked at now and then, since
 * network folders and links that lead elsewhere tell nothing. Keeps no process alive.
 */
export function watchFile(path: string, onChange: () => void, options: WatchFileOptions): void {
  if (!options.signal.aborted) new FileWatch(path, onChange, options).start(options);
}

class FileWatch {
  private readonly path: string;
  private readonly onChange: () => void;
  private readonly debounceMs: number;
  /** The file as it was last told of, and as it was last seen. */
  private known: string;
  private seen: string;
  private watcher: FSWatcher | undefined;
  /** The folder that `watcher` is on: one made anew at the same path is another. */
  private watchedFolder: string | undefined;
  private settle: NodeJS.Timeout | undefined;

  constructor(path: string, onChange: () => void, options: WatchFileOptions) {
    this.path = path;
    this.onChange = onChange;
    this.debounceMs = options.debounceMs ?? DEBOUNCE_MS;
    this.known = fingerprint(path);
    this.seen = this.known;
  }

  start({ signal, pollMs = POLL_MS }: WatchFileOptions): void {
    this.watchFolder();
    const poll = setInterval(() => this.look(), pollMs).unref();
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(poll);
        clearTimeout(this.settle);
        this.watcher?.close();
      },
      { once: true },
    );
  }

  private look(): void {
    this.watchFolder();
    const now = fingerprint(this.path);
    // Only a change of this file starts the quiet time anew: the folder may never be quiet.
    if (now === this.seen) return;
    this.seen = now;
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.tell(), this.debounceMs).unref();
  }

  private tell(): void {
    this.seen = fingerprint(this.path);
    if (this.seen === this.known) return;
    this.known = this.seen;
    this.onChange();
  }

  private watchFolder(): void {
    const folder = dirname(this.path);
    const identity = identityOf(folder);
    if (this.watcher !== undefined && identity === this.watchedFolder) return;
    this.watcher?.close();
    this.watcher = undefined;
    this.watchedFolder = identity;
    if (identity === undefined) return;
    try {
      // Other files of the folder matter too: `..data` is what kubernetes turns.
      const watcher = watch(folder, { persistent: false }, () => this.look());
      watcher.on('error', () => {
        watcher.close();
        if (this.watcher === watcher) this.watcher = undefined;
      });
      this.watcher = watcher;
    } catch {
      // Out of inotify watches, or the folder just went: the regular look is enough.
    }
  }
}

/** Changes when the file does. Times are in nanoseconds, and ctime shows a change of rights. */
function fingerprint(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [realpathSync(path), dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'missing';
  }
}

function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
