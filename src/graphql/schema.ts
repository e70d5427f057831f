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
import { ByteCount, DateTime } from './scalars.ts';
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
      Node,
      Query: {
        ...nodeQueries,
        ...hostQueries,
        ...imageQueries,
        ...layerQueries,
        ...tagQueries,
        ...fleetQueries,
      },
      Subscription: { ...hostSubscriptions, ...imageSubscriptions },
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
      Fleet,
    },
  });
}
