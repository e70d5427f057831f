import { shortDigest } from '../../common/digest.ts';
import { imageDigest } from '../../fleet/records.ts';
import { findImage } from '../../fleet/image-lookup.ts';
import {
  createdAt,
  imageEngineIds,
  imageOrder,
  imageRepoDigests,
  imageTags,
  selectImages,
} from '../../fleet/image-query.ts';
import { imageSizeBytes, sharing } from '../../fleet/layer-usage.ts';
import { parseReferenceGlobs } from '../../fleet/reference-glob.ts';
import type { ImageChange } from '../../fleet/fleet.ts';
import type { HostImageRecord } from '../../fleet/records.ts';
import type { Order } from '../../fleet/ordered.ts';
import type { GraphqlContext } from '../context.ts';
import { toGlobalId } from '../global-id.ts';
import { labelList } from '../labels.ts';
import { pageOf } from '../paging.ts';
import type {
  HostImageResolvers,
  ImageConfigResolvers,
  ImageEventFilter,
  ImageEventResolvers,
  ImageResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from '../resolver-types.ts';
import type { ImageEventModel } from './image-event-model.ts';

const DEFAULT_ORDER = { field: 'CREATED_AT', direction: 'DESC' } as const;

/** An image's holders by host, two IDs of one content on one host by ID. */
const holderOrder: Order<HostImageRecord> = {
  direction: 'ASC',
  keyOf: ({ host }) => host.name,
  idOf: ({ id }) => id,
};

export const Image: ImageResolvers = {
  id: ({ key }) => toGlobalId('Image', key),
  digest: imageDigest,
  shortId: (image) => shortDigest(imageDigest(image)),
  engineIds: imageEngineIds,
  architecture: ({ facts }) => facts?.architecture ?? null,
  os: ({ facts }) => facts?.os ?? null,
  variant: ({ facts }) => facts?.variant ?? null,
  createdAt: (image) => createdAt(image) || null,
  author: ({ facts }) => facts?.author || null,
  comment: ({ facts }) => facts?.comment || null,
  sizeBytes: imageSizeBytes,
  config: ({ facts }) => facts?.config ?? null,
  history: ({ facts }) => facts?.history ?? null,
  layers: ({ facts, layers }) => (facts ? layers : null),
  tags: imageTags,
  repoDigests: imageRepoDigests,
  hosts: ({ key, holders }, page) =>
    pageOf(holders.values(), holderOrder, page, 'Image.hosts', key),
};

export const ImageConfig: ImageConfigResolvers = {
  labels: ({ labels }) => labelList(labels),
};

export const HostImage: HostImageResolvers = {
  id: ({ host, id }) => toGlobalId('HostImage', `${host.name}/${id}`),
  host: ({ host }, _, { fleet }) => fleet.host(host.name),
  engineId: ({ id }) => id,
  dangling: ({ tags }) => tags.length === 0,
  inUse: ({ host, containerCount }) => (host.containersKnown ? containerCount > 0 : null),
  containerCount: ({ host, containerCount }) => (host.containersKnown ? containerCount : null),
  containers: async ({ host: { name }, id }, _, { fleet, loaders }) => {
    const host = fleet.host(name);
    const listings = await loaders.containersByHost.load(host);
    return listings.filter(({ imageId }) => imageId === id).map((listing) => ({ host, listing }));
  },
  createdAt: ({ createdAt }) => createdAt || null,
  sharedBytes: (hostImage) => sharing(hostImage)?.shared ?? null,
  uniqueBytes: (hostImage) => sharing(hostImage)?.unique ?? null,
};

export const ImageEvent: ImageEventResolvers = {
  kind: ({ value }) => value.change.kind,
  host: ({ value }) => value.host,
  image: ({ value }) => value.change.hostImage.image,
  tag: ({ value: { change } }) => ('tag' in change ? change.tag : null),
  previous: ({ value: { change } }) => ('previous' in change ? change.previous.image : null),
  at: ({ value }) => value.at,
};

export const imageQueries: Pick<QueryResolvers, 'image' | 'images'> = {
  image: (_, { ref }, { fleet }) => findImage(fleet.inventory, ref),
  images: (_, { filter, orderBy, ...page }, { fleet }) => {
    const order = orderBy ?? DEFAULT_ORDER;
    const images = selectImages(fleet, filter ?? {});
    return pageOf(images, imageOrder(order), page, 'Query.images', filter, order.field);
  },
};

export const imageSubscriptions: Pick<SubscriptionResolvers, 'imageEvents'> = {
  imageEvents: {
    subscribe: (_, { filter }, { fleet, signal }) => {
      for (const name of filter?.hosts ?? []) fleet.host(name);
      return fleet.imageChanges.subscribe({
        signal,
        accept: eventTest(filter ?? {}),
      }) as AsyncIterable<never>;
    },
    resolve: (event: ImageEventModel, _: unknown, context: GraphqlContext) => {
      context.forgetLoaded();
      return event;
    },
  },
};

function eventTest({
  hosts,
  kinds,
  reference,
}: ImageEventFilter): (change: ImageChange) => boolean {
  const fits = reference && parseReferenceGlobs(reference);
  return ({ host, change }) => {
    if (hosts && !hosts.includes(host.config.name)) return false;
    if (kinds && !kinds.includes(change.kind)) return false;
    if (!fits) return true;
    return 'tag' in change ? fits(change.tag) : change.hostImage.tags.some(fits);
  };
}
