import { EngineError } from '../common/errors.ts';
import type { AllowedRegistries } from './allowed-registries.ts';
import type { BoundedAnswer } from './bounded-request.ts';
import type { Challenge } from './challenge.ts';
import type { RegistryCredential } from './credentials.ts';

/** What a request for a token is made of. */
export interface TokenRequest {
  url: URL;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
}

/** Who asks for a token, and how. */
export interface LoginOptions {
  registry: string;
  /** The address that gave the challenge. */
  asked: URL;
  allowed: AllowedRegistries;
  credential: RegistryCredential | undefined;
  /** Sends a request for a token. */
  send: (request: TokenRequest) => Promise<BoundedAnswer>;
}

/**
 * The `Authorization` that a registry's challenge wants; null where there is nothing to offer. A
 * refused token service answers as a registry does that refuses: its answer is given instead.
 */
export async function authorize(
  challenge: Challenge,
  options: LoginOptions,
): Promise<string | BoundedAnswer | null> {
  const { registry, asked, allowed, credential, send } = options;
  if (challenge.scheme === 'BASIC') return basic(credential);
  const realm = new URL(challenge.realm);
  allowed.assertTokenService(registry, asked, realm);
  const answer = await send(tokenRequest(realm, challenge, credential));
  if (answer.status !== 200) return answer;
  const token = tokenIn(answer.body);
  // Whatever else it is, it would not go into a header.
  if (token !== null && /^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new EngineError(`the token service of ${registry} at ${realm.host} gave no token`, {
    retryable: false,
    details: { registry },
  });
}

function tokenRequest(
  realm: URL,
  { service, scope }: Extract<Challenge, { scheme: 'BEARER' }>,
  credential: RegistryCredential | undefined,
): TokenRequest {
  const parameters = new URLSearchParams({
    ...(service !== null && { service }),
    ...(scope !== null && { scope }),
  });
  if (credential && 'identitytoken' in credential) {
    parameters.set('grant_type', 'refresh_token');
    parameters.set('refresh_token', credential.identitytoken);
    parameters.set('client_id', 'dockgraph');
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return { url: realm, method: 'POST', headers, body: parameters.toString() };
  }
  const url = new URL(realm);
  for (const [name, value] of parameters) url.searchParams.set(name, value);
  const authorization = basic(credential);
  const headers: Record<string, string> =
    authorization === null ? {} : { Authorization: authorization };
  return { url, method: 'GET', headers };
}

function basic(credential: RegistryCredential | undefined): string | null {
  if (!credential || !('password' in credential)) return null;
  const text = `${credential.username}:${credential.password}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function tokenIn(body: string): string | null {
  try {
    const { token, access_token } = JSON.parse(body) as { token?: unknown; access_token?: unknown };
    const found = [token, access_token].find((text) => typeof text === 'string' && text !== '');
    return (found as string | undefined) ?? null;
  } catch {
    return null;
  }
}
