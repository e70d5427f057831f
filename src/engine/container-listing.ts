import type { ContainerListing } from './engine.ts';
import { fullImageId } from './image-id.ts';
import { epochMs } from './image-listing.ts';

/** A row of `/containers/json`. */
export interface EngineContainerJson {
  Id: string;
  Names?: string[] | null;
  ImageID?: string | null;
  Image?: string | null;
  State?: string | null;
  Status?: string | null;
  /** Seconds. */
  Created?: number | null;
}

/** `/containers/json` as records. */
export function containerListings(rows: EngineContainerJson[] | null): ContainerListing[] {
  return (rows ?? []).map((row) => ({
    id: row.Id,
    name: ownName(row.Names ?? []),
    imageId: fullImageId(row.ImageID ?? ''),
    image: row.Image ?? '',
    state: stateOf(row.State ?? ''),
    status: row.Status ?? '',
    createdAt: epochMs(row.Created) ?? 0,
  }));
}

/** `/web`; links add names such as `/other/web`. */
function ownName(names: string[]): string {
  const plain = names.map((name) => name.replace(/^\//, ''));
  return plain.find((name) => !name.includes('/')) ?? plain[0] ?? '';
}

/** Podman's own states in docker's words. */
const PODMAN_STATES: Record<string, string> = {
  configured: 'created',
  initialized: 'created',
  stopping: 'running',
  stopped: 'exited',
};

function stateOf(state: string): string {
  const known = state.toLowerCase();
  return PODMAN_STATES[known] ?? known;
}
