import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { startFakeRegistry } from '../support/fake-registry.ts';
import type { FakeRegistry } from '../support/fake-registry.ts';
import { Graph } from '../support/graph.ts';

const REPOSITORIES = ['base', 'team/app', 'team/tool', 'team/web'];
const TAGS = Array.from({ length: 7 }, (_, n) => `${n + 1}`);

const LIST = `query ($name: String!, $first: Int, $after: String, $filter: RepositoryFilter) {
  registry(name: $name) { name repositories(first: $first, after: $after, filter: $filter) {
    totalCount nodes { name reference } edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;

const TAG_LIST = `query ($name: String!, $path: String!, $first: Int, $after: String) {
  registry(name: $name) { repository(name: $path) { reference tags(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { name reference digest tag { reference targets { host { name } } } } } } } }`;

describe('a registry in the graph', () => {
  let registry: FakeRegistry;
  let engine: FakeEngine;
  let graph: Graph;

  before(async () => {
    registry = await startFakeRegistry((request, response, { pathname, searchParams }) => {
      if (pathname === '/v2/team/app/tags/list') {
        // As distribution 2 does: all at once, whatever was asked for.
        response.end(JSON.stringify({ name: 'team/app', tags: TAGS }));
      } else if (pathname === '/v2/_catalog') {
        const from = REPOSITORIES.indexOf(searchParams.get('last') ?? '') + 1;
        const page = REPOSITORIES.slice(from, from + Number(searchParams.get('n')));
        if (from + page.length < REPOSITORIES.length) {
          response.setHeader('Link', `</v2/_catalog?last=${page.at(-1)}&n=1>; rel="next"`);
        }
        response.end(JSON.stringify({ repositories: page }));
      } else if (request.method === 'HEAD' && pathname.startsWith('/v2/team/app/manifests/')) {
        const tag = pathname.at(-1)!;
        if (tag === '3') response.writeHead(500).end();
        else response.setHeader('Docker-Content-Digest', `sha256:${tag.repeat(64)}`).end();
      } else response.writeHead(404).end('{}');
    });
    engine = await FakeEngine.start({ images: [fakeImage(`${registry.address}/team/app:2`)] });
    graph = await Graph.over(
      { alpha: engine },
      { registries: { allowed: [{ host: registry.address, plainHttp: false }] } },
    );
  });
  after(async () => {
    await graph?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  const list = async (variables: object) => {
    const data = await graph.ask(LIST, { name: registry.address, ...variables });
    return data.registry.repositories;
  };

  it('lists its repositories in pages', async () => {
    const all = await list({});
    assert.deepEqual(
      all.nodes,
      REPOSITORIES.map((name) => ({ name, reference: `${registry.address}/${name}` })),
    );
    assert.equal(all.totalCount, 4);
    assert.equal(all.pageInfo.hasNextPage, false);
    const first = await list({ first: 3 });
    assert.equal(first.totalCount, null);
    assert.deepEqual(
      first.nodes.map(({ name }: any) => name),
      REPOSITORIES.slice(0, 3),
    );
    assert.deepEqual([first.pageInfo.hasPreviousPage, first.pageInfo.hasNextPage], [false, true]);
    assert.equal(first.pageInfo.endCursor, first.edges.at(-1).cursor);
    const rest = await list({ first: 3, after: first.pageInfo.endCursor });
    assert.deepEqual(
      rest.nodes.map(({ name }: any) => name),
      REPOSITORIES.slice(3),
    );
    assert.deepEqual([rest.pageInfo.hasPreviousPage, rest.pageInfo.hasNextPage], [true, false]);
    // In the middle of a page too.
    const inside = await list({ after: all.edges[1].cursor });
    assert.deepEqual(
      inside.nodes.map(({ name }: any) => name),
      REPOSITORIES.slice(2),
    );
  });

  it('lists only repositories that fit', async () => {
    const filter = { name: ['team/*'] };
    const fitting = await list({ filter, first: 2 });
    assert.deepEqual(
      fitting.nodes.map(({ name }: any) => name),
      ['team/app', 'team/tool'],
    );
    const rest = await list({ filter, first: 2, after: fitting.pageInfo.endCursor });
    assert.deepEqual(
      rest.nodes.map(({ name }: any) => name),
      ['team/web'],
    );
    assert.equal((await list({ filter })).totalCount, 3);
    const foreign = await graph.refusal(LIST, {
      name: registry.address,
      after: fitting.pageInfo.endCursor,
    });
    assert.equal(foreign.extensions?.['code'], 'BAD_USER_INPUT');
  });

  it('lists tags, and whether the fleet has them', async () => {
    const variables = { name: registry.address, path: 'team/app', first: 2 };
    const data = await graph.ask(TAG_LIST, variables);
    const { reference, tags } = data.registry.repository;
    assert.equal(reference, `${registry.address}/team/app`);
    assert.equal(tags.totalCount, 7);
    assert.equal(tags.pageInfo.hasNextPage, true);
    assert.deepEqual(tags.nodes, [
      {
        name: '1',
        reference: `${registry.address}/team/app:1`,
        digest: `sha256:${'1'.repeat(64)}`,
        tag: null,
      },
      {
        name: '2',
        reference: `${registry.address}/team/app:2`,
        digest: `sha256:${'2'.repeat(64)}`,
        tag: {
          reference: `${registry.address}/team/app:2`,
          targets: [{ host: { name: 'alpha' } }],
        },
      },
    ]);
    const after = tags.pageInfo.endCursor;
    const second = await graph.query(TAG_LIST, { ...variables, after });
    const nodes = second.data.registry.repository.tags.nodes;
    assert.deepEqual(
      nodes.map(({ name, digest }: any) => [name, digest === null]),
      [
        ['3', true],
        ['4', false],
      ],
    );
    assert.deepEqual(
      second.errors.map(({ extensions }) => extensions?.['code']),
      ['ENGINE_ERROR'],
    );
  });

  it('is refused or missing with an error that says so', async () => {
    const code = async (text: string, variables: object) =>
      (await graph.refusal(text, { ...variables })).extensions?.['code'];
    const { address } = registry;
    assert.equal(await code(LIST, { name: '169.254.169.254' }), 'FORBIDDEN');
    assert.equal(await code(LIST, { name: 'http://127.0.0.1' }), 'BAD_REFERENCE');
    assert.equal(await code(LIST, { name: address, first: 1001 }), 'LIMIT_EXCEEDED');
    assert.equal(await code(LIST, { name: address, first: -1 }), 'BAD_USER_INPUT');
    assert.equal(await code(LIST, { name: address, after: 'x' }), 'BAD_USER_INPUT');
    assert.equal(await code(LIST, { name: address, filter: { name: [''] } }), 'BAD_USER_INPUT');
    assert.equal(await code(TAG_LIST, { name: address, path: 'team/none' }), 'NOT_FOUND');
    assert.equal(await code(TAG_LIST, { name: address, path: '../_catalog' }), 'BAD_REFERENCE');
  });
});
