import type { ContainerListing } from '../../engine/engine.ts';
import type { HostRecord } from '../../fleet/fleet.ts';
import type { Order } from '../../fleet/ordered.ts';

/** A container with the host that it is on. */
export interface ContainerModel {
  host: HostRecord;
  listing: ContainerListing;
}

/** Newest first. */
export const containerOrder: Order<ContainerModel> = {
  direction: 'DESC',
  keyOf: ({ listing }) => listing.createdAt,
  idOf: ({ listing }) => listing.id,
};
