/** What a registry asks for with status 401. */
export type Challenge =
  | { scheme: 'BASIC' }
  | { scheme: 'BEARER'; realm: string; service: string | null; scope: string | null };

/** Reads a `WWW-Authenticate` header; null where it is none that registries use. */
export function parseChallenge(header: string | null): Challenge | null {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\b\s*([^]*)$/.exec(header ?? '') ?? [];
  if (/^basic$/i.test(scheme)) return { scheme: 'BASIC' };
  if (!/^bearer$/i.test(scheme)) return null;
  const parameters = new Map<string, string>();
  for (const [, name, quoted, plain] of rest.matchAll(
    /(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g,
  )) {
    parameters.set(name!.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  const realm = parameters.get('realm');
  if (!/^https?:$/.test(URL.parse(realm ?? '')?.protocol ?? '')) return null;
  return {
    scheme: 'BEARER',
    realm: realm!,
    service: parameters.get('service') ?? null,
    scope: parameters.get('scope') ?? null,
  };
}
