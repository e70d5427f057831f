import { hash as hashOnce, timingSafeEqual } from 'node:crypto';
import { UnauthenticatedError } from '../common/errors.ts';
import type { TokenRecord } from '../config/tokens-file.ts';
import type { Viewer } from '../graphql/api.ts';

/** Whoever holds a connection open, and whether they still may. */
export interface Session {
  readonly viewer: Viewer;
  /** False once the token that opened it was taken away. */
  isValid(): boolean;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,1024}) *$/i;
const ANONYMOUS: Viewer = Object.freeze({ name: 'anonymous', authenticated: false });
const HOW = 'Send the header "Authorization: Bearer <token>"';

interface StoredToken {
  viewer: Viewer;
  /** Hex of the SHA-256, as bytes. */
  digest: Buffer;
}

/** Knows the bearer tokens. Without any, everybody is let in as `anonymous`. */
export class Authenticator {
  #tokens: StoredToken[] | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #anonymous: Session = { viewer: ANONYMOUS, isValid: () => !this.required };

  /** @param tokens undefined: no authentication. An empty list lets nobody in. */
  constructor(tokens: readonly TokenRecord[] | undefined) {
    this.#tokens = tokens?.map(store);
  }

  /** Whether a token is asked for. */
  get required(): boolean {
    return this.#tokens !== undefined;
  }

  /** Puts other tokens in force. Connections opened with a token that is gone are to be closed. */
  replaceTokens(tokens: readonly TokenRecord[]): void {
    this.#tokens = tokens.map(store);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each replacement of the tokens. */
  onReplaced(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Lets in whom the token in an `Authorization` header's value belongs to, else UNAUTHENTICATED. */
  open(authorization: unknown): Session {
    if (!this.#tokens) return this.#anonymous;
    if (authorization === undefined) {
      throw new UnauthenticatedError(`This server asks for a token. ${HOW}`);
    }
    const token = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
    if (token === undefined) {
      throw new UnauthenticatedError(`The authorization is not a bearer token. ${HOW}`);
    }
    // As hex: a buffer of its own for each request costs three times as much.
    const found = this.#find(Buffer.from(hashOnce('sha256', token, 'hex'), 'latin1'));
    if (!found) throw new UnauthenticatedError('The token is not valid');
    return {
      viewer: found.viewer,
      isValid: () => this.#find(found.digest) !== undefined,
    };
  }

  // Looks at every token, so that time tells nothing about which one was close.
  #find(digest: Buffer): StoredToken | undefined {
    let found: StoredToken | undefined;
    for (const token of this.#tokens ?? []) {
      if (timingSafeEqual(token.digest, digest)) found = token;
    }
    return found;
  }
}

function store({ name, hash }: TokenRecord): StoredToken {
  const hex = /^sha256:([0-9a-f]{64})$/i.exec(hash)?.[1];
  if (!hex) throw new Error(`The hash of token ${name} is not a SHA-256 in hex`);
  return {
    viewer: { name, authenticated: true },
    digest: Buffer.from(hex.toLowerCase(), 'latin1'),
  };
}
