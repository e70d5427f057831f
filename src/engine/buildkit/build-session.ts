import { randomUUID } from 'node:crypto';
import { EngineUnsupportedError } from '../../common/errors.ts';
import type { DockgraphError } from '../../common/errors.ts';
import { engineMessage } from '../engine-errors.ts';
import type { RefusedAnswer } from '../engine-errors.ts';
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
      errorOf: refusedSession,
      signal,
    },
    async (socket, ended) => {
      serveGrpc(socket, methods, ended);
      return build(id);
    },
  );
}

function refusedSession(answer: RefusedAnswer): DockgraphError {
  const { host, request } = answer;
  // The engine has sessions, and saw a request that did not ask for one any more.
  if (!/no upgrade proto/i.test(engineMessage(answer))) return refusalOf({ host })(answer);
  const message = `a proxy before ${host} does not let ${request} upgrade its connection`;
  return new EngineUnsupportedError(message, { host });
}
