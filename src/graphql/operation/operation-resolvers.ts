import { BadUserInputError } from '../../common/errors.ts';
import type { OperationEvent, OperationFilter } from '../../operations/operation-snapshot.ts';
import type { OperationKind } from '../../operations/operation.ts';
import type { GraphqlContext } from '../context.ts';
import { toGlobalId } from '../global-id.ts';
import { decodeCursor, encodeCursor, pageBounds } from '../paging.ts';
import type {
  OperationConnectionResolvers,
  OperationFilter as OperationFilterInput,
  OperationResolvers,
  PulledReferenceResolvers,
  PullImageResultResolvers,
  QueryResolvers,
  SubscriptionResolvers,
  TagImageResultResolvers,
  TaskProgressResolvers,
  TaskResolvers,
} from '../resolver-types.ts';
import { operationId, waitMs } from './start-operation.ts';

const MAX_LOG_LINES = 1000;

export const Operation: OperationResolvers = {
  id: ({ id }) => toGlobalId('Operation', id),
  tasks: (operation) => operation.tasks.map((task) => ({ operation, task })),
  logTail: async ({ id, tasks }, { lines }, { operations }) => {
    if (lines < 1 || lines > MAX_LOG_LINES) {
      throw new BadUserInputError(`\`lines\` is ${lines}; expected 1 to ${MAX_LOG_LINES}`);
    }
    const tail = (await operations.logTail(id)).slice(-lines);
    const isNamed = tasks.length > 1;
    return tail.map(({ host, text }) => (isNamed && host !== null ? `${host}: ${text}` : text));
  },
};

export const Task: TaskResolvers = {
  id: ({ task }) => task.id,
  hostName: ({ task }) => task.host,
  host: ({ task }, _, { fleet }) => fleet.hosts.get(task.host) ?? null,
  state: ({ task }) => task.state,
  startedAt: ({ task }) => task.startedAt,
  finishedAt: ({ task }) => task.finishedAt,
  attempts: ({ task }) => task.attempts,
  progress: ({ task }) => task.progress,
  // The verb's own shape, which its kind names: see TaskResult.__resolveType.
  result: ({ operation: { kind }, task: { host, result } }) =>
    result === null ? null : ({ ...(result as object), kind, host } as never),
  error: ({ task }) => task.error,
};

export const TaskProgress: TaskProgressResolvers = {
  layers: ({ parts }) => parts,
};

const RESULT_TYPES: Record<OperationKind, string> = {
  PULL_IMAGE: 'PullImageResult',
  PUSH_IMAGE: 'PushImageResult',
  TAG_IMAGE: 'TagImageResult',
  UNTAG_IMAGE: 'UntagImageResult',
  REMOVE_IMAGE: 'RemoveImageResult',
  PRUNE_IMAGES: 'PruneImagesResult',
  IMPORT_IMAGE: 'ImportImageResult',
  COMMIT_CONTAINER: 'CommitContainerResult',
  BUILD_IMAGE: 'BuildImageResult',
  CHECK_REGISTRY_CREDENTIALS: 'CheckRegistryCredentialsResult',
  TRANSFER_IMAGE: 'TransferImageResult',
  REFRESH_HOSTS: 'RefreshHostsResult',
};

export const TaskResult = {
  __resolveType: ({ kind }: { kind: OperationKind }) => RESULT_TYPES[kind],
};

export const PullImageResult: PullImageResultResolvers = {
  pulled: ({ host, pulled }) => pulled.map((reference) => ({ ...reference, host })),
};

export const PulledReference: PulledReferenceResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

export const TagImageResult: TagImageResultResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

export const OperationConnection: OperationConnectionResolvers = {
  nodes: ({ page }) => page.operations,
  edges: ({ page, list }) =>
    page.operations.map((node) => ({ node, cursor: encodeCursor(list, { key: 0, id: node.id }) })),
  pageInfo: ({ page: { operations, hasNext, hasPrevious }, list }) => {
    const [first] = operations;
    const last = operations.at(-1);
    return {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: first ? encodeCursor(list, { key: 0, id: first.id }) : null,
      endCursor: last ? encodeCursor(list, { key: 0, id: last.id }) : null,
    };
  },
  totalCount: ({ filter }, _, { operations }) => operations.count(filter),
};

export const operationQueries: Pick<QueryResolvers, 'operation' | 'operations'> = {
  operation: async (_, { id, waitSeconds }, { operations, signal }) => {
    const key = operationId(id);
    const known = await operations.get(key);
    return known && operations.wait(key, waitMs(waitSeconds), signal);
  },
  operations: async (_, { filter, ...args }, { operations }) => {
    const wanted = filterOf(filter);
    const list = JSON.stringify(['Query.operations', wanted]);
    const { limit, fromEnd } = pageBounds(args);
    const page = await operations.list({
      filter: wanted,
      after: args.after == null ? undefined : decodeCursor('after', args.after, list).id,
      before: args.before == null ? undefined : decodeCursor('before', args.before, list).id,
      limit,
      fromEnd,
    });
    return { page, filter: wanted, list };
  },
};

export const operationSubscriptions: Pick<SubscriptionResolvers, 'operation' | 'operations'> = {
  operation: {
    subscribe: (_, { id, afterEvent }, { operations, signal }) =>
      operations.watch(operationId(id), {
        signal,
        afterEvent: afterEvent ?? undefined,
      }) as AsyncIterable<never>,
    resolve: current,
  },
  operations: {
    subscribe: (_, { filter, afterEvent }, { operations, signal }) =>
      operations.watch(filterOf(filter), {
        signal,
        afterEvent: afterEvent ?? undefined,
      }) as AsyncIterable<never>,
    resolve: current,
  },
};

function current({ operation }: OperationEvent, _: unknown, context: GraphqlContext) {
  context.forgetLoaded();
  return operation;
}

function filterOf(filter: OperationFilterInput | null | undefined): OperationFilter {
  const { states, kinds, host, requestedBy } = filter ?? {};
  return {
    ...(states && { states }),
    ...(kinds && { kinds }),
    ...(host != null && { hosts: [host] }),
    ...(requestedBy != null && { requestedBy: [requestedBy] }),
  };
}

/** The image that a result names, as its host holds it now. */
export function imageOn({ hosts }: GraphqlContext['fleet'], host: string, engineId: string | null) {
  return (engineId !== null && hosts.get(host)?.slot.images.get(engineId)) || null;
}
