import type { BuildOptions } from './image-verbs.ts';
import { splitTagged } from './split-reference.ts';

/** What both builders are asked for in the same way. */
export function setBuildQuery(
  query: URLSearchParams,
  { tags, dockerfile, buildArgs, target, labels, noCache, pull, platform }: BuildOptions,
  host: string,
): void {
  for (const reference of tags) {
    splitTagged(reference, host);
    query.append('t', reference);
  }
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) query.set(name, value);
  };
  const json = (value: object | undefined) => value && JSON.stringify(value);
  set('dockerfile', dockerfile);
  set('buildargs', json(buildArgs));
  set('target', target);
  set('labels', json(labels));
  set('nocache', noCache === true ? '1' : undefined);
  set('pull', pull === true ? '1' : undefined);
  set('platform', platform);
}
