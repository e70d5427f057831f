import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AllowedRegistries } from '../../src/registry/allowed-registries.ts';
import { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryConnection } from '../../src/registry/registry-connection.ts';
import type { RegistryCredential } from '../../src/registry/credentials.ts';

/** How a test's client is made. */
export interface FakeClientOptions {
  credential?: RegistryCredential;
  /** Registries that may be asked beside this one, as the setting has them. */
  allowed?: string[];
  deadlineMs?: number;
}

/** A server that answers as a test wants a registry to. */
export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** What it was asked, with what authorization. */
  readonly asked: { url: string; authorization: string | undefined; body: string }[];
  client(options?: FakeClientOptions): RegistryClient;
}

/** Answers one request. */
export type RegistryHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => void;

/** Starts one on loopback, without TLS. */
export async function startFakeRegistry(handler: RegistryHandler): Promise<FakeRegistry> {
  const asked: FakeRegistry['asked'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { authorization } = request.headers;
      asked.push({ url: request.url ?? '', authorization, body });
      handler(request, response, new URL(`http://x${request.url}`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    asked,
    client: ({ credential, allowed = [], deadlineMs } = {}) => {
      const entries = [address, ...allowed].map((host) => ({ host, plainHttp: false }));
      const connection = new RegistryConnection({
        registry: address,
        allowed: new AllowedRegistries(entries),
        credential: () => Promise.resolve(credential),
        authorities: [],
        certificates: '/certs',
        deadlineMs,
      });
      return new RegistryClient(connection);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
