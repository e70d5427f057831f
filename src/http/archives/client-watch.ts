/** What is watched of a client. */
export interface ClientWatchOptions {
  /** Longest silence. */
  idleMs: number;
  /** Bytes that moved so far. */
  bytes: () => number;
  /** Whether it is the client that we wait for. An engine may be quiet for as long as it likes. */
  waitsForClient: () => boolean;
  onIdle: () => void;
}

/** Watches for a client that neither sends nor reads; returns what ends the watch. */
export function watchClient({
  idleMs,
  bytes,
  waitsForClient,
  onIdle,
}: ClientWatchOptions): () => void {
  let seen = bytes();
  let since = performance.now();
  // Looks now and then, so that a chunk costs nothing.
  const timer = setInterval(
    () => {
      const now = bytes();
      if (now !== seen || !waitsForClient()) {
        seen = now;
        since = performance.now();
      } else if (performance.now() - since >= idleMs) {
        clearInterval(timer);
        onIdle();
      }
    },
    Math.min(5_000, idleMs / 4),
  );
  return () => clearInterval(timer);
}
