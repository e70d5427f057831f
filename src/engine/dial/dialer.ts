import type { Agent } from 'node:http';
import type { ReturnPort, TakeConnection } from './return-port.ts';

/**
 * One way to reach one engine. The agent opens, keeps and closes the connections, whatever they
 * run over; requests are plain `node:http` requests with it. Nothing secret hangs on it visibly.
 */
export interface Dialer {
  readonly agent: Agent;
  /** What requests name as their host: it ends in the Host header, not in a connection. */
  readonly host: string;
  readonly port: number;
  /**
   * Connections that may be wanted at once. The caller keeps to it: the agent itself does not count
   * those that are still being made.
   */
  readonly maxSockets: number;
  /**
   * Opens a port by which the engine's machine reaches us. Whether the engine itself does, only
   * trying tells: it may live in a network namespace of its own.
   * @throws EngineUnsupportedError where there is no such way
   */
  listen(take: TakeConnection, signal: AbortSignal): Promise<ReturnPort>;
  /** Closes all connections, those under way too. */
  close(): void;
}

/** What every dialer needs to know. */
export interface DialOptions {
  /** The host's configured name, for errors. */
  host: string;
  /** Connections at once, idle ones counted. */
  maxSockets: number;
  /** Milliseconds until a connection must stand. */
  connectTimeoutMs: number;
  /**
   * Bytes that a unix or TCP socket reads at once, in a buffer that it keeps while it is open; where
   * not given, as many as Node takes.
   */
  readBytes?: number | undefined;
}

/** Milliseconds after which an idle connection is closed. */
export const IDLE_TIMEOUT_MS = 30_000;

/** Milliseconds of silence after which a connection's other end is probed. */
export const KEEPALIVE_MS = 15_000;
