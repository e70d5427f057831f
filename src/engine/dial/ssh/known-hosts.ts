import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * OpenSSH's known_hosts: which keys a host is known by. A line is
 *
 *     [@revoked|@cert-authority] patterns key-type base64-key [comment]
 *
 * where patterns are names with `*` and `?`, `!` before one excludes what it fits, a port other than
 * 22 reads `[name]:port`, and a hashed name `|1|salt|hash` stands alone.
 */
export interface KnownHostLine {
  file: string;
  /** From 1 on, as editors count. */
  line: number;
  marker: 'NONE' | 'REVOKED';
  matches: (name: string) => boolean;
  /** Such as `ssh-ed25519`. */
  keyType: string;
  /** The key as it goes over the wire. */
  key: Buffer;
}

/** What known_hosts says of a key that a host showed. */
export type HostKeyVerdict =
  | { kind: 'KNOWN' }
  /** No line is about this host and this type of key; `otherTypes` are known of it. */
  | { kind: 'UNKNOWN'; otherTypes: string[] }
  /** This line has another key of this type. */
  | { kind: 'CHANGED'; file: string; line: number }
  | { kind: 'REVOKED'; file: string; line: number };

/** Reads known_hosts files; those that do not exist are empty. */
export async function readKnownHosts(files: string[]): Promise<KnownHostLine[]> {
  const lines = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts(await readFile(file, 'utf8'), file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    }),
  );
  return lines.flat();
}

/** Parses one file's text. Lines that OpenSSH would pass over are passed over. */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  return text.split(/\r?\n/).flatMap((content, at) => {
    const fields = content.trim().split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    // Keys signed by an authority are not offered to us: ssh2 knows no certificates.
    if (marker !== undefined && marker !== '@revoked') return [];
    const [patterns, keyType, base64] = fields;
    if (!patterns || patterns.startsWith('#') || !keyType || !base64) return [];
    const key = Buffer.from(base64, 'base64');
    if (keyTypeOf(key) !== keyType) return [];
    return {
      file,
      line: at + 1,
      marker: marker === undefined ? 'NONE' : 'REVOKED',
      matches: matcherOf(patterns),
      keyType,
      key,
    };
  });
}

/** The name that known_hosts knows a host and port by. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * Judges the key that a host showed. `names` are looked up in order: where none of the lines is
 * about the first at all, the next is tried (OpenSSH: a host known without its port).
 */
export function judgeHostKey(lines: KnownHostLine[], names: string[], key: Buffer): HostKeyVerdict {
  const revoked = lines.find(
    (line) =>
      line.marker === 'REVOKED' && line.key.equals(key) && names.some((name) => line.matches(name)),
  );
  if (revoked) return { kind: 'REVOKED', file: revoked.file, line: revoked.line };

  const keyType = keyTypeOf(key);
  const otherTypes = new Set<string>();
  for (const [at, name] of names.entries()) {
    const about = lines.filter((line) => line.marker === 'NONE' && line.matches(name));
    if (about.some((line) => line.key.equals(key))) return { kind: 'KNOWN' };
    const other = about.find((line) => line.keyType === keyType);
    // A different key is a change only under the host's own name; without the port it may be
    // another server of that machine.
    if (other && at === 0) return { kind: 'CHANGED', file: other.file, line: other.line };
    if (at === 0) for (const line of about) otherTypes.add(line.keyType);
    if (about.length > 0 && at === 0) break;
  }
  return { kind: 'UNKNOWN', otherTypes: [...otherTypes] };
}

/** The types of keys that a host is known by. */
export function knownKeyTypes(lines: KnownHostLine[], names: string[]): string[] {
  for (const name of names) {
    const about = lines.filter((line) => line.marker === 'NONE' && line.matches(name));
    if (about.length > 0) return [...new Set(about.map(({ keyType }) => keyType))];
  }
  return [];
}

/** The type that a key in wire format names first: a length and a text. */
export function keyTypeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.toString('latin1', 4, 4 + length);
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function matcherOf(patterns: string): (name: string) => boolean {
  if (patterns.startsWith('|')) return hashMatcher(patterns);
  const parsed = patterns.split(',').map((pattern) => {
    const negated = pattern.startsWith('!');
    return { negated, expression: globExpression(negated ? pattern.slice(1) : pattern) };
  });
  return (name) => {
    const fitting = parsed.filter(({ expression }) => expression.test(name));
    return fitting.length > 0 && !fitting.some(({ negated }) => negated);
  };
}

function hashMatcher(hashed: string): (name: string) => boolean {
  const [, magic, salt, hash] = hashed.split('|');
  if (magic !== '1' || !salt || !hash) return () => false;
  const key = Buffer.from(salt, 'base64');
  return (name) => createHmac('sha1', key).update(name).digest('base64') === hash;
}

function globExpression(pattern: string): RegExp {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
