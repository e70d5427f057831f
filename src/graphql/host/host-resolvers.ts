import type { Delivery } from '../../common/broadcast.ts';
import { formatEndpoint } from '../../engine/endpoint.ts';
import type { HostRecord } from '../../fleet/fleet.ts';
import { hostOrder, selectHosts } from '../../fleet/host-query.ts';
import { findHostImage } from '../../fleet/image-lookup.ts';
import { hostImageOrder, selectHostImages } from '../../fleet/image-query.ts';
import { selectTags, tagOrder } from '../../fleet/tag-query.ts';
import type { GraphqlContext } from '../context.ts';
import { toGlobalId } from '../global-id.ts';
import { labelList } from '../labels.ts';
import { pageOf } from '../paging.ts';
import type {
  ContainerResolvers,
  HostResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from '../resolver-types.ts';
import { containerOrder } from './container-model.ts';

const DEFAULT_IMAGE_ORDER = { field: 'CREATED_AT', direction: 'DESC' } as const;
const DEFAULT_TAG_ORDER = { field: 'REFERENCE', direction: 'ASC' } as const;
const DEFAULT_HOST_ORDER = { field: 'NAME', direction: 'ASC' } as const;

export const Host: HostResolvers = {
  id: ({ config }) => toGlobalId('Host', config.name),
  name: ({ config }) => config.name,
  endpoint: ({ config }) => formatEndpoint(config.endpoint),
  transport: ({ config }) => config.endpoint.transport,
  labels: ({ config }) => labelList(config.labels),
  state: ({ status }) => status.state,
  error: ({ status }) => status.error,
  inventoryAt: ({ status }) => status.inventoryAt,
  latencyMs: ({ status }) => status.latencyMs,
  engine: ({ status }) => status.engine,
  removedAt: ({ removedAt }) => removedAt,
  images: ({ config, slot }, { filter, orderBy, ...page }, { fleet }) => {
    const order = orderBy ?? DEFAULT_IMAGE_ORDER;
    const images = selectHostImages(fleet, slot.images.values(), filter ?? {});
    return pageOf(
      images,
      hostImageOrder(order),
      page,
      'Host.images',
      config.name,
      filter,
      order.field,
    );
  },
  image: ({ slot }, { ref }) => findHostImage(slot, ref),
  tags: ({ config, slot }, { filter, orderBy, ...page }, { fleet }) => {
    const order = orderBy ?? DEFAULT_TAG_ORDER;
    const tags = selectTags(fleet, filter ?? {}, slot);
    return pageOf(tags, tagOrder(order), page, 'Host.tags', config.name, filter, order.field);
  },
  diskUsage: (host, _, { loaders }) => loaders.diskUsageByHost.load(host),
  containers: async (host, page, { loaders }) => {
    const listings = await loaders.containersByHost.load(host);
    const containers = listings.map((listing) => ({ host, listing }));
    return pageOf(containers, containerOrder, page, 'Host.containers', host.config.name);
  },
};

export const Container: ContainerResolvers = {
  id: ({ listing }) => listing.id,
  name: ({ listing }) => listing.name,
  state: ({ listing }) => listing.state,
  status: ({ listing }) => listing.status,
  createdAt: ({ listing }) => listing.createdAt,
  imageName: ({ listing }) => listing.image,
  image: ({ host, listing }) => host.slot.images.get(listing.imageId) ?? null,
};

export const hostQueries: Pick<QueryResolvers, 'host' | 'hosts'> = {
  host: (_, { name }, { fleet }) => fleet.host(name),
  hosts: (_, { filter, orderBy, ...page }, { fleet }) => {
    const order = orderBy ?? DEFAULT_HOST_ORDER;
    const hosts = selectHosts(fleet, filter ?? {});
    return pageOf(hosts, hostOrder(order), page, 'Query.hosts', filter, order.field);
  },
};

export const hostSubscriptions: Pick<SubscriptionResolvers, 'hostChanged'> = {
  hostChanged: {
    subscribe: (_, { hosts }, { fleet, signal }) => {
      for (const name of hosts ?? []) fleet.host(name);
      const wanted = hosts && new Set(hosts);
      return fleet.hostChanges.subscribe({
        signal,
        // The latest of each host is all that a slow reader needs, and bounds what waits for it.
        coalesceBy: ({ config }) => config.name,
        capacity: Infinity,
        ...(wanted && { accept: ({ config }) => wanted.has(config.name) }),
      }) as AsyncIterable<never>;
    },
    resolve: ({ value }: Delivery<HostRecord>, _: unknown, context: GraphqlContext) => {
      context.forgetLoaded();
      return value;
    },
  },
};
