import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const ACCEPTABLE = /^[\w.:/+=-]{1,128}$/;
// Enough to tell the requests of two processes apart; an ID is a name here and no secret.
const PROCESS = randomBytes(6).toString('base64url');
let count = 0;

/** The caller's `x-request-id` where it is fit to be logged and sent back, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && ACCEPTABLE.test(given)) return given;
  return `${PROCESS}-${(++count).toString(36)}`;
}
