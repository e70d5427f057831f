import { BadReferenceError } from '../common/errors.ts';

/** A reference in the parts that the Engine API takes apart. */
export interface SplitReference {
  name: string;
  tag: string | null;
  /** `sha256:…` */
  digest: string | null;
  /** `docker.io`, `registry:5000`, … */
  registry: string;
}

/**
 * Takes a reference apart. It is parsed above this folder; here only its separators are looked at.
 */
export function splitReference(reference: string): SplitReference {
  const at = reference.indexOf('@');
  const digest = at === -1 ? null : reference.slice(at + 1);
  const tagged = at === -1 ? reference : reference.slice(0, at);
  const colon = tagged.lastIndexOf(':');
  const hasTag = colon > tagged.lastIndexOf('/');
  const name = hasTag ? tagged.slice(0, colon) : tagged;
  const [first = '', ...rest] = name.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return {
    name,
    tag: hasTag ? tagged.slice(colon + 1) : null,
    digest,
    registry: isRegistry ? first : 'docker.io',
  };
}

/** A name with a tag and nothing else; engines would take a name alone for all its tags. */
export function splitTagged(reference: string, host: string): SplitReference & { tag: string } {
  const { tag, digest, ...parts } = splitReference(reference);
  if (tag === null || tag === '' || digest !== null || parts.name === '') {
    const what = `"${reference.slice(0, 100)}" is not a name with a tag`;
    throw new BadReferenceError(`${what}; expected [registry/]name:tag`, { host });
  }
  return { ...parts, tag, digest };
}
