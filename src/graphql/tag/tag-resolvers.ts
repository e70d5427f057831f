import { HostUnreachableError } from '../../common/errors.ts';
import { findTag } from '../../fleet/image-lookup.ts';
import type { Fleet, HostRecord } from '../../fleet/fleet.ts';
import { selectTags, tagOrder } from '../../fleet/tag-query.ts';
import type { HostImageRecord, TagRecord } from '../../fleet/records.ts';
import { canonicalName, parseReference } from '../../registry/reference.ts';
import { tagVariant } from '../../registry/tag-variant.ts';
import { toGlobalId } from '../global-id.ts';
import { pageOf } from '../paging.ts';
import type {
  QueryResolvers,
  RemoteTagResolvers,
  TagContentResolvers,
  TagResolvers,
  TagTargetResolvers,
} from '../resolver-types.ts';

export const Tag: TagResolvers = {
  id: ({ reference }) => toGlobalId('Tag', reference),
  registry: ({ parsed }) => parsed.registry,
  repository: ({ parsed }) => parsed.repository,
  name: ({ parsed }) => parsed.tag!,
  variant: ({ parsed }) => tagVariant(parsed.tag!),
  drifted: ({ contents }) => contents.size > 1,
  targets: ({ targets }) => byHostName([...targets.values()]),
  contents: (tag) =>
    [...tag.contents]
      .toSorted(([a, inA], [b, inB]) => inB - inA || (a.key < b.key ? -1 : 1))
      .map(([image]) => ({ tag, image })),
  remote: async (tag, { host: name }, { fleet, loaders }) => {
    const host = name == null ? askableHost(fleet, tag) : fleet.host(name);
    const remote = await loaders.remoteByReference.load({ host, reference: tag.reference });
    return { tag, host, remote };
  },
};

export const TagTarget: TagTargetResolvers = {
  host: ({ host }, _, { fleet }) => fleet.host(host.name),
  hostImage: (hostImage) => hostImage,
};

export const TagContent: TagContentResolvers = {
  hosts: ({ tag, image }, _, { fleet }) =>
    byHostName([...tag.targets.values()].filter((target) => target.image === image)).map(
      ({ host }) => fleet.host(host.name),
    ),
};

export const RemoteTag: RemoteTagResolvers = {
  digest: ({ remote }) => remote.digest,
  mediaType: ({ remote }) => remote.mediaType,
  platforms: ({ remote }) => remote.platforms,
  upToDate: ({ tag, host, remote }) => {
    const target = tag.targets.get(host.config.name);
    // A containerd store names images so, and lists digests for one of several names only.
    if (target?.id === remote.digest) return true;
    const known = target?.repoDigests.map(parseReference) ?? [];
    const here = known.filter((digest) => canonicalName(digest) === canonicalName(tag.parsed));
    return here.length === 0 ? null : here.some(({ digest }) => digest === remote.digest);
  },
};

export const tagQueries: Pick<QueryResolvers, 'tag' | 'tags'> = {
  tag: (_, { ref }, { fleet }) => findTag(fleet.inventory, ref),
  tags: (_, { filter, orderBy, ...page }, { fleet }) => {
    const order = orderBy ?? { field: 'REFERENCE', direction: 'ASC' };
    const tags = selectTags(fleet, filter ?? {});
    return pageOf(tags, tagOrder(order), page, 'Query.tags', filter, order.field);
  },
};

/** A host that has the tag and can be asked now. */
function askableHost(fleet: Fleet, tag: TagRecord): HostRecord {
  for (const { host } of byHostName([...tag.targets.values()])) {
    const record = fleet.host(host.name);
    if (record.status.state === 'ONLINE') return record;
  }
  throw new HostUnreachableError(`no host that has ${tag.familiarName} is ONLINE`, {
    details: { hosts: [...tag.targets.keys()] },
  });
}

function byHostName(targets: HostImageRecord[]): HostImageRecord[] {
  return targets.toSorted((a, b) => (a.host.name < b.host.name ? -1 : 1));
}
