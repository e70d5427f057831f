/** Newest API version that we know; a newer engine is spoken to in this one. */
export const OUR_MAX_API_VERSION = '1.51';

/** Oldest API version that we work with (Docker 20.10 speaks 1.41, podman's service too). */
export const OUR_MIN_API_VERSION = '1.40';

/** A range of API versions, as an engine gives it. */
export interface ApiVersionRange {
  /** Null where the engine does not say. */
  min: string | null;
  max: string;
}

/** The version to speak with an engine, or null where its range and ours have none in common. */
export function agreeOnApiVersion({ min, max }: ApiVersionRange): string | null {
  const agreed = compareApiVersions(max, OUR_MAX_API_VERSION) < 0 ? max : OUR_MAX_API_VERSION;
  const lowest =
    min !== null && compareApiVersions(min, OUR_MIN_API_VERSION) > 0 ? min : OUR_MIN_API_VERSION;
  return compareApiVersions(agreed, lowest) < 0 ? null : agreed;
}

/** Whether a text is an API version such as `1.41`. */
export function isApiVersion(text: unknown): text is string {
  return typeof text === 'string' && /^\d+\.\d+$/.test(text);
}

/** Negative where `a` is older than `b`, 0 where they are the same. */
export function compareApiVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
