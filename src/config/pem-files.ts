import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { messageOf } from '../common/errors.ts';
import { ConfigError } from './config-error.ts';
import { readBytes } from './text-file.ts';

/** System-wide bundles of authorities are a few hundred KiB. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Checks the files that endpoints name, each once however many hosts share it. What is checked is
 * what no later moment mends: that they can be read and are what they should be. An expired
 * certificate is no mistake of the configuration; the host says so when it is dialled.
 */
export class PemFiles {
  private readonly certificates = new Map<string, Promise<X509Certificate[]>>();
  private readonly keys = new Map<string, Promise<KeyObject>>();
  private readonly sshKeys = new Map<string, Promise<void>>();
  private readonly texts = new Map<string, Promise<void>>();

  /** A PEM file of certificates. @throws ConfigError whose message starts with the file */
  async certificate(file: string): Promise<void> {
    await once(this.certificates, file, readCertificates);
  }

  /** A PEM file of an unencrypted private key. */
  async key(file: string): Promise<void> {
    await once(this.keys, file, readKey);
  }

  /** Whether the first certificate of one file belongs to the key of the other. */
  async pair(certFile: string, keyFile: string): Promise<void> {
    const [certificates, key] = await Promise.all([
      once(this.certificates, certFile, readCertificates),
      once(this.keys, keyFile, readKey),
    ]);
    if (certificates[0]?.checkPrivateKey(key) === false) {
      throw ConfigError.of(`${keyFile} is not the key of the certificate in ${certFile}`);
    }
  }

  /** A private key for ssh. It may be encrypted: whether it opens is seen when it is used. */
  async sshKey(file: string): Promise<void> {
    await once(this.sshKeys, file, checkSshKey);
  }

  /** Any file that has to be there. */
  async readable(file: string): Promise<void> {
    await once(this.texts, file, async () => void (await read(file)));
  }
}

async function once<T>(
  cache: Map<string, Promise<T>>,
  file: string,
  make: (file: string) => Promise<T>,
): Promise<T> {
  let made = cache.get(file);
  if (made === undefined) {
    made = make(file);
    cache.set(file, made);
  }
  return made;
}

async function readCertificates(file: string): Promise<X509Certificate[]> {
  const text = await read(file);
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]*)-----[\s\S]*?-----END \1-----/g) ?? [];
  const certificates = blocks.filter((block) => /^-----BEGIN (X509 |TRUSTED )?CERTIF/.test(block));
  if (certificates.length === 0) {
    throw ConfigError.of(`${file} holds no PEM certificate; ${whatItIs(text)}`);
  }
  return certificates.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw ConfigError.of(`${file} holds a broken certificate (${messageOf(error)})`);
    }
  });
}

async function readKey(file: string): Promise<KeyObject> {
  const text = await read(file);
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) {
    throw ConfigError.of(`${file} holds no PEM private key; ${whatItIs(text)}`);
  }
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw ConfigError.of(`${file} is encrypted; expected a private key without a passphrase`);
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw ConfigError.of(`${file} holds a broken private key (${messageOf(error)})`);
  }
}

async function checkSshKey(file: string): Promise<void> {
  const text = await read(file);
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/.test(text)) return;
  throw ConfigError.of(`${file} holds no private key for ssh; ${whatItIs(text)}`);
}

function whatItIs(text: string): string {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (found !== undefined) return `it holds a ${found.toLowerCase()}`;
  if (/^(ssh|ecdsa|sk)-\S+ AAAA/.test(text)) return 'it is the public half, expected the private';
  return text.trim() === '' ? 'it is empty' : 'it is no PEM file';
}

async function read(file: string): Promise<string> {
  try {
    // Bytes, since a binary (DER) file in place of a PEM file is a mistake to name.
    return (await readBytes(file, MAX_BYTES)).toString('latin1');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw ConfigError.of(`${file}: ${error.problems[0]?.message ?? error.message}`);
  }
}
