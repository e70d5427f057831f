import { request as httpRequest } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import type { ServerOptions } from '../../src/http/server-options.ts';
import type { FolderStoreOptions } from '../../src/uploads/folder-store.ts';
import { StoreUnderTest } from '../uploads/store-under-test.ts';
import { ask } from './archive-server.ts';
import { start } from './start-server.ts';

/** A server with a store of uploads and nothing else. */
export async function startUploads(
  t: TestContext,
  overrides: Partial<ServerOptions> = {},
  options: Partial<FolderStoreOptions> = {},
) {
  const under = await StoreUnderTest.open(t, options);
  const running = await start(t, { uploads: under.store, ...overrides });
  const open = (method: string, path: string, headers: OutgoingHttpHeaders = {}) => {
    const sent = httpRequest(`${running.url}${path}`, { method, agent: false, headers });
    return sent.on('error', () => {});
  };
  return {
    ...running,
    under,
    /** A request whose body is the test's to send. */
    open,
    send: (method: string, path: string, body?: Uint8Array, headers?: OutgoingHttpHeaders) =>
      ask(open(method, path, headers), body),
    post: (body: Uint8Array, headers?: OutgoingHttpHeaders) =>
      ask(open('POST', '/uploads', headers), body),
  };
}
