import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { digestOf } from '../common/digest.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';
import { readTextFile } from './text-file.ts';

/** One bearer token as it is kept: its hash, never itself. */
export interface TokenRecord {
  /** Who uses it; recorded as the asker of what it does. */
  name: string;
  /** `sha256:` and 64 hex digits, as `hashToken` gives it. */
  hash: string;
}

/** What a tokens file says. */
export interface TokensFile {
  tokens: TokenRecord[];
  /** What is legal and yet unsafe or hardly meant, for people. */
  warnings: string[];
}

const MAX_BYTES = 1024 * 1024;
const PREFIX = 'dg_';
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.@-]*$/;
const MAX_NAME_LENGTH = 63;
const NAME_RULE = `letters, digits, "_", ".", "@" and "-", first a letter or digit, at most ${MAX_NAME_LENGTH}`;

/**
 * A new token: 32 random bytes, so that a fast hash is enough to keep it. The prefix lets people
 * and secret scanners tell what it is.
 */
export function newToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** The form in which a token is kept. */
export function hashToken(token: string): string {
  return digestOf(token);
}

/** What is wrong with a token's name; undefined when nothing is. */
export function tokenNameProblem(name: string): string | undefined {
  const fits = NAME.test(name) && name.length <= MAX_NAME_LENGTH;
  return fits ? undefined : `bad token name ${JSON.stringify(name)}; expected ${NAME_RULE}`;
}

/** The line of a tokens file that lets a token in. */
export function formatTokenLine({ name, hash }: TokenRecord): string {
  return `${name}: ${hash}`;
}

/**
 * Reads a tokens file: one `NAME: sha256:HEX` a line, with `#` comments.
 * @throws ConfigError with every mistake in it
 */
export async function readTokensFile(file: string): Promise<TokensFile> {
  const tokens = parseTokens(await readTextFile(file, MAX_BYTES), file);
  const warnings: string[] = [];
  if (tokens.length === 0) warnings.push(`${file} holds no token: nobody is let in`);
  // Hashes may be seen; whoever can write the file lets himself in.
  if ((await stat(file)).mode & 0o002) {
    warnings.push(`${file} can be written by everybody; chmod o-w it`);
  }
  return { tokens, warnings };
}

/** The same for a text. No message repeats a value: people do paste the token itself. */
export function parseTokens(text: string, file: string): TokenRecord[] {
  const problems: ConfigProblem[] = [];
  const tokens: TokenRecord[] = [];
  const lineByName = new Map<string, number>();
  const lineByHash = new Map<string, number>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const content = raw.replace(/(^|\s)#.*$/, '').trim();
    if (content === '') continue;
    const report = (message: string) => {
      problems.push({ file, line, column: raw.search(/\S/) + 1, message });
    };
    const [, name, value] = /^([^\s:]+)\s*:\s*(\S+)$/.exec(content) ?? [];
    if (name === undefined || value === undefined) {
      report('expected NAME: sha256:HEX');
      continue;
    }
    const nameProblem = tokenNameProblem(name);
    if (nameProblem !== undefined) report(nameProblem);
    const hash = value.toLowerCase();
    if (!/^sha256:[0-9a-f]{64}$/.test(hash)) {
      report(
        value.startsWith(PREFIX)
          ? `"${name}" has the token itself; expected its hash, as dockgraph token NAME prints it`
          : `"${name}" has no hash; expected sha256: and 64 hex digits`,
      );
      continue;
    }
    const sameName = lineByName.get(name);
    const sameHash = lineByHash.get(hash);
    if (sameName !== undefined) {
      report(`duplicate name "${name}", first used on line ${sameName}`);
    } else if (sameHash !== undefined) {
      report(`"${name}" has the same token as line ${sameHash}; each name needs its own`);
    }
    lineByName.set(name, sameName ?? line);
    lineByHash.set(hash, sameHash ?? line);
    tokens.push({ name, hash });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return tokens;
}
