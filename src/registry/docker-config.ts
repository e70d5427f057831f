import { readFile, stat } from 'node:fs/promises';
import { ForbiddenError } from '../common/errors.ts';

const MAX_BYTES = 1024 * 1024;

/** What docker's `config.json` says of registries. */
export interface DockerConfig {
  auths: Readonly<Record<string, StoredAuth>>;
  credHelpers: Readonly<Record<string, string>>;
  credsStore: string | undefined;
}

/** One entry of `auths`. */
export interface StoredAuth {
  /** `user:password` in base64. */
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
}

const NOTHING: DockerConfig = { auths: {}, credHelpers: {}, credsStore: undefined };

/** Docker's `config.json`, read anew when it has changed. One that is not there says nothing. */
export class DockerConfigFile {
  readonly #path: string;
  #read: { modifiedAt: number; config: DockerConfig } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<DockerConfig> {
    const found = await stat(this.#path).catch(() => undefined);
    if (!found?.isFile()) return NOTHING;
    if (found.size > MAX_BYTES) throw this.#unreadable('is larger than 1 MiB');
    if (this.#read?.modifiedAt !== found.mtimeMs) {
      this.#read = { modifiedAt: found.mtimeMs, config: await this.#parse() };
    }
    return this.#read.config;
  }

  async #parse(): Promise<DockerConfig> {
    let json: unknown;
    try {
      json = JSON.parse(await readFile(this.#path, 'utf8'));
    } catch {
      // Without its words: they may quote a secret.
      throw this.#unreadable('cannot be read as JSON');
    }
    if (!isObject(json)) throw this.#unreadable('holds no JSON object');
    const { auths, credHelpers, credsStore } = json;
    return {
      auths: objectsIn(auths),
      credHelpers: textsIn(credHelpers),
      credsStore: typeof credsStore === 'string' && credsStore !== '' ? credsStore : undefined,
    };
  }

  #unreadable(why: string): ForbiddenError {
    return new ForbiddenError(`${this.#path} ${why}`, {
      details: { hint: 'Mend the file, or give the credentials with the request.' },
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts by key; whatever is none is left out. */
function textsIn(value: unknown): Record<string, string> {
  const texts: Record<string, string> = Object.create(null) as Record<string, string>;
  if (!isObject(value)) return texts;
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === 'string' && text !== '') texts[key] = text;
  }
  return texts;
}

/** Entries with nothing but texts in them, by registry. */
function objectsIn(value: unknown): Record<string, StoredAuth> {
  const entries: Record<string, StoredAuth> = Object.create(null) as Record<string, StoredAuth>;
  if (!isObject(value)) return entries;
  for (const [registry, entry] of Object.entries(value)) entries[registry] = textsIn(entry);
  return entries;
}
