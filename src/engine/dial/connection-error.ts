import {
  DockgraphError,
  EngineError,
  HostAuthFailedError,
  HostUnreachableError,
  messageOf,
} from '../../common/errors.ts';
import { formatEndpoint } from '../endpoint.ts';
import type { EngineEndpoint } from '../endpoint.ts';
import { clientCertificateProblem } from './tls.ts';

/** What a connection was meant for. */
export interface ConnectionTarget {
  /** The host's configured name. */
  host: string;
  endpoint: EngineEndpoint;
}

/**
 * The error for users of anything that went wrong between us and the engine's first byte, or while
 * bytes were under way: who, where, what happened, and what to do where we can know it.
 */
export async function connectionError(
  error: unknown,
  { host, endpoint }: ConnectionTarget,
): Promise<DockgraphError> {
  if (error instanceof DockgraphError) return error;
  const context = { host, cause: error };
  const where = `${host} (${formatEndpoint(endpoint)})`;
  const code = codeOf(error);
  const unreachable = (why: string) =>
    new HostUnreachableError(`cannot reach ${where}: ${why}`, context);
  const refused = (why: string) => new HostAuthFailedError(`${where}: ${why}`, context);

  if (endpoint.transport === 'UNIX') {
    if (code === 'ENOENT') return unreachable('there is no such socket; is the engine running?');
    if (code === 'ECONNREFUSED')
      return unreachable('nothing listens there; is the engine running?');
    if (code === 'EACCES' || code === 'EPERM') {
      return refused(
        'permission denied; add the user that runs dockgraph to the group that owns the socket ' +
          '(usually docker) and start dockgraph again',
      );
    }
  }
  if (endpoint.transport === 'TLS') {
    const serverProblem = SERVER_CERTIFICATE_PROBLEMS[code];
    if (serverProblem !== undefined) {
      const ca = endpoint.caFile ?? 'the authorities of this system';
      return refused(`the engine's certificate ${serverProblem(ca, messageOf(error))}`);
    }
    if (isTlsAlert(error)) {
      const ours = await clientCertificateProblem(endpoint);
      const why =
        ours ?? `${endpoint.certFile} was not signed by an authority that the engine trusts`;
      return refused(`the engine refused our client certificate: ${why} (${alertOf(error)})`);
    }
    if (NOT_TLS.has(code)) {
      return unreachable(
        'what listens there does not speak TLS; is it the plain port, or a proxy?',
      );
    }
  }
  if (endpoint.transport === 'TLS' && /^(ECONNRESET|EPIPE)$/.test(code)) {
    // Some servers refuse a certificate without an alert.
    const ours = await clientCertificateProblem(endpoint);
    const hint = ours === null ? '' : `, perhaps because of the client certificate: ${ours}`;
    return unreachable(`${networkProblem(error)}${hint}`);
  }
  if (code.startsWith('HPE_')) {
    return new EngineError(
      `${where} does not answer in HTTP (${messageOf(error)}); is it a Docker engine, and if it ` +
        'wants TLS, are the certificates configured?',
      context,
    );
  }
  return unreachable(networkProblem(error));
}

/** What went wrong below TLS and SSH, in words. */
export function networkProblem(error: unknown): string {
  if (isAbort(error)) return 'no connection came about in time';
  const code = codeOf(error);
  return NETWORK_PROBLEMS[code] ?? (messageOf(error) || code || 'the connection failed');
}

const NETWORK_PROBLEMS: Record<string, string> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ENOTFOUND: 'the name does not resolve; check the spelling and the DNS',
  EAI_AGAIN: 'the name cannot be resolved just now; the DNS does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  EHOSTDOWN: 'the machine is down',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection broke off',
  ECONNABORTED: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke off',
  EMFILE: 'this process has too many open files; raise its limit (ulimit -n)',
};

const untrusted = (ca: string) =>
  `is not signed by ${ca}; set tls.ca of the host to the authority that signed it`;

const SERVER_CERTIFICATE_PROBLEMS: Record<string, (ca: string, message: string) => string> = {
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_HAS_EXPIRED: () => 'has expired; renew it on the host',
  CERT_NOT_YET_VALID: () => 'is not valid yet; check the clocks of both machines',
  CERT_REVOKED: () => 'was revoked',
  INVALID_PURPOSE: () => 'is not made for servers (extended key usage serverAuth)',
  ERR_TLS_CERT_ALTNAME_INVALID: (_ca, message) =>
    `is for another name: ${message}; use a name that it holds, or have it signed for this one`,
};

/** TLS records that are none: a plain HTTP server's answer read as a record. */
const NOT_TLS = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_HTTP_REQUEST',
]);

/** With TLS 1.3 a server judges our certificate after our handshake is done: an alert comes later. */
function isTlsAlert(error: unknown): boolean {
  return /_ALERT_/.test(codeOf(error)) || /\balert\b/i.test(messageOf(error));
}

function alertOf(error: unknown): string {
  const alert = /alert ([a-z ]+)/i.exec(messageOf(error))?.[1];
  return alert === undefined ? codeOf(error) : `TLS alert "${alert.trim()}"`;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** The `code` of a system, TLS or parser error; an empty string where there is none. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
