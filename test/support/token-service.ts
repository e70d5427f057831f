import { randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../config/self-signed.ts';
import type { Credentials } from '../lab/index.ts';

/** Gives tokens for a registry, as its own program on another port. */
export interface TokenServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** What a registry has to know of it. */
  readonly service: { realm: string; service: string; issuer: string; certificate: string };
  /** The scopes that were asked for by those who may have them. */
  readonly granted: string[];
}

/** Starts one that gives these whatever they ask for, and others nothing. */
export async function startTokenServer({ username, password }: Credentials): Promise<TokenServer> {
  const issuer = 'lab-tokens';
  const service = 'lab-registry';
  const { cert, privateKey } = selfSigned(issuer);
  const granted: string[] = [];
  const known = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    if (request.headers.authorization !== known) {
      response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"errors":[]}');
      return;
    }
    const scopes = new URL(request.url ?? '', 'http://x').searchParams.getAll('scope');
    granted.push(...scopes);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: username,
      aud: service,
      nbf: now - 10,
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      access: scopes.map((scope) => {
        const [, type, name, actions = ''] = /^(\w+):(.+):([^:]*)$/.exec(scope) ?? [];
        return { type, name, actions: actions.split(',') };
      }),
    };
    const x5c = [new X509Certificate(cert).raw.toString('base64')];
    const parts = [{ typ: 'JWT', alg: 'ES256', x5c }, claims];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    const signature = sign('sha256', Buffer.from(text.join('.')), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    const token = `${text.join('.')}.${signature.toString('base64url')}`;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ token, expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    granted,
    service: { realm: `http://${address}/token`, service, issuer, certificate: cert },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
