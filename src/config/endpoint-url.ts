import { isIPv6 } from 'node:net';
import { ConfigError } from './config-error.ts';

/** What an endpoint URL says, before ssh_config, certificates and defaults are looked at. */
export type EndpointUrl =
  | { scheme: 'unix'; socketPath: string | undefined }
  | { scheme: 'tcp'; host: string; port: number | undefined }
  | ({ scheme: 'ssh'; socketPath: string | undefined } & SshDestination);

/** A machine as ssh names it: its host may be an alias of ssh_config. */
export interface SshDestination {
  user: string | undefined;
  host: string;
  port: number | undefined;
}

/** The forms of endpoint that are known, for messages. */
export const ENDPOINT_FORMS =
  'unix:///PATH, tcp://HOST[:PORT] or ssh://[USER@]HOST[:PORT][/PATH-OF-SOCKET]';

/**
 * Parses an engine's address in docker's words.
 * @throws ConfigError that says what was found and what was expected
 */
export function parseEndpointUrl(text: string): EndpointUrl {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) {
    throw ConfigError.of(`${quote(text)} has no scheme; expected ${ENDPOINT_FORMS}`);
  }
  switch (scheme.toLowerCase()) {
    case 'unix':
      return parseUnix(rest, text);
    case 'tcp':
      return parseTcp(rest, text);
    case 'ssh':
      return parseSsh(rest, text);
    case 'http':
    case 'https':
      throw ConfigError.of(
        `unsupported scheme "${scheme}" in ${quote(text)}; ` +
          'docker writes tcp://HOST:PORT, with and without TLS',
      );
    default:
      throw ConfigError.of(
        `unsupported scheme "${scheme}" in ${quote(text)}; expected ${ENDPOINT_FORMS}`,
      );
  }
}

/** Parses `[user@]host[:port]`, also as `ssh://[user@]host[:port]`: one machine of a ProxyJump. */
export function parseSshDestination(text: string): SshDestination {
  const { rest, user } = splitUser(text.replace(/^ssh:\/\//i, '').replace(/\/$/, ''), text);
  return { user, ...parseHostPort(rest, text) };
}

/**
 * Parses `host[:port]`; IPv6 addresses stand in brackets, and are returned without.
 * @param whole what to quote in the error
 */
export function parseHostPort(
  text: string,
  whole = text,
): { host: string; port: number | undefined } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    const hint = isIPv6(text) || text.split(':').length > 2 ? '; IPv6 goes in brackets: [::1]' : '';
    throw ConfigError.of(`${quote(whole)} is no HOST[:PORT]${hint}`);
  }
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw ConfigError.of(`${quote(whole)}: ${quote(bracketed)} is no IPv6 address`);
  }
  if (host === '') throw ConfigError.of(`${quote(whole)} names no host`);
  if (bracketed === undefined && !/^[^\s@:/?#\\[\]-][^\s@:/?#\\[\]]*$/.test(host)) {
    throw ConfigError.of(`${quote(whole)}: ${quote(host)} is no host name or address`);
  }
  return { host, port: port === undefined ? undefined : parsePort(port, whole) };
}

/** Parses a port that something can be connected to. */
export function parsePort(text: string, whole = text): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  const where = whole === text ? '' : `${quote(whole)}: `;
  throw ConfigError.of(`${where}${quote(text)} is no port; expected 1 to 65535`);
}

/** The text as it may be shown: passwords that somebody wrote into a URL are hidden. */
export function quote(text: string): string {
  const hidden = text.replace(/(^|\/\/)([^/@:]*):[^/]*@/, '$1$2:***@');
  return JSON.stringify(hidden.length > 200 ? `${hidden.slice(0, 200)}…` : hidden);
}

function parseUnix(path: string, whole: string): EndpointUrl {
  if (path === '') return { scheme: 'unix', socketPath: undefined };
  if (!path.startsWith('/')) {
    throw ConfigError.of(`${quote(whole)} is not absolute; expected unix:///PATH`);
  }
  return { scheme: 'unix', socketPath: path };
}

function parseTcp(rest: string, whole: string): EndpointUrl {
  const authority = rest.replace(/\/$/, '');
  if (authority.includes('@')) {
    throw ConfigError.of(`${quote(whole)} names a user; expected tcp://HOST[:PORT]`);
  }
  if (/[/?#]/.test(authority)) {
    throw ConfigError.of(`${quote(whole)} has a path; expected tcp://HOST[:PORT]`);
  }
  return { scheme: 'tcp', ...parseHostPort(authority, whole) };
}

function parseSsh(rest: string, whole: string): EndpointUrl {
  if (/[?#]/.test(rest)) {
    throw ConfigError.of(
      `${quote(whole)} has a query or fragment; expected ssh://[USER@]HOST[:PORT][/PATH-OF-SOCKET]`,
    );
  }
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash);
  const { rest: hostPort, user } = splitUser(authority, whole);
  return {
    scheme: 'ssh',
    user,
    ...parseHostPort(hostPort, whole),
    socketPath: path === '' || path === '/' ? undefined : decode(path, whole),
  };
}

function splitUser(text: string, whole: string): { rest: string; user: string | undefined } {
  // The last @ ends the user: domain accounts are written user@domain@host.
  const end = text.lastIndexOf('@');
  if (end < 0) return { rest: text, user: undefined };
  const user = text.slice(0, end);
  if (user.includes(':')) {
    throw ConfigError.of(`${quote(whole)} holds a password, which ssh does not take; use a key`);
  }
  if (user === '') throw ConfigError.of(`${quote(whole)} has an empty user before the @`);
  return { rest: text.slice(end + 1), user: decode(user, whole) };
}

function decode(text: string, whole: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw ConfigError.of(`${quote(whole)} has a broken %-escape`);
  }
}
