import { request as requestPlain } from 'node:http';
import type { Agent as PlainAgent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as requestByTls } from 'node:https';
import type { Agent as TlsAgent } from 'node:https';
import { withDeadline } from '../common/abort.ts';
import { CancelledError, LimitExceededError } from '../common/errors.ts';

/** A request and its bounds. */
export interface BoundedRequest {
  url: URL;
  method: 'GET' | 'HEAD' | 'POST';
  headers: Record<string, string>;
  body?: string;
  /** Who is asked, for errors. */
  registry: string;
  agents: { http: PlainAgent; https: TlsAgent };
  deadlineMs: number;
  maxBytes: number;
  signal?: AbortSignal | undefined;
}

/** A whole answer, whatever its status. */
export interface BoundedAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * Asks and reads the whole answer, up to a deadline and a size. Redirects are not followed. What
 * breaks the connection is rejected as the system says it.
 */
export async function boundedRequest(request: BoundedRequest): Promise<BoundedAnswer> {
  const what = `a request to the registry ${request.registry}`;
  return withDeadline(
    { what, ms: request.deadlineMs, signals: [request.signal] },
    async (signal) => {
      const response = await send(request, signal);
      const { statusCode: status = 0, headers } = response;
      return { status, headers, body: await readBounded(response, request) };
    },
  );
}

function send(request: BoundedRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, body, agents } = request;
  const headers = { Accept: 'application/json', 'User-Agent': 'dockgraph', ...request.headers };
  return new Promise((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? requestByTls(url, { method, headers, signal, agent: agents.https })
        : requestPlain(url, { method, headers, signal, agent: agents.http });
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => {
      reject(signal.aborted ? new CancelledError('given up', { cause: error }) : error);
    });
    outgoing.end(body);
  });
}

async function readBounded(
  response: IncomingMessage,
  { maxBytes, registry }: BoundedRequest,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      const limit = `${Math.floor(maxBytes / 1024)} KiB`;
      throw new LimitExceededError(`the registry ${registry} answered with more than ${limit}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
