/*
 * A child that is the floor to compare with: Apollo Server on Fastify as their documentation has
 * it, with this project's schema and constant answers. The cache-control plugin is off as in
 * dockgraph: leaving it on would flatter us.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import fastifyApollo from '@as-integrations/fastify';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { fastify } from 'fastify';
import { answerParent } from '../process/parent.ts';

const SCHEMA = new URL('../../schema/', import.meta.url);

answerParent({
  /** Serves the given data, field by field, whatever the arguments; answers its port. */
  start: async (data: Record<string, unknown>): Promise<number> => {
    const files = readdirSync(SCHEMA).filter((name) => name.endsWith('.graphql'));
    const typeDefs = files.map((name) => readFileSync(new URL(name, SCHEMA), 'utf8'));
    const apollo = new ApolloServer({
      schema: makeExecutableSchema({ typeDefs }),
      rootValue: data,
      plugins: [ApolloServerPluginCacheControlDisabled()],
    });
    await apollo.start();
    const app = fastify();
    await app.register(fastifyApollo(apollo));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return address.port;
  },
});
