import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import type { TlsFiles } from './engine.ts';

/** Every certificate of the lab: bravo's own ones, the registry's, and those that must be refused. */
interface LabCertificates {
  readonly server: TlsFiles;
  /** Of the registry that speaks TLS. */
  readonly registry: TlsFiles;
  readonly client: TlsFiles;
  /** A client certificate by another CA, together with the right CA for the server. */
  readonly foreignClient: TlsFiles;
  /** A client certificate by the right CA that ended in 2020. */
  readonly expiredClient: TlsFiles;
  /** The right client certificate, but a CA that did not sign the server's. */
  readonly wrongCa: TlsFiles;
}

/** Only what `openssl ca` and `openssl req` insist on; -subj and -extensions say the rest. */
const CONFIG = `
[req]
distinguished_name = name
prompt = no
[name]
[ca]
default_ca = lab
[lab]
database = $ENV::CA_DIR/index.txt
new_certs_dir = $ENV::CA_DIR
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, IP:0.0.0.0, DNS:localhost
[client]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
`;

interface Validity {
  readonly from: string;
  readonly until: string;
}

/** Fixed dates, so that no certificate of a long-lived lab ends by surprise. */
const VALID: Validity = { from: '20240101000000Z', until: '20540101000000Z' };
const EXPIRED: Validity = { from: '20200101000000Z', until: '20200102000000Z' };

/** Makes them all in `directory`. */
export async function makeCertificates(directory: string): Promise<LabCertificates> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'openssl.cnf'), CONFIG);
  const [ca, foreignCa] = await Promise.all([
    makeCa(directory, 'ca'),
    makeCa(directory, 'foreign-ca'),
  ]);
  const [server, registry, client, foreign, expired] = await Promise.all([
    issue(directory, 'ca', 'server', 'server', VALID),
    issue(directory, 'ca', 'registry', 'server', VALID),
    issue(directory, 'ca', 'client', 'client', VALID),
    issue(directory, 'foreign-ca', 'foreign-client', 'client', VALID),
    issue(directory, 'ca', 'expired-client', 'client', EXPIRED),
  ]);
  return {
    server: { ca, ...server },
    registry: { ca, ...registry },
    client: { ca, ...client },
    foreignClient: { ca, ...foreign },
    expiredClient: { ca, ...expired },
    wrongCa: { ca: foreignCa, ...client },
  };
}

function openssl(directory: string, ca: string, args: readonly string[]): Promise<string> {
  return runCommand('openssl', [...args], {
    env: { ...process.env, CA_DIR: join(directory, ca) },
  });
}

async function makeCa(directory: string, name: string): Promise<string> {
  const folder = join(directory, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.txt'), '');
  const key = join(folder, 'key.pem');
  const request = join(folder, 'request.pem');
  const cert = join(folder, 'ca.pem');
  const config = join(directory, 'openssl.cnf');
  const subject = `/CN=dockgraph lab ${name}`;
  await newKey(directory, name, key);
  const req = ['req', '-new', '-config', config, '-key', key, '-subj', subject, '-out', request];
  await openssl(directory, name, req);
  await sign(directory, name, request, cert, 'authority', VALID, ['-selfsign', '-keyfile', key]);
  return cert;
}

async function issue(
  directory: string,
  ca: string,
  name: string,
  role: 'server' | 'client',
  validity: Validity,
): Promise<{ cert: string; key: string }> {
  const folder = join(directory, name);
  await mkdir(folder, { recursive: true });
  const key = join(folder, 'key.pem');
  const request = join(folder, 'request.pem');
  const cert = join(folder, 'cert.pem');
  const config = join(directory, 'openssl.cnf');
  const subject = `/CN=dockgraph lab ${name}`;
  await newKey(directory, ca, key);
  const req = ['req', '-new', '-config', config, '-key', key, '-subj', subject, '-out', request];
  await openssl(directory, ca, req);
  const issuer = join(directory, ca);
  const by = ['-keyfile', join(issuer, 'key.pem'), '-cert', join(issuer, 'ca.pem')];
  // `openssl ca` keeps a database without a lock, so each call gets its own.
  await writeFile(join(folder, 'index.txt'), '');
  await sign(directory, name, request, cert, role, validity, by);
  return { cert, key };
}

async function newKey(directory: string, ca: string, key: string): Promise<void> {
  const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  await openssl(directory, ca, ['genpkey', ...curve, '-out', key]);
}

async function sign(
  directory: string,
  database: string,
  request: string,
  cert: string,
  extensions: string,
  { from, until }: Validity,
  by: readonly string[],
): Promise<void> {
  await openssl(directory, database, [
    'ca',
    '-batch',
    '-notext',
    '-config',
    join(directory, 'openssl.cnf'),
    '-extensions',
    extensions,
    '-startdate',
    from,
    '-enddate',
    until,
    '-in',
    request,
    '-out',
    cert,
    ...by,
  ]);
}
