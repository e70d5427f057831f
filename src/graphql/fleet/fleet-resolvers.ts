import { HOST_STATES } from '../../fleet/host-monitor.ts';
import type { HostState } from '../../fleet/host-monitor.ts';
import type { FleetResolvers, QueryResolvers } from '../resolver-types.ts';

export const Fleet: FleetResolvers = {
  hostCount: ({ hosts }) => hosts.size,
  hostsByState: ({ hosts }) => {
    const counts = new Map<HostState, number>(HOST_STATES.map((state) => [state, 0]));
    for (const { status } of hosts.values()) {
      counts.set(status.state, counts.get(status.state)! + 1);
    }
    return [...counts].map(([state, count]) => ({ state, count }));
  },
  imageCount: ({ inventory }) => inventory.images.size,
  hostImageCount: ({ inventory }) => inventory.hostImageCount,
  layerCount: ({ inventory }) => inventory.layers.size,
  tagCount: ({ inventory }) => inventory.tags.size,
  logicalBytes: ({ layerUsage }) => layerUsage.totals().logicalBytes,
  storedBytes: ({ layerUsage }) => layerUsage.totals().storedBytes,
  uniqueBytes: ({ layerUsage }) => layerUsage.totals().uniqueBytes,
  driftedTagCount: ({ inventory }) => inventory.driftedTags.size,
  danglingImageCount: ({ inventory }) => inventory.danglingImages.size,
  unusedImageCount: ({ inventory }) => inventory.unusedImages.size,
  oldestInventoryAt: ({ hosts }) => {
    let oldest: number | null = null;
    for (const { status } of hosts.values()) {
      if (status.inventoryAt === null) continue;
      oldest = Math.min(oldest ?? Infinity, status.inventoryAt);
    }
    return oldest;
  },
};

export const fleetQueries: Pick<QueryResolvers, 'fleet'> = {
  fleet: (_, __, { fleet }) => fleet,
};
