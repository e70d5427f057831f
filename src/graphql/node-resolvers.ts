import { LimitExceededError } from '../common/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { fromGlobalId } from './global-id.ts';
import type { NodeType } from './global-id.ts';
import type { QueryResolvers } from './resolver-types.ts';

const MAX_IDS = 100;

/** A found object with its type: records carry no names of GraphQL types. */
const typeOfRecord = new WeakMap<object, NodeType>();

type Finder = (fleet: Fleet, key: string) => object | undefined;

const FIND: Record<NodeType, Finder> = {
  Host: ({ hosts }, name) => hosts.get(name),
  Image: ({ inventory }, key) => inventory.images.get(key),
  HostImage: ({ hosts }, key) => {
    const slash = key.indexOf('/');
    return hosts.get(key.slice(0, slash))?.slot.images.get(key.slice(slash + 1));
  },
  Layer: ({ inventory }, chainId) => inventory.layers.get(chainId),
  Tag: ({ inventory }, reference) => inventory.tags.get(reference),
};

export const Node = {
  __resolveType: (record: object): NodeType => typeOfRecord.get(record)!,
};

export const nodeQueries: Pick<QueryResolvers, 'node' | 'nodes' | 'viewer'> = {
  node: (_, { id }, { fleet }) => findNode(fleet, id),
  nodes: (_, { ids }, { fleet }) => {
    if (ids.length > MAX_IDS) {
      throw new LimitExceededError(`${ids.length} IDs; expected at most ${MAX_IDS}`);
    }
    return ids.map((id) => findNode(fleet, id));
  },
  viewer: (_, __, { viewer }) => viewer,
};

function findNode(fleet: Fleet, id: string): never {
  const { type, key } = fromGlobalId(id);
  const record = FIND[type](fleet, key) ?? null;
  if (record) typeOfRecord.set(record, type);
  // The generated type wants one of five unrelated records; __resolveType tells them apart.
  return record as never;
}
