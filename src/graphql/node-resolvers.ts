import { LimitExceededError } from '../common/errors.ts';
import type { GraphqlContext } from './context.ts';
import { fromGlobalId } from './global-id.ts';
import type { NodeType } from './global-id.ts';
import type { QueryResolvers } from './resolver-types.ts';

const MAX_IDS = 100;

/** A found object with its type: records carry no names of GraphQL types. */
const typeOfRecord = new WeakMap<object, NodeType>();

type Finder = (
  context: GraphqlContext,
  key: string,
) => object | null | undefined | Promise<object | null>;

const FIND: Record<NodeType, Finder> = {
  Host: ({ fleet }, name) => fleet.hosts.get(name),
  Image: ({ fleet }, key) => fleet.inventory.images.get(key),
  HostImage: ({ fleet }, key) => {
    const slash = key.indexOf('/');
    return fleet.hosts.get(key.slice(0, slash))?.slot.images.get(key.slice(slash + 1));
  },
  Layer: ({ fleet }, chainId) => fleet.inventory.layers.get(chainId),
  Tag: ({ fleet }, reference) => fleet.inventory.tags.get(reference),
  Operation: ({ operations }, id) => operations.get(id),
};

export const Node = {
  __resolveType: (record: object): NodeType => typeOfRecord.get(record)!,
};

export const nodeQueries: Pick<QueryResolvers, 'node' | 'nodes' | 'viewer'> = {
  node: (_, { id }, context) => findNode(context, id),
  nodes: (_, { ids }, context) => {
    if (ids.length > MAX_IDS) {
      throw new LimitExceededError(`${ids.length} IDs; expected at most ${MAX_IDS}`);
    }
    return ids.map((id) => findNode(context, id));
  },
  viewer: (_, __, { viewer }) => viewer,
};

async function findNode(context: GraphqlContext, id: string): Promise<never> {
  const { type, key } = fromGlobalId(id);
  const record = (await FIND[type](context, key)) ?? null;
  if (record) typeOfRecord.set(record, type);
  // The generated type wants one of five unrelated records; __resolveType tells them apart.
  return record as never;
}
