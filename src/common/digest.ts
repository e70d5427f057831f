import { createHash } from 'node:crypto';

/**
 * The digest by which images and registries name content: `sha256:` and 64 hex digits in lower case.
 * A list of chunks counts as what they are together. What streams past is hashed where it does.
 */
export function digestOf(content: string | Uint8Array | readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  if (typeof content === 'string' || content instanceof Uint8Array) hash.update(content);
  else for (const chunk of content) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** As docker shortens the digest of an image or layer: its first 12 hex digits. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** For each layer, from the bottom up, the digest of the chain that ends in it (OCI's ChainID). */
export function chainIds(diffIds: readonly string[]): string[] {
  let below: string | null = null;
  return diffIds.map((diffId) => {
    below = below === null ? diffId : digestOf(`${below} ${diffId}`);
    return below;
  });
}
