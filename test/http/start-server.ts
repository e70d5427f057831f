import type { TestContext } from 'node:test';
import { hashToken } from '../../src/config/tokens-file.ts';
import { createLogger } from '../../src/http/logger.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import type { Metrics } from '../../src/http/metrics.ts';
import type { ServerOptions } from '../../src/http/server-options.ts';
import { startServer } from '../../src/http/server.ts';
import type { Server } from '../../src/http/server.ts';
import { smallApi } from './small-api.ts';
import type { SmallApi } from './small-api.ts';

/** A token that `TOKENS` lets in, as `alice`. */
export const ALICE = 'dg_alice-secret';
/** A token that `TOKENS` lets in, as `bob`. */
export const BOB = 'dg_bob-secret';
export const TOKENS = [
  { name: 'alice', hash: hashToken(ALICE) },
  { name: 'bob', hash: hashToken(BOB) },
];

/** A server over a small API, with what it logged. */
export interface Running extends SmallApi {
  server: Server;
  url: string;
  metrics: Metrics;
  /** Log lines, parsed. */
  log: Record<string, unknown>[];
  /** Log lines as written. */
  logText: () => string;
  post: (body: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

/** What came back. */
export interface Answer {
  status: number;
  headers: Headers;
  // Shapes vary by test, and a wrong one fails the assertion anyway.
  json: any;
}

/** Starts a server for one test; it is closed when the test ends. */
export async function start(t: TestContext, overrides: Partial<ServerOptions> = {}) {
  const small = smallApi();
  const log: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const destination = {
    write(line: string) {
      lines.push(line);
      log.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const metrics = createMetrics({
    hosts: () => [],
    hostStates: ['ONLINE', 'UNREACHABLE'],
    operations: ['Known'],
    defaultMetrics: false,
  });
  const server = await startServer({
    api: small.api,
    listen: { host: '127.0.0.1', port: 0 },
    tokens: undefined,
    allowedOrigins: [],
    logger: createLogger({ level: 'debug', destination }),
    metrics,
    readiness: () => ({ ready: true, reasons: [] }),
    fleetHealth: () => ({ hostsByState: { ONLINE: 2, UNREACHABLE: 1 } }),
    version: '1.2.3',
    requestTimeoutMs: 10_000,
    ...overrides,
  });
  t.after(() => server.close({ graceMs: 0 }));
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    postTo(`${server.url}/graphql`, body, headers);
  const running: Running = {
    ...small,
    server,
    url: server.url,
    metrics,
    log,
    logText: () => lines.join(''),
    post,
  };
  return running;
}

/** Posts JSON (or a string as it is) and reads JSON. */
export async function postTo(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    json: JSON.parse(await response.text()) as unknown,
  };
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, what: string, withinMs = 5_000) {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
