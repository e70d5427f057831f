/** Bounds of the transports. One place, so that docs and tests can name them. */
export interface Tuning {
  /** Largest request body, and largest WebSocket message from a client. */
  maxBodyBytes: number;
  /** A client must have sent its headers by then. */
  headersTimeoutMs: number;
  /** A client must have sent its whole request by then. */
  receiveTimeoutMs: number;
  /** Beyond the request's own deadline: time for resolvers to answer with what they have. */
  deadlineGraceMs: number;
  /** Requests that take longer are logged at level info. */
  slowRequestMs: number;
  /** Event streams (SSE) open at once. */
  maxStreams: number;
  /** WebSocket connections open at once. */
  maxSockets: number;
  /** Between two `: ping` comments of an event stream. */
  streamPingMs: number;
  /** An event stream whose client has read nothing for so long is cut. */
  streamStallMs: number;
  /** A WebSocket client must have sent `connection_init` by then. */
  socketInitMs: number;
  /** Between two WebSocket pings; one that is not answered before the next ends the connection. */
  socketPingMs: number;
  /** Subscriptions at once on one WebSocket connection. */
  maxSubscriptionsPerSocket: number;
  /** A WebSocket client for whom more than this waits unread is cut. */
  maxSocketBacklogBytes: number;
  /** Archives under way at once on one host, in either direction. */
  maxArchivesPerHost: number;
  /** Largest upload of an archive, as sent. */
  maxArchiveBytes: number;
  /** Uploads under way at once. */
  maxUploads: number;
  /** An archive or upload whose client neither sends nor reads for so long is given up. */
  archiveIdleMs: number;
  /** After an upload was refused: time for the client to read why before the connection is cut. */
  archiveLingerMs: number;
}

export const DEFAULT_TUNING: Tuning = {
  maxBodyBytes: 1024 * 1024,
  headersTimeoutMs: 10_000,
  receiveTimeoutMs: 30_000,
  deadlineGraceMs: 5_000,
  slowRequestMs: 1_000,
  maxStreams: 1_000,
  maxSockets: 1_000,
  streamPingMs: 15_000,
  streamStallMs: 60_000,
  socketInitMs: 5_000,
  socketPingMs: 15_000,
  maxSubscriptionsPerSocket: 100,
  maxSocketBacklogBytes: 16 * 1024 * 1024,
  maxArchivesPerHost: 2,
  maxArchiveBytes: Infinity,
  maxUploads: 16,
  archiveIdleMs: 60_000,
  archiveLingerMs: 3_000,
};
