import type { IncomingMessage } from 'node:http';
import { ForbiddenError } from '../common/errors.ts';
import { isLoopback } from './listen-policy.ts';

const HOST_HEADER = /^(\[[0-9a-f:.]+\]|[^:\s]+)(?::\d+)?$/i;

// Nearly all requests of a process name the same host.
let lastAccepted: string | undefined = 'localhost';

/**
 * Without tokens the loopback interface is all that protects us, and a web page can reach it: its
 * own domain name may resolve to 127.0.0.1 (DNS rebinding). The Host header gives that away.
 */
export function assertLoopbackHost({ headers: { host } }: IncomingMessage): void {
  if (host === lastAccepted) return;
  const name = HOST_HEADER.exec(host ?? '')?.[1];
  if (name !== undefined && isLoopback(name)) {
    lastAccepted = host;
    return;
  }
  throw new ForbiddenError(
    'Without tokens this server answers only to localhost, 127.0.0.0/8 and [::1] in the Host header',
  );
}

/** Which web pages may use this server from a browser. */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowedOrigins such as `https://ops.example.com`. */
  constructor(allowedOrigins: readonly string[]) {
    this.#allowed = new Set(allowedOrigins.map((origin) => normalizeOrigin(origin)));
  }

  /** Whether no foreign page may. */
  get isEmpty(): boolean {
    return this.#allowed.size === 0;
  }

  /** Whether `origin` was listed by the operator. */
  allows(origin: string): boolean {
    return this.#allowed.has(origin.toLowerCase());
  }

  /**
   * For what browsers send across origins without asking first: WebSocket upgrades and GET. No
   * Origin header means no browser, or a navigation; those say so in Sec-Fetch-Site.
   */
  assertAcceptable(request: IncomingMessage): void {
    const { origin, host } = request.headers;
    if (origin !== undefined) {
      if (this.allows(origin) || isSameHost(origin, host)) return;
      throw new ForbiddenError(`Origin ${printable(origin)} may not use this server`);
    }
    const site = request.headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return;
    throw new ForbiddenError('Pages of other sites may not use this server');
  }
}

function normalizeOrigin(origin: string): string {
  const parsed = URL.parse(origin);
  if (!parsed || parsed.origin === 'null') {
    throw new Error(
      `Allowed origin ${JSON.stringify(origin)} is not of the form https://host:port`,
    );
  }
  return parsed.origin;
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
