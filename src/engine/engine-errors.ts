import {
  BadReferenceError,
  ConflictError,
  EngineError,
  EngineUnsupportedError,
  NotFoundError,
} from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';

/** An answer of an engine, or of what stands before it, that is not a success. */
export interface RefusedAnswer {
  /** The host's configured name. */
  host: string;
  /** What was asked, as in `GET /images/json`. */
  request: string;
  status: number;
  contentType: string;
  body: string;
}

/** The one place where an engine's HTTP status becomes an error of ours. */
export function engineError(answer: RefusedAnswer): DockgraphError {
  const { host, request, status } = answer;
  const text = engineMessage(answer);
  const context = { host, details: { status } };
  const says = `${host}: ${text}`;
  switch (status) {
    case 400:
      if (/client version [\d.]+ is too (old|new)/i.test(text)) {
        return new EngineUnsupportedError(says, context);
      }
      if (/HTTP request to an HTTPS server/i.test(text)) {
        return new EngineError(
          `${host} wants TLS on this port: configure its certificates (tls: {ca, cert, key})`,
          { ...context, retryable: false },
        );
      }
      if (/invalid reference format|invalid repository name|repository name must/i.test(text)) {
        return new BadReferenceError(says, context);
      }
      return new EngineError(says, { ...context, retryable: false });
    case 401:
    case 403:
      return new EngineUnsupportedError(
        `${host} does not allow ${request} (${status}: ${text}); if a socket proxy or an ` +
          'authorization plugin stands before the engine, let it pass this call',
        context,
      );
    case 404:
    case 405:
    case 501:
      return isUnknownEndpoint(answer, text)
        ? new EngineUnsupportedError(`${host} does not offer ${request} (${text})`, context)
        : new NotFoundError(says, context);
    case 409:
      return new ConflictError(says, context);
    default:
      return status >= 300 && status < 400
        ? new EngineError(`${host} redirects ${request} elsewhere (${status}); is it an engine?`, {
            ...context,
            retryable: false,
          })
        : new EngineError(`${says} (${request}: HTTP ${status})`, {
            ...context,
            retryable: status >= 500 || status === 429,
          });
  }
}

/** Engines say 404 of things as JSON; 404 of a path is their router's or a proxy's plain text. */
function isUnknownEndpoint({ status, contentType }: RefusedAnswer, text: string): boolean {
  if (status !== 404) return true;
  return /^page not found$|^404 page not found$/i.test(text) || !isJson(contentType);
}

/** Whether a content type promises JSON. */
function isJson(contentType: string): boolean {
  return /\bjson\b/i.test(contentType);
}

const MAX_MESSAGE = 500;

/** The engine's own words on one line: `message` of its JSON (podman: `cause`), else the body. */
export function engineMessage({ status, contentType, body }: RefusedAnswer): string {
  let message = body;
  if (/\bhtml\b/i.test(contentType) || /^\s*<(!doctype|html)/i.test(body)) {
    const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
    message = `an HTML page${title === undefined ? '' : ` "${title.trim()}"`}, not an engine's answer`;
  } else {
    try {
      const parsed = JSON.parse(body) as { message?: unknown; cause?: unknown; error?: unknown };
      const text = [parsed.message, parsed.error, parsed.cause].find((m) => typeof m === 'string');
      if (text !== undefined) message = text;
    } catch {
      // Not JSON: the body is the message.
    }
  }
  return oneLine(message) || `HTTP ${status} without a message`;
}

/** Text of unknown origin, fit for one line of a message. */
export function oneLine(text: string, max = MAX_MESSAGE): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  const line = text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max)}…` : line;
}
