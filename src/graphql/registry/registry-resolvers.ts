import { parseNameGlobs } from '../../fleet/reference-glob.ts';
import { canonicalReference } from '../../registry/reference.ts';
import type {
  QueryResolvers,
  RegistryResolvers,
  RegistryTagResolvers,
  RepositoryResolvers,
} from '../resolver-types.ts';
import { namePage } from './name-page.ts';
import type { RegistryTagModel } from './registry-models.ts';

export const Registry: RegistryResolvers = {
  name: ({ registry }) => registry,
  repositories: (registry, { filter, ...page }, { signal }) => {
    const accept = filter?.name ? parseNameGlobs(filter.name) : undefined;
    return namePage(
      page,
      ['Registry.repositories', registry.registry, filter],
      (name) => ({ registry, name }),
      (part) => registry.repositories({ ...part, accept, signal }),
    );
  },
  repository: (registry, { name }) => ({ registry, name: registry.repositoryPath(name) }),
};

export const Repository: RepositoryResolvers = {
  reference: ({ registry: { registry }, name }) => `${registry}/${name}`,
  tags: (repository, page, { signal }) => {
    const { registry, name } = repository;
    return namePage(
      page,
      ['Repository.tags', registry.registry, name],
      (tag) => ({ repository, name: tag }),
      (part) => registry.tags(name, { ...part, signal }),
    );
  },
};

export const RegistryTag: RegistryTagResolvers = {
  reference: referenceOf,
  digest: ({ repository: { registry, name: path }, name }, _, { signal }) =>
    registry.digest(path, name, signal),
  tag: (tag, _, { fleet }) => fleet.inventory.tags.get(referenceOf(tag)) ?? null,
};

export const registryQueries: Pick<QueryResolvers, 'registry'> = {
  registry: (_, { name }, { loaders }) => loaders.registryByName.load(name),
};

function referenceOf({ repository: { registry, name: repository }, name }: RegistryTagModel) {
  return canonicalReference({ registry: registry.registry, repository, tag: name, digest: null });
}
