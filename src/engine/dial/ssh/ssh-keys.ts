import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import { messageOf } from '../../../common/errors.ts';
import type { SshHop } from '../../endpoint.ts';

/** Ways to log in at one machine, in order, and notes on those that cannot be tried. */
export interface SshCredentials {
  methods: { method: AnyAuthMethod; name: string }[];
  /** Such as `/home/me/.ssh/id_rsa: wants a passphrase and none is configured`. */
  problems: string[];
}

/** Reads a machine's keys, now: they may have been changed. Never throws; problems are told. */
export async function readCredentials(hop: SshHop): Promise<SshCredentials> {
  const { user: username, identityFiles, agentSocket } = hop;
  const credentials: SshCredentials = { methods: [], problems: [] };
  const passphrase = lazy(() => readPassphrase(hop));
  for (const file of identityFiles) {
    try {
      const key = await readPrivateKey(file, passphrase);
      // ssh2 takes a parsed key here; its types know only the text.
      const method = { type: 'publickey', username, key: key as unknown as string } as const;
      credentials.methods.push({ method, name: `${file} (${key.type})` });
    } catch (error) {
      credentials.problems.push(`${file}: ${messageOf(error)}`);
    }
  }
  if (agentSocket !== undefined) {
    const method = { type: 'agent', username, agent: agentSocket } as const;
    credentials.methods.push({ method, name: `the agent at ${agentSocket}` });
  }
  if (identityFiles.length === 0 && agentSocket === undefined) {
    credentials.problems.push('neither an identity file nor an agent is configured');
  }
  return credentials;
}

async function readPrivateKey(
  file: string,
  readPhrase: () => Promise<string | null>,
): Promise<ParsedKey> {
  const text = await readKeyFile(file);
  const plain = parse(text);
  if (!(plain instanceof Error)) return onlyPrivate(plain);
  if (!/encrypted|passphrase/i.test(plain.message)) throw new Error(explain(text, plain));
  const passphrase = await readPhrase();
  if (passphrase === null) {
    throw new Error('wants a passphrase: set ssh.passphraseFile, or use an agent');
  }
  const decrypted = parse(text, passphrase);
  if (decrypted instanceof Error) {
    throw new Error(`the passphrase in the passphrase file is wrong (${decrypted.message})`);
  }
  return onlyPrivate(decrypted);
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error('there is no such file', { cause: error });
    if (code === 'EACCES') throw new Error('permission denied', { cause: error });
    throw error;
  }
}

async function readPassphrase({ passphraseFile }: SshHop): Promise<string | null> {
  if (passphraseFile === undefined) return null;
  try {
    return (await readFile(passphraseFile, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`its passphrase file cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  // A file may hold several keys in ssh2's eyes, in truth it holds one.
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (!Array.isArray(parsed)) return parsed;
  return parsed[0] ?? new Error('there is no key in it');
}

function onlyPrivate(key: ParsedKey): ParsedKey {
  if (!key.isPrivateKey()) throw new Error('is a public key: name the private one, without .pub');
  return key;
}

function explain(text: string, error: Error): string {
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text)) {
    return 'is in PKCS#8 form, which is not read; convert it with: ssh-keygen -p -f FILE';
  }
  if (/sk-(ssh|ecdsa)/.test(text) || /sk-/.test(error.message)) {
    return 'belongs to a hardware key, which is not supported; use an agent';
  }
  return `is not a private key that can be read (${error.message})`;
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
