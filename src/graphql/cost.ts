import { isDeepStrictEqual } from 'node:util';
import { BREAK, GraphQLError, getNamedType, visit } from 'graphql';
import type { ASTNode, DocumentNode, GraphQLSchema } from 'graphql';
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
/** Arguments that decide how often what is below counts. */
const COUNTING_ARGUMENTS = ['first', 'last', 'ids'] as const;
const REMEMBERED_PER_DOCUMENT = 50;

/** What is known of a document's cost within the bounds of the fleet. */
interface Remembered {
  bounds: Bounds;
  dependsOnVariables: boolean;
  /** The verdicts by operation, and by variables where they matter. */
  verdicts: Map<string, GraphQLError | undefined>;
}

/**
 * Bounds what one operation may cost, in fields: a page counts as many times as it can have nodes
 * in the fleet as it is now, so that the same query is cheap on five hosts and refused where it
 * would walk millions of records.
 */
export class CostLimit {
  readonly #schema: GraphQLSchema;
  readonly #fleet: Fleet;
  readonly #maxCost: number;
  readonly #remembered = new WeakMap<DocumentNode, Remembered>();
  #bounds: Bounds | undefined;
  /** The version of the inventory that the bounds were last compared with. */
  #boundsVersion = -1;

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
    const { dependsOnVariables, verdicts } = this.#recall(document);
    const key = dependsOnVariables
      ? JSON.stringify([operationName, variables])
      : (operationName ?? '');
    if (verdicts.has(key)) return verdicts.get(key);
    const verdict = this.#measure(document, operationName, variables);
    // Variables of the wrong type: execution tells them better, and does not run anything. Nothing
    // is known of the cost with others.
    if (verdict === 'UNKNOWN') return undefined;
    if (verdicts.size >= REMEMBERED_PER_DOCUMENT) verdicts.clear();
    verdicts.set(key, verdict);
    return verdict;
  }

  #recall(document: DocumentNode): Remembered {
    const bounds = this.#currentBounds();
    let known = this.#remembered.get(document);
    if (known?.bounds !== bounds) {
      const dependsOnVariables = known?.dependsOnVariables ?? hasCountingVariable(document);
      known = { bounds, dependsOnVariables, verdicts: new Map() };
      this.#remembered.set(document, known);
    }
    return known;
  }

  #measure(
    query: DocumentNode,
    operationName: string | undefined,
    variables: Record<string, unknown>,
  ): GraphQLError | 'UNKNOWN' | undefined {
    let cost: number;
    try {
      cost = getComplexity({
        schema: this.#schema,
        query,
        variables,
        ...(operationName !== undefined && { operationName }),
        estimators: [estimator(this.#currentBounds())],
      });
    } catch (error) {
      return error instanceof GraphQLError ? 'UNKNOWN' : new GraphQLError(messageOf(error));
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

  /** The same object for as long as nothing in it changes. */
  #currentBounds(): Bounds {
    const { hosts, inventory } = this.#fleet;
    const last = this.#bounds;
    if (last && last.hosts === hosts.size && this.#boundsVersion === inventory.version) return last;
    const bounds = boundsOf(this.#fleet);
    this.#boundsVersion = inventory.version;
    if (!last || !isDeepStrictEqual(last, bounds)) this.#bounds = bounds;
    return this.#bounds!;
  }
}

/** Whether the cost of a document differs with the variables. */
function hasCountingVariable(document: DocumentNode): boolean {
  const counting: ReadonlySet<string> = new Set(COUNTING_ARGUMENTS);
  let found = false;
  const findIn = (node: ASTNode) => {
    visit(node, {
      Variable() {
        found = true;
        return BREAK;
      },
    });
  };
  visit(document, {
    Argument(node) {
      if (counting.has(node.name.value)) findIn(node);
    },
    // @include and @skip.
    Directive: findIn,
  });
  return found;
}

/** How many nodes of each kind there are at most. */
interface Bounds {
  hosts: number;
  images: number;
  imagesPerHost: number;
  layers: number;
  tags: number;
}

/** Rounded up to powers of two, so that remembered costs outlive small changes of the fleet. */
function boundsOf({ hosts, inventory }: Fleet): Bounds {
  const imagesPerHost = hosts.size === 0 ? 0 : inventory.hostImageCount / hosts.size;
  return {
    hosts: hosts.size,
    images: roundUp(inventory.images.size),
    imagesPerHost: roundUp(imagesPerHost),
    layers: roundUp(inventory.layers.size),
    tags: roundUp(inventory.tags.size),
  };
}

function estimator(bounds: Bounds): ComplexityEstimator {
  return ({ type, field, args, childComplexity }) => {
    const name = `${type.name}.${field.name}`;
    const own = ENGINE_FIELDS.has(name) ? ENGINE_CALL_COST : 1;
    return own + childComplexity * times(name, getNamedType(field.type).name, args, bounds);
  };
}

type CountingArguments = Partial<Record<(typeof COUNTING_ARGUMENTS)[number], unknown>>;

function times(
  field: string,
  typeName: string,
  args: Record<string, unknown>,
  bounds: Bounds,
): number {
  if (field === 'Tag.targets' || field === 'TagContent.hosts') return bounds.hosts;
  if (field === 'PrunePlan.hosts') return bounds.hosts;
  if (field === 'PrunePlanHost.images') return bounds.imagesPerHost;
  const { first, last, ids }: CountingArguments = args;
  if (Array.isArray(ids)) return ids.length;
  if (!typeName.endsWith('Connection')) return USUAL_LENGTHS[field] ?? 1;
  const asked = Number(first ?? last ?? DEFAULT_PAGE_SIZE);
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
