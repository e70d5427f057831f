import { decodeMessage } from './messages.ts';

/** A step of a build, or what BuildKit does beside the steps. Told anew whenever it changes. */
export interface BuildVertex {
  /** Its key: a digest. */
  id: string;
  /** `[2/3] RUN make`, `[build 1/2] FROM …`, `[internal] …`, `exporting to image`. */
  name: string;
  cached: boolean;
  /** Milliseconds since the epoch; null before it has. It may start again after it was completed. */
  startedAt: number | null;
  completedAt: number | null;
  /** Empty where there is none. */
  error: string;
}

/** How far a part of a vertex is, such as the download of a layer. */
export interface BuildStatus {
  /** `sha256:…`, or words such as `exporting layers`: unique in its vertex. */
  id: string;
  vertex: string;
  /** What is being done, such as `downloading`; may be empty. */
  name: string;
  /** In bytes where `total` is known. */
  current: number;
  /** 0 where it is not known. */
  total: number;
  isDone: boolean;
  /** Milliseconds that it has taken; null while it goes on. */
  durationMs: number | null;
}

/** Output of a vertex, in pieces. */
export interface BuildOutput {
  vertex: string;
  /** Milliseconds since the epoch. */
  at: number;
  bytes: Uint8Array;
}

/** What BuildKit tells at once. */
export interface BuildTrace {
  vertexes: BuildVertex[];
  statuses: BuildStatus[];
  output: BuildOutput[];
  /** Single lines. */
  warnings: string[];
}

/** Commands may be long scripts; what is kept of them and shown is short. */
const MAX_TEXT = 2000;

/** Reads one message of BuildKit's progress (`StatusResponse`); throws where it is none. */
export function readBuildTrace(bytes: Uint8Array): BuildTrace {
  const json = decodeMessage('StatusResponse', bytes) as StatusResponseJson;
  return {
    vertexes: json.vertexes.map(({ digest, name, cached, started, completed, error }) => ({
      id: digest,
      name: name.slice(0, MAX_TEXT),
      cached,
      startedAt: milliseconds(started),
      completedAt: milliseconds(completed),
      error: error.slice(0, MAX_TEXT),
    })),
    statuses: json.statuses.map(({ ID, vertex, name, current, total, started, completed }) => {
      const from = milliseconds(started);
      const to = milliseconds(completed);
      const durationMs = from === null || to === null ? null : to - from;
      return {
        id: ID.slice(0, MAX_TEXT),
        vertex,
        name,
        current,
        total,
        isDone: to !== null,
        durationMs,
      };
    }),
    output: json.logs.map(({ vertex, timestamp, msg }) => ({
      vertex,
      at: milliseconds(timestamp) ?? 0,
      bytes: msg,
    })),
    warnings: json.warnings.map(({ short }) => Buffer.from(short).toString('utf8')),
  };
}

type TimestampJson = { seconds: number; nanos: number } | null;

interface StatusResponseJson {
  vertexes: {
    digest: string;
    name: string;
    cached: boolean;
    started: TimestampJson;
    completed: TimestampJson;
    error: string;
  }[];
  statuses: {
    ID: string;
    vertex: string;
    name: string;
    current: number;
    total: number;
    started: TimestampJson;
    completed: TimestampJson;
  }[];
  logs: { vertex: string; timestamp: TimestampJson; msg: Uint8Array }[];
  warnings: { short: Uint8Array }[];
}

/** Go's zero time is one before the epoch: not yet. */
function milliseconds(time: TimestampJson): number | null {
  return time === null || time.seconds <= 0 ? null : time.seconds * 1000 + time.nanos / 1e6;
}
