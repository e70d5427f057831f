import { randomUUID } from 'node:crypto';
import type { VerbCalls } from '../verb-calls.ts';
import { refusalOf } from '../verb-errors.ts';
import { serveGrpc } from './grpc-server.ts';
import { sessionMethods } from './session-methods.ts';
import type { SessionOffer } from './session-methods.ts';

/**
 * Runs a build beside a session: a connection on which the engine asks us for what the build needs.
 * `build` is given the session's ID. When it is over, the session is.
 * @throws EngineUnsupportedError where the engine, or a proxy before it, has no sessions
 */
export async function withSession<T>(
  calls: VerbCalls,
  { what, signal, ...offer }: SessionOffer & { what: string; signal: AbortSignal | undefined },
  build: (sessionId: string) => Promise<T>,
): Promise<T> {
  const id = randomUUID().replaceAll('-', '');
  const methods = sessionMethods(offer);
  return calls.upgraded(
    {
      name: 'openSession',
      what,
      method: 'POST',
      path: '/session',
      protocol: 'h2c',
      headers: {
        'X-Docker-Expose-Session-Uuid': id,
        'X-Docker-Expose-Session-Name': 'dockgraph',
        'X-Docker-Expose-Session-Grpc-Method': [
          ...Object.keys(methods.unary),
          ...Object.keys(methods.streams),
        ],
      },
      errorOf: refusalOf({ host: calls.host }),
      signal,
    },
    async (socket, ended) => {
      serveGrpc(socket, methods, ended);
      return build(id);
    },
  );
}
