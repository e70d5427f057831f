import { hostOrder } from '../../fleet/host-query.ts';
import { findLayer } from '../../fleet/image-lookup.ts';
import { imageOrder } from '../../fleet/image-query.ts';
import { layerOrder, selectLayers } from '../../fleet/layer-query.ts';
import { toGlobalId } from '../global-id.ts';
import { pageOf } from '../paging.ts';
import type { LayerResolvers, QueryResolvers } from '../resolver-types.ts';

export const Layer: LayerResolvers = {
  id: ({ chainId }) => toGlobalId('Layer', chainId),
  images: ({ chainId, images }, { orderBy, ...page }) => {
    const order = orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
    return pageOf(images, imageOrder(order), page, 'Layer.images', chainId, order.field);
  },
  hosts: (layer, page, { fleet }) => {
    const indexes = fleet.layerUsage.hostsOf(layer);
    const hosts = [...indexes].map((index) => fleet.hostAt(index));
    const order = hostOrder({ field: 'NAME', direction: 'ASC' });
    return pageOf(hosts, order, page, 'Layer.hosts', layer.chainId);
  },
  savedBytes: (layer, _, { fleet }) => fleet.layerUsage.savedBytes(layer),
};

export const layerQueries: Pick<QueryResolvers, 'layer' | 'layers'> = {
  layer: (_, { digest }, { fleet }) => findLayer(fleet.inventory, digest),
  layers: (_, { filter, orderBy, ...page }, { fleet }) => {
    const order = orderBy ?? { field: 'SIZE', direction: 'DESC' };
    const layers = selectLayers(fleet, filter ?? {});
    const by = layerOrder(fleet.layerUsage, order);
    return pageOf(layers, by, page, 'Query.layers', filter, order.field);
  },
};
