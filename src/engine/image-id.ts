/** An image ID as an engine answers it, in full form; null where it is none. */
export function imageId(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  // Podman leaves the algorithm out.
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(value.trim())?.[1];
  return hex === undefined ? null : `sha256:${hex}`;
}
