/**
 * The one error taxonomy of the project. Whatever goes wrong is wrapped once, where it is first
 * understood, into one of these; the HTTP and GraphQL edges read `code`, `host`, `retryable` and
 * `details`, and mask everything that is not a `DockgraphError`. docs/errors.md documents each code.
 */
export const ERROR_CODES = [
  'BAD_REFERENCE',
  'AMBIGUOUS_REFERENCE',
  'NOT_FOUND',
  'CONFLICT',
  'HOST_UNREACHABLE',
  'HOST_AUTH_FAILED',
  'ENGINE_ERROR',
  'ENGINE_UNSUPPORTED',
  'DIGEST_MISMATCH',
  'TIMEOUT',
  'CANCELLED',
  'LIMIT_EXCEEDED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
] as const;

/** A code that users see in `extensions.code`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What every error may carry beside its message. */
export interface ErrorContext {
  /** Name of the host that the error is about, as configured. */
  host?: string;
  /** Extra machine-readable facts for `extensions`; no secrets. */
  details?: Record<string, unknown>;
  /** The error that this one explains. Logged, never shown to users. */
  cause?: unknown;
}

/** Base of every error that may be shown to a user: its message is written for users. */
export abstract class DockgraphError extends Error {
  abstract readonly code: ErrorCode;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean = false;
  readonly host: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.host = context.host;
    this.details = context.details;
  }
}

/** An image reference, digest or ID that cannot be parsed. */
export class BadReferenceError extends DockgraphError {
  override readonly code = 'BAD_REFERENCE';
}

/** An ID prefix that fits several images; `details.candidates` lists them. */
export class AmbiguousReferenceError extends DockgraphError {
  override readonly code = 'AMBIGUOUS_REFERENCE';
}

/** The thing asked for is not there. */
export class NotFoundError extends DockgraphError {
  override readonly code = 'NOT_FOUND';
}

/** The engine's state forbids the request (HTTP 409). */
export class ConflictError extends DockgraphError {
  override readonly code = 'CONFLICT';
}

/** No connection to the engine, or it broke off. */
export class HostUnreachableError extends DockgraphError {
  override readonly code = 'HOST_UNREACHABLE';
  override readonly retryable = true;
}

/** TLS or SSH refused us, or we refused the host's certificate or key. */
export class HostAuthFailedError extends DockgraphError {
  override readonly code = 'HOST_AUTH_FAILED';
}

/** The engine answered with an error of its own (HTTP 5xx, or something that is no engine answer). */
export class EngineError extends DockgraphError {
  override readonly code = 'ENGINE_ERROR';
  override readonly retryable: boolean;

  constructor(message: string, context: ErrorContext & { retryable?: boolean } = {}) {
    super(message, context);
    this.retryable = context.retryable ?? true;
  }
}

/** This engine, its version or a proxy before it does not offer what was asked. */
export class EngineUnsupportedError extends DockgraphError {
  override readonly code = 'ENGINE_UNSUPPORTED';
}

/** Bytes that do not have the digest by which they were named. */
export class DigestMismatchError extends DockgraphError {
  override readonly code = 'DIGEST_MISMATCH';
}

/** A deadline passed. */
export class TimeoutError extends DockgraphError {
  override readonly code = 'TIMEOUT';
  override readonly retryable = true;
}

/** The asker went away or cancelled. */
export class CancelledError extends DockgraphError {
  override readonly code = 'CANCELLED';
}

/** A bound of ours was passed: page size, cost, body size. */
export class LimitExceededError extends DockgraphError {
  override readonly code = 'LIMIT_EXCEEDED';
}

/** No valid bearer token. */
export class UnauthenticatedError extends DockgraphError {
  override readonly code = 'UNAUTHENTICATED';
}

/** A valid token that may not do this. */
export class ForbiddenError extends DockgraphError {
  override readonly code = 'FORBIDDEN';
}

/** An argument that is of the right type and still makes no sense, such as a foreign cursor. */
export class BadUserInputError extends DockgraphError {
  override readonly code = 'BAD_USER_INPUT';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
