import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { HostAuthFailedError, messageOf } from '../../common/errors.ts';
import type { TlsEndpoint } from '../endpoint.ts';
import { DialAgent } from './dial-agent.ts';
import type { Dialer, DialOptions } from './dialer.ts';
import { openSocket, settled } from './net-socket.ts';
import { dialerAt } from './tcp.ts';

/** Reaches an engine over TLS. Certificates are read at every connection, because they rotate. */
export function dialTls(endpoint: TlsEndpoint, options: DialOptions): Dialer {
  const { host, port } = endpoint;
  const agent = new DialAgent(`tls ${host}:${port}`, options, async (signal) =>
    openTls(endpoint, options.host, signal),
  );
  return dialerAt(endpoint, agent, options);
}

async function openTls(
  endpoint: TlsEndpoint,
  hostName: string,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const material = await readMaterial(endpoint, hostName);
  const { host, port } = endpoint;
  const socket = await openSocket({ host, port }, signal);
  let secure: TLSSocket;
  try {
    secure = connect({
      ...material,
      socket,
      // SNI knows no addresses; the certificate is still checked against `host`.
      ...(isIP(host) === 0 && { servername: host }),
      host,
      rejectUnauthorized: endpoint.skipVerify !== true,
    });
  } catch (error) {
    socket.destroy();
    throw new HostAuthFailedError(
      `the TLS files of ${hostName} cannot be used: ${messageOf(error)}; ${filesOf(endpoint)}`,
      { host: hostName, cause: error },
    );
  }
  await settled(secure, 'secureConnect', signal);
  return secure;
}

async function readMaterial(endpoint: TlsEndpoint, host: string): Promise<ConnectionOptions> {
  const read = async (what: string, file: string | undefined) => {
    if (file === undefined) return undefined;
    try {
      return await readFile(file);
    } catch (error) {
      throw new HostAuthFailedError(`cannot read the ${what} of ${host}: ${messageOf(error)}`, {
        host,
        cause: error,
      });
    }
  };
  const [ca, cert, key] = await Promise.all([
    read('CA certificate', endpoint.caFile),
    read('client certificate', endpoint.certFile),
    read('client key', endpoint.keyFile),
  ]);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function filesOf({ caFile, certFile, keyFile }: TlsEndpoint): string {
  return `ca ${caFile ?? 'of the system'}, cert ${certFile ?? 'none'}, key ${keyFile ?? 'none'}`;
}

/**
 * What is wrong with our own client certificate, as far as we can see it: a server that refuses it
 * says little.
 */
export async function clientCertificateProblem(endpoint: TlsEndpoint): Promise<string | null> {
  const { certFile } = endpoint;
  if (certFile === undefined) {
    return 'none is configured: set tls.cert and tls.key of the host';
  }
  try {
    const certificate = new X509Certificate(await readFile(certFile));
    const expired = certificate.validToDate.getTime() < Date.now();
    const early = certificate.validFromDate.getTime() > Date.now();
    if (expired) return `${certFile} expired on ${day(certificate.validToDate)}: renew it`;
    if (early) return `${certFile} is valid only from ${day(certificate.validFromDate)} on`;
    return null;
  } catch {
    return `${certFile} cannot be read as a certificate`;
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
