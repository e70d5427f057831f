import { DockgraphError } from '../common/errors.ts';
import { parseReference } from '../registry/reference.ts';

const IMAGES = [
  /^\s*FROM\s+(?:--\S+\s+)*(\S+)/gim,
  /^\s*(?:COPY|ADD)\s+(?:--\S+\s+)*?--from=(\S+)/gim,
];

/**
 * The registries of the images that a Dockerfile names, for the credentials to send along. Names
 * with variables in them are left out, and names of stages count as images of Docker Hub: it only
 * means to look for credentials that are not used then.
 */
export function registriesIn(dockerfile: string): string[] {
  const registries = new Set<string>();
  for (const pattern of IMAGES) {
    for (const [, image] of dockerfile.matchAll(pattern)) {
      if (image === undefined || image.includes('$')) continue;
      try {
        registries.add(parseReference(image).registry);
      } catch (error) {
        // The engine tells better what is wrong with it.
        if (!(error instanceof DockgraphError)) throw error;
      }
    }
  }
  return [...registries];
}
