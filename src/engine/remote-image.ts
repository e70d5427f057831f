import { BadReferenceError } from '../common/errors.ts';
import type { RemoteImage } from './engine.ts';

/** `/distribution/{name}/json`. */
export interface EngineDistributionJson {
  Descriptor?: { digest?: string | null; mediaType?: string | null } | null;
  Platforms?: { os?: string; architecture?: string; variant?: string }[] | null;
}

/** A registry's answer as our record. */
export function remoteImage({ Descriptor, Platforms }: EngineDistributionJson): RemoteImage {
  return {
    digest: Descriptor?.digest ?? '',
    mediaType: Descriptor?.mediaType ?? '',
    platforms: (Platforms ?? [])
      .map(({ os, architecture, variant }) => [os, architecture, variant].filter(Boolean).join('/'))
      .filter((platform) => platform !== ''),
  };
}

/**
 * A reference or ID, safe as part of an engine's path. References are parsed above this folder; what
 * must not happen here is that one leads to another endpoint.
 */
export function pathName(reference: string, host: string): string {
  const plain = /^[\w][\w.:@/[\]-]*$/.test(reference);
  const stays = reference.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (plain && stays) return reference;
  throw new BadReferenceError(`"${reference.slice(0, 100)}" is not an image reference or ID`, {
    host,
  });
}
