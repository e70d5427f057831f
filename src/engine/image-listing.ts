import type { ImageListing } from './engine.ts';
import { fullImageId } from './image-id.ts';
import { transferTagState } from './layers/transfer-tag.ts';

/** A row of `/images/json`. Which fields are null or absent differs by version and store. */
export interface EngineImageJson {
  Id: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  /** Seconds. */
  Created?: number | null;
  Size?: number | null;
  Labels?: Record<string, string> | null;
  /** From API 1.47 on where asked for, and only in a containerd store. */
  Manifests?: { Kind?: string; Available?: boolean }[] | null;
}

/** `/images/json` as records; `now` in milliseconds since the epoch. */
export function imageListings(rows: EngineImageJson[] | null, now: number): ImageListing[] {
  return (rows ?? []).map((row) => ({
    id: fullImageId(row.Id),
    tags: (row.RepoTags ?? []).filter(
      (name) => isNamed(name) && !name.includes('@') && transferTagState(name, now) !== 'LIVE',
    ),
    repoDigests: repoDigests(row),
    createdAt: epochMs(row.Created) ?? 0,
    sizeBytes: row.Size ?? 0,
    labels: row.Labels ?? {},
  }));
}

/**
 * Whether the image is listed, and where the engine tells of its manifests, one that can be run is
 * there whole: an index may lack those of other platforms.
 */
export function hasWholeImage(rows: EngineImageJson[] | null, id: string): boolean {
  const row = rows?.find((listed) => fullImageId(listed.Id) === id);
  if (!row) return false;
  const images = row.Manifests?.filter(({ Kind }) => Kind === 'image') ?? [];
  return images.length === 0 || images.some(({ Available }) => Available === true);
}

/** A containerd store has what was pulled by digest among the tags, and not all of it elsewhere. */
function repoDigests({ RepoTags, RepoDigests }: EngineImageJson): string[] {
  const amongTags = (RepoTags ?? []).filter((name) => name.includes('@'));
  return [...new Set([...(RepoDigests ?? []), ...amongTags])].filter(isNamed);
}

/** Until API 1.43 a row without names has `<none>:<none>`, and a digest without name `<none>@…`. */
function isNamed(name: string): boolean {
  return !name.startsWith('<none>') && !name.endsWith(':<none>');
}

/** Seconds to milliseconds; null for none, for 0 and for Go's zero time (the year 1). */
export function epochMs(seconds: number | null | undefined): number | null {
  return seconds === null || seconds === undefined || seconds <= 0 ? null : seconds * 1000;
}
