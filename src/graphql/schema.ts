import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { Fleet, fleetQueries } from './fleet/fleet-resolvers.ts';
import { Container, Host, hostQueries, hostSubscriptions } from './host/host-resolvers.ts';
import {
  HostImage,
  Image,
  ImageConfig,
  ImageEvent,
  imageQueries,
  imageSubscriptions,
} from './image/image-resolvers.ts';
import { Layer, layerQueries } from './layer/layer-resolvers.ts';
import { Node, nodeQueries } from './node-resolvers.ts';
import {
  Operation,
  OperationConnection,
  PulledReference,
  PullImageResult,
  TagImageResult,
  Task,
  TaskProgress,
  TaskResult,
  operationQueries,
  operationSubscriptions,
} from './operation/operation-resolvers.ts';
import {
  BuildImageResult,
  CommitContainerResult,
  ImportImageResult,
  makingMutations,
} from './operation/making-resolvers.ts';
import { operationMutations } from './operation/operation-mutations.ts';
import {
  PlannedImage,
  PrunePlanHost,
  pruneMutations,
  pruneQueries,
} from './prune/prune-resolvers.ts';
import {
  Registry,
  RegistryTag,
  Repository,
  registryQueries,
} from './registry/registry-resolvers.ts';
import { searchQueries } from './search-resolvers.ts';
import { ByteCount, DateTime, JsonValue } from './scalars.ts';
import {
  MovedTag,
  TransferImageResult,
  TransferPlanCopy,
  TransferPlanImage,
  TransferPlanTarget,
  TransferredImage,
  TransferTagConflict,
  transferMutations,
  transferQueries,
} from './transfer/transfer-resolvers.ts';
import { RemoteTag, Tag, TagContent, TagTarget, tagQueries } from './tag/tag-resolvers.ts';

/** The SDL's folder, beside `src` and beside `dist`. */
const SDL_FOLDER = fileURLToPath(new URL('../../schema/', import.meta.url));

/** The whole SDL, file by file in a stable order. */
export function readTypeDefs(): string[] {
  return readdirSync(SDL_FOLDER)
    .filter((file) => file.endsWith('.graphql'))
    .toSorted()
    .map((file) => readFileSync(join(SDL_FOLDER, file), 'utf8'));
}

/** The SDL with its resolvers. A resolver without a field in the SDL is an error here. */
export function buildSchema(): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: readTypeDefs(),
    resolvers: {
      DateTime,
      ByteCount,
      JSON: JsonValue,
      Node,
      Query: {
        ...nodeQueries,
        ...hostQueries,
        ...imageQueries,
        ...layerQueries,
        ...tagQueries,
        ...fleetQueries,
        ...operationQueries,
        ...pruneQueries,
        ...transferQueries,
        ...searchQueries,
        ...registryQueries,
      },
      Subscription: { ...hostSubscriptions, ...imageSubscriptions, ...operationSubscriptions },
      Mutation: {
        ...operationMutations,
        ...makingMutations,
        ...pruneMutations,
        ...transferMutations,
      },
      Host,
      Container,
      Image,
      ImageConfig,
      HostImage,
      ImageEvent,
      Layer,
      Tag,
      TagTarget,
      TagContent,
      RemoteTag,
      Registry,
      Repository,
      RegistryTag,
      Fleet,
      Operation,
      OperationConnection,
      Task,
      TaskProgress,
      TaskResult,
      PrunePlanHost,
      PlannedImage,
      PullImageResult,
      PulledReference,
      TagImageResult,
      CommitContainerResult,
      ImportImageResult,
      BuildImageResult,
      TransferPlanImage,
      TransferPlanTarget,
      TransferPlanCopy,
      TransferTagConflict,
      TransferImageResult,
      TransferredImage,
      MovedTag,
    },
  });
}
