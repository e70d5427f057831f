import { GraphQLError, getNamedType } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { getComplexity } from 'graphql-query-complexity';
import type { ComplexityEstimator } from 'graphql-query-complexity';
import { LimitExceededError, messageOf } from '../common/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { DEFAULT_PAGE_SIZE } from './paging.ts';

/** What a field costs that asks an engine or a registry, in fields answered from memory. */
const ENGINE_CALL_COST = 100;
const ENGINE_FIELDS = new Set([
  'Host.diskUsage',
  'Host.containers',
  'HostImage.containers',
  'Tag.remote',
  'Query.searchImages',
  'Registry.repositories',
  'Repository.tags',
  'RegistryTag.digest',
]);
/** Usual lengths of lists that no argument bounds. */
const USUAL_LENGTHS: Record<string, number> = {
  'Image.layers': 10,
  'Image.history': 15,
  'Image.tags': 3,
  'HostImage.tags': 3,
  'Tag.contents': 2,
};
const REMEMBERED_PER_DOCUMENT = 50;

/**
 * Bounds what one operation may cost, in fields: a page counts as many times as it can have nodes
 * in the fleet as it is now, so that the same query is cheap on five hosts and refused where it
 * would walk millions of records.
 */
export class CostLimit {
  readonly #schema: GraphQLSchema;
  readonly #fleet: Fleet;
  readonly #maxCost: number;
  readonly #remembered = new WeakMap<DocumentNode, Map<string, GraphQLError | undefined>>();

  constructor(schema: GraphQLSchema, fleet: Fleet, maxCost: number) {
    this.#schema = schema;
    this.#fleet = fleet;
    this.#maxCost = maxCost;
  }

  /** The error of an operation that costs too much; undefined for all others. */
  check(
    document: DocumentNode,
    operationName: string | undefined,
    variables: Record<string, unknown>,
  ): GraphQLError | undefined {
    const bounds = this.#bounds();
    const key = JSON.stringify([operationName, variables, bounds]);
    let known = this.#remembered.get(document);
    if (!known || known.size >= REMEMBERED_PER_DOCUMENT) {
      known = new Map();
      this.#remembered.set(document, known);
    }
    if (!known.has(key)) known.set(key, this.#measure(document, operationName, variables, bounds));
    return known.get(key);
  }

  #measure(
    query: DocumentNode,
    operationName: string | undefined,
    variables: Record<string, unknown>,
    bounds: Bounds,
  ): GraphQLError | undefined {
    let cost: number;
    try {
      cost = getComplexity({
        schema: this.#schema,
        query,
        variables,
        ...(operationName !== undefined && { operationName }),
        estimators: [estimator(bounds)],
      });
    } catch (error) {
      // Variables of the wrong type: execution tells them better, and does not run anything.
      return error instanceof GraphQLError ? undefined : new GraphQLError(messageOf(error));
    }
    if (cost <= this.#maxCost) return undefined;
    const message =
      `the query may cost ${Math.round(cost)} fields on this fleet; at most ${this.#maxCost} are ` +
      'allowed: ask for smaller pages or fewer fields';
    return new GraphQLError(message, {
      originalError: new LimitExceededError(message, {
        details: { cost: Math.round(cost), maxCost: this.#maxCost },
      }),
    });
  }

  /** Rounded up to powers of two, so that remembered costs outlive small changes of the fleet. */
  #bounds(): Bounds {
    const { hosts, inventory } = this.#fleet;
    const imagesPerHost = hosts.size === 0 ? 0 : inventory.hostImageCount / hosts.size;
    return {
      hosts: hosts.size,
      images: roundUp(inventory.images.size),
      imagesPerHost: roundUp(imagesPerHost),
      layers: roundUp(inventory.layers.size),
      tags: roundUp(inventory.tags.size),
    };
  }
}

/** How many nodes of each kind there are at most. */
interface Bounds {
  hosts: number;
  images: number;
  imagesPerHost: number;
  layers: number;
  tags: number;
}

function estimator(bounds: Bounds): ComplexityEstimator {
  return ({ type, field, args, childComplexity }) => {
    const name = `${type.name}.${field.name}`;
    const own = ENGINE_FIELDS.has(name) ? ENGINE_CALL_COST : 1;
    return own + childComplexity * times(name, getNamedType(field.type).name, args, bounds);
  };
}

function times(
  field: string,
  typeName: string,
  args: Record<string, unknown>,
  bounds: Bounds,
): number {
  if (field === 'Tag.targets' || field === 'TagContent.hosts') return bounds.hosts;
  if (field === 'PrunePlan.hosts') return bounds.hosts;
  if (field === 'PrunePlanHost.images') return bounds.imagesPerHost;
  if (Array.isArray(args['ids'])) return args['ids'].length;
  if (!typeName.endsWith('Connection')) return USUAL_LENGTHS[field] ?? 1;
  const asked = Number(args['first'] ?? args['last'] ?? DEFAULT_PAGE_SIZE);
  return Math.max(0, Math.min(asked, mostNodes(field, typeName, bounds)));
}

function mostNodes(field: string, typeName: string, bounds: Bounds): number {
  switch (typeName) {
    case 'HostConnection':
      return bounds.hosts;
    case 'ImageConnection':
      return bounds.images;
    case 'HostImageConnection':
      return field === 'Image.hosts' ? bounds.hosts : bounds.imagesPerHost;
    case 'LayerConnection':
      return bounds.layers;
    case 'TagConnection':
      return field === 'Host.tags' ? bounds.imagesPerHost : bounds.tags;
    default:
      return Infinity;
  }
}

function roundUp(count: number): number {
  return count <= 1 ? Math.ceil(count) : 2 ** Math.ceil(Math.log2(count));
}
