import { BadReferenceError } from '../common/errors.ts';

/**
 * Image references as docker reads them: `[registry/]path[:tag][@digest]`. The grammar is the
 * distribution project's; the defaults (docker.io, `library/`, `latest`) are docker's.
 */
export interface ImageReference {
  /** `docker.io`, `registry:5000`, … */
  registry: string;
  /** Path within the registry: `library/nginx`. */
  repository: string;
  tag: string | null;
  /** `sha256:…` */
  digest: string | null;
}

const DEFAULT_REGISTRY = 'docker.io';
const LEGACY_DEFAULT_REGISTRY = 'index.docker.io';
const OFFICIAL_PREFIX = 'library/';

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const REGISTRY =
  /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const SHA256 = /^sha256:[0-9a-f]{64}$/;
const MAX_REPOSITORY_LENGTH = 255;
const EXPECTED = 'expected [registry/]name[:tag][@sha256:digest]';

/** Parses a reference; BadReferenceError says what is wrong with it. Adds no tag. */
export function parseReference(text: string): ImageReference {
  const bad = (why: string) =>
    new BadReferenceError(`"${clip(text)}" is not an image reference: ${why}; ${EXPECTED}`);
  if (text === '') throw bad('it is empty');
  if (text.trim() !== text || /\s/.test(text)) throw bad('it contains white space');
  if (/^[0-9a-f]{64}$/.test(text)) throw bad('64 hexadecimal digits are an image ID, not a name');

  let rest = text;
  let digest: string | null = null;
  const at = rest.indexOf('@');
  if (at !== -1) {
    digest = rest.slice(at + 1);
    rest = rest.slice(0, at);
    if (!DIGEST.test(digest)) throw bad(`"${clip(digest)}" is not a digest`);
    if (digest.startsWith('sha256:') && !SHA256.test(digest)) {
      throw bad('a sha256 digest has 64 lower-case hexadecimal digits');
    }
  }

  let tag: string | null = null;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!TAG.test(tag)) {
      throw bad(`"${clip(tag)}" is not a tag (up to 128 of A-Z a-z 0-9 _ . -, not first . or -)`);
    }
  }

  const { registry, repository } = splitRegistry(rest);
  if (!REGISTRY.test(registry)) throw bad(`"${clip(registry)}" is not a registry host`);
  if (repository === '') throw bad('it names no repository');
  if (repository.length > MAX_REPOSITORY_LENGTH) {
    throw bad(`a repository name has at most ${MAX_REPOSITORY_LENGTH} characters`);
  }
  for (const component of repository.split('/')) {
    if (COMPONENT.test(component)) continue;
    if (component === '') throw bad('it has an empty path component');
    if (/[A-Z]/.test(component)) throw bad('a repository name must be lower case');
    throw bad(`"${clip(component)}" is not a path component (a-z 0-9, with . _ __ - between)`);
  }
  return { registry, repository, tag, digest };
}

/**
 * A registry's name as references have it: `docker.io` for `index.docker.io`.
 * @throws BadReferenceError
 */
export function registryName(name: string): string {
  const parsed = /^[^/@\s]+$/.test(name) ? splitRegistry(`${name}/path`).registry : '';
  const isRegistry =
    parsed === name || (parsed === DEFAULT_REGISTRY && name === LEGACY_DEFAULT_REGISTRY);
  if (isRegistry && REGISTRY.test(parsed)) return parsed;
  const what = `"${clip(name)}" is not a registry's name`;
  throw new BadReferenceError(`${what}; expected host[:port] such as registry:5000 or docker.io`);
}

/** The first component is a registry only if it could be no Docker Hub user: docker's own rule. */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  let registry = isRegistry ? first : DEFAULT_REGISTRY;
  let repository = isRegistry ? name.slice(slash + 1) : name;
  if (registry === LEGACY_DEFAULT_REGISTRY) registry = DEFAULT_REGISTRY;
  if (registry === DEFAULT_REGISTRY && repository !== '' && !repository.includes('/')) {
    repository = OFFICIAL_PREFIX + repository;
  }
  return { registry, repository };
}

/** The reference with `latest` where it has neither tag nor digest. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === null && reference.digest === null
    ? { ...reference, tag: 'latest' }
    : reference;
}

/** Everything spelt out: `docker.io/library/nginx:1.25`. */
export function canonicalReference(reference: ImageReference): string {
  return canonicalName(reference) + suffix(reference);
}

/** As docker prints it: `nginx:1.25`. */
export function familiarReference(reference: ImageReference): string {
  return familiarName(reference) + suffix(reference);
}

/** A reference in text, such as a canonical tag, as docker prints it. */
export function toFamiliar(text: string): string {
  return familiarReference(parseReference(text));
}

/** `docker.io/library/nginx`, without tag and digest. */
export function canonicalName({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

/** `nginx`, without tag and digest. */
export function familiarName({ registry, repository }: ImageReference): string {
  if (registry !== DEFAULT_REGISTRY) return `${registry}/${repository}`;
  const short = repository.slice(OFFICIAL_PREFIX.length);
  return repository.startsWith(OFFICIAL_PREFIX) && !short.includes('/') ? short : repository;
}

function suffix({ tag, digest }: ImageReference): string {
  return (tag === null ? '' : `:${tag}`) + (digest === null ? '' : `@${digest}`);
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
