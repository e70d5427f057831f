import { BadUserInputError, ForbiddenError } from '../common/errors.ts';

/** The setting that says which URLs engines may be sent to. */
const SETTING = 'DOCKGRAPH_IMPORT_URLS';

const HTTP = ['http:', 'https:'];
/** What the builder clones without a key of its own. */
const HTTP_AND_GIT = [...HTTP, 'git:'];

/**
 * A URL for engines to fetch, in the one form that all parsers read alike. What is refused here
 * could not be judged by its beginning, or would store a password with the operation.
 * @throws BadUserInputError
 */
export function fetchableUrl(text: string, { git }: { git: boolean }): string {
  const url = URL.parse(text);
  const protocols = git ? HTTP_AND_GIT : HTTP;
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '') {
    const expected = protocols.map((protocol) => `${protocol}//`).join(', ');
    throw new BadUserInputError(
      `"${withoutPassword(text)}" is no URL to fetch; expected one that begins with ${expected}`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadUserInputError(
      'the URL has a user name or password in it, and would be stored with the operation',
      { details: { hint: 'use a URL that needs none, or a signed one that is soon over' } },
    );
  }
  if (climbs(url.pathname)) {
    throw new BadUserInputError('the URL has encoded `..` in its path; expected a plain path');
  }
  return url.href;
}

/**
 * Refuses a URL that none of the allowed ones begins. Asked again at every run: a retry obeys what
 * is allowed by then.
 * @throws ForbiddenError, which says how to allow it
 */
export function assertAllowed(url: string, allowed: readonly string[], host: string): void {
  if (allowed.some((prefix) => beginsWith(url, prefix))) return;
  const { protocol, host: site } = new URL(url);
  const known = allowed.length === 0 ? 'none is allowed' : `allowed are ${allowed.join(', ')}`;
  throw new ForbiddenError(`engines may not be sent to ${protocol}//${site} for this; ${known}`, {
    host,
    details: { hint: `add the beginning of the URL to ${SETTING} of the gateway` },
  });
}

/** By whole path segments: `https://files/acme` allows neither `https://files/acme-x` nor a port. */
function beginsWith(text: string, prefix: string): boolean {
  const url = new URL(text);
  const start = new URL(prefix);
  if (url.protocol !== start.protocol || url.host !== start.host) return false;
  if (url.pathname === start.pathname) return true;
  const folder = start.pathname.endsWith('/') ? start.pathname : `${start.pathname}/`;
  return url.pathname.startsWith(folder);
}

/** Whether a server that decodes twice would read the path as one that leads upwards. */
function climbs(path: string): boolean {
  let decoded = path;
  for (let round = 0; round < 3; round++) {
    if (decoded.split(/[/\\]/).includes('..')) return true;
    decoded = decoded.replace(/%(2e|2f|5c|25)/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  return decoded.split(/[/\\]/).includes('..');
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//***@').slice(0, 100);
}
