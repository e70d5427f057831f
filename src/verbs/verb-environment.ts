import type { RegistryAuth } from '../engine/image-verbs.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { UploadStore } from '../uploads/upload-store.ts';

/** Credentials that a request brought, by registry host as it stands in references. */
export type RequestCredentials = Readonly<Record<string, RegistryAuth>>;

/** What every verb works with. */
export interface VerbEnvironment {
  fleet: Fleet;
  /** The credentials for a registry: those of the request first, else the gateway's own. */
  authFor: (
    registry: string,
    requested: RequestCredentials | undefined,
  ) => Promise<RegistryAuth | undefined>;
  /** Beginnings of the URLs that engines may be told to fetch; none by default. */
  importUrls: readonly string[];
  /** The tars that operations name. */
  uploads: Pick<UploadStore, 'open'>;
}
