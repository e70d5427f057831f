import type { TestContext } from 'node:test';
import type { ServerOptions } from '../../src/http/server-options.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';
import type { GraphOptions } from '../support/graph.ts';
import { start } from './start-server.ts';

/** A server with the real schema over two fake engines that share an image and disagree on a tag. */
export async function startOverFleet(
  t: TestContext,
  overrides: Partial<ServerOptions> = {},
  options: GraphOptions = {},
) {
  const app = fakeImage('app:1');
  const other = fakeImage('app:2');
  const engines = {
    alpha: await FakeEngine.start({ images: [app, other] }),
    bravo: await FakeEngine.start({ images: [app, { ...fakeImage('app:3'), tags: ['app:2'] }] }),
  };
  const graph = await Graph.over(engines, options);
  t.after(async () => {
    await graph[Symbol.asyncDispose]();
    for (const engine of Object.values(engines)) await engine.stop();
  });
  return { ...(await start(t, { api: graph.api, ...overrides })), engines, graph };
}
