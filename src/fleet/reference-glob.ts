import picomatch from 'picomatch';
import { BadUserInputError } from '../common/errors.ts';
import { canonicalName, familiarName } from '../registry/reference.ts';
import type { TagRecord } from './records.ts';

const MAX_GLOBS = 20;
const MAX_GLOB_LENGTH = 300;

/**
 * Whether a tag fits one of the globs, as `docker images --filter reference=` has it: a glob is
 * held against the name as docker prints it and against the name spelt out, and without a tag in
 * it against the name alone, so that `nginx` fits `docker.io/library/nginx:1.25`.
 */
export function parseReferenceGlobs(globs: readonly string[]): (tag: TagRecord) => boolean {
  return anyOf(globs, (glob) => {
    const matches = matcherOf(glob);
    const hasTag = glob.lastIndexOf(':') > glob.lastIndexOf('/');
    if (hasTag) return (tag) => matches(tag.familiarName) || matches(tag.reference);
    return ({ parsed }) => matches(familiarName(parsed)) || matches(canonicalName(parsed));
  });
}

/** Whether a plain name fits one of the globs, by the same rules. */
export function parseNameGlobs(globs: readonly string[]): (name: string) => boolean {
  return anyOf(globs, matcherOf);
}

function anyOf<T>(
  globs: readonly string[],
  parse: (glob: string) => (value: T) => boolean,
): (value: T) => boolean {
  if (globs.length > MAX_GLOBS) {
    throw new BadUserInputError(`${globs.length} reference globs; expected at most ${MAX_GLOBS}`);
  }
  const matchers = globs.map(parse);
  return (value) => matchers.some((matches) => matches(value));
}

function matcherOf(glob: string): (name: string) => boolean {
  if (glob === '' || glob.length > MAX_GLOB_LENGTH || /\s/.test(glob)) {
    throw new BadUserInputError(
      `"${glob.slice(0, 80)}" is not a reference glob; expected a name such as nginx, nginx:1.* or ` +
        `registry:5000/team/*, of at most ${MAX_GLOB_LENGTH} characters without white space`,
    );
  }
  const matches = picomatch(glob, { nonegate: true, noextglob: true, dot: true });
  return (name) => matches(name);
}
