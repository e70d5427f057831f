import Docker from 'dockerode';
import { EngineUnsupportedError } from '../common/errors.ts';
import type { EngineTransport, ErrorOf } from './engine-transport.ts';
import type { EngineRequest } from './http-exchange.ts';
import { encodeAuth } from './registry-auth.ts';

/** The part that dockerode's calls hand to their modem. */
interface DialRequest {
  path: string;
  method: EngineRequest['method'];
  options?: Record<string, unknown>;
  authconfig?: Record<string, unknown>;
  isStream?: boolean;
  openStdin?: boolean;
  file?: unknown;
}

type DialCallback = (error: unknown, answer?: unknown) => void;

/**
 * dockerode for one call: it knows the paths and parameters, we send. docker-modem is left out
 * because its promises never settle when a body breaks off, it follows redirects in a way that
 * ends the process when their target is down, lets DOCKER_HOST override what it was given, knows
 * neither deadlines nor sizes, and inspects the whole request, sockets included, at every call.
 */
export function dockerClient(
  transport: EngineTransport,
  {
    apiVersion,
    signal,
    errorOf,
  }: { apiVersion: string; signal: AbortSignal; errorOf?: ErrorOf | undefined },
): Docker {
  const modem = {
    dial(dialled: DialRequest, callback: DialCallback): void {
      if (dialled.isStream === true || dialled.openStdin === true || dialled.file !== undefined) {
        callback(new EngineUnsupportedError('streams do not go through dockerode'));
        return;
      }
      transport
        .json(requestOf(dialled, apiVersion), signal, errorOf)
        .then((answer) => callback(null, answer), callback);
    },
  };
  // dockerode takes a modem, its types do not know.
  return new Docker({ modem } as Docker.DockerOptions);
}

function requestOf(
  { path, method, options = {}, authconfig }: DialRequest,
  apiVersion: string,
): EngineRequest {
  // A path that ends in ? takes the options as its query.
  const takesQuery = path.endsWith('?');
  const parameters = (options['_query'] ?? options) as Record<string, unknown>;
  const query = takesQuery ? queryOf(parameters) : '';
  const plainPath = takesQuery ? path.slice(0, -1) : path;
  const body = method === 'POST' ? JSON.stringify(options['_body'] ?? options) : '{}';
  return {
    method,
    path: `/v${apiVersion}${plainPath}${query === '' ? '' : `?${query}`}`,
    ...(authconfig && { headers: { 'X-Registry-Auth': encodeAuth(authconfig) } }),
    ...(body !== '{}' && { body }),
  };
}

function queryOf(parameters: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || name === 'abortSignal') continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      query.append(name, typeof one === 'string' ? one : JSON.stringify(one));
    }
  }
  return query.toString();
}
