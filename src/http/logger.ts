import { pino } from 'pino';
import type { DestinationStream, Level, Logger as PinoLogger } from 'pino';

/** The one logger type of the project: structured, redacting, one JSON object a line. */
export type Logger = PinoLogger;

/** How to log. */
export interface LoggerOptions {
  level?: Level | 'silent';
  /** Where lines go; stdout when not given. */
  destination?: DestinationStream;
}

const SECRET_KEYS = [
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'password',
  'passphrase',
  'token',
  'privateKey',
  'x-registry-auth',
  'X-Registry-Auth',
  'x-registry-config',
  'X-Registry-Config',
];

// A path names one depth only, so each key is listed for every depth at which we log objects.
const SECRET_PATHS = ['', '*', '*.*', '*.*.*'].flatMap((parent) =>
  SECRET_KEYS.map((key) => `${parent}["${key}"]`),
);

/**
 * A logger that writes no secret even where an object that holds one is logged whole. It is a
 * second line of defence: callers log names, hashes and durations, never variables or headers.
 */
export function createLogger({ level = 'info', destination }: LoggerOptions = {}): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
