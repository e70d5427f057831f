import { DockgraphError, EngineError, ForbiddenError } from '../common/errors.ts';

/** What an answer of a registry means that is neither a success nor understood by who asked. */
export function refusal(registry: string, status: number, hasCredential: boolean): DockgraphError {
  if (status === 401 || status === 403) {
    const hint = hasCredential
      ? `${registry} refuses the gateway's credentials, or they do not reach this far: check them`
      : `give the gateway credentials for ${registry}: docker login as the account that runs it`;
    const message = `the registry ${registry} refuses access (HTTP ${status})`;
    return new ForbiddenError(message, { details: { registry, hint } });
  }
  const elsewhere = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return new EngineError(`the registry ${registry} answered HTTP ${status}${elsewhere}`, {
    retryable: status >= 500 || status === 429,
    details: { registry },
  });
}

/** What broke a connection, for people. */
export function unreachable(registry: string, error: unknown, certificates: string): Error {
  if (error instanceof DockgraphError) return error;
  const code = causeCodeOf(error);
  if (CERTIFICATE.test(code)) {
    return failed(registry, `has a certificate that is not trusted (${reasonOf(error)})`, error, {
      hint: `put the certificate of its authority into ${certificates}/${registry}/ca.crt`,
    });
  }
  if (PLAIN.test(code)) {
    return failed(registry, `does not speak TLS (${code})`, error, {
      hint: `if that is meant, list it as http://${registry} in DOCKGRAPH_REGISTRIES`,
    });
  }
  return failed(registry, `cannot be reached: ${reasonOf(error)}`, error, {
    retryable: true,
    hint: `check that ${registry} is up and that its name is right`,
  });
}

/** Whether the other end answered, but not in TLS. */
export function isPlainSpoken(error: unknown): boolean {
  return PLAIN.test(causeCodeOf(error)) || causeCodeOf(error) === 'ECONNRESET';
}

const PLAIN = /^(?:EPROTO$|ERR_SSL_)/;
const CERTIFICATE =
  /CERT|^UNABLE_TO_(?:VERIFY|GET_ISSUER)|^DEPTH_ZERO|^ERR_TLS_CERT_ALTNAME_INVALID$/;

function failed(
  registry: string,
  what: string,
  cause: unknown,
  { retryable = false, hint }: { retryable?: boolean; hint: string },
): EngineError {
  const message = `the registry ${registry} ${what}`;
  return new EngineError(message, { retryable, cause, details: { registry, hint } });
}

/** The first of several tries says enough. */
function innermost(error: unknown): { code?: unknown; message?: unknown } {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return inner ?? {};
}

function causeCodeOf(error: unknown): string {
  const { code } = innermost(error);
  return typeof code === 'string' ? code : '';
}

function reasonOf(error: unknown): string {
  const { code, message } = innermost(error);
  const first = [message, code].find((text) => typeof text === 'string' && text !== '');
  return (first as string | undefined) ?? 'no reason is known';
}
