/** An image ID as an engine answers it, in full form; null where it is none. */
export function imageId(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  // Podman leaves the algorithm out.
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(value.trim())?.[1];
  return hex === undefined ? null : `sha256:${hex}`;
}

/** Whatever names an image, an ID with its algorithm: podman leaves it out. */
export function fullImageId(name: string): string {
  if (typeof name !== 'string') throw new TypeError('an image without an ID');
  return imageId(name) ?? name;
}
