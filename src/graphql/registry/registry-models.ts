import type { RegistryClient } from '../../registry/registry-client.ts';
import type { NamePage } from './name-page.ts';

/** A repository of a registry. */
export interface RepositoryModel {
  registry: RegistryClient;
  /** The path within the registry. */
  name: string;
}

/** A tag of a repository. */
export interface RegistryTagModel {
  repository: RepositoryModel;
  name: string;
}

export type RepositoryPageModel = NamePage<RepositoryModel>;
export type RegistryTagPageModel = NamePage<RegistryTagModel>;
