import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parse } from 'graphql';
import type { DocumentNode } from 'graphql';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImages } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';

describe('bad input', () => {
  let alpha: FakeEngine;
  let graph: Graph;
  before(async () => {
    alpha = await FakeEngine.start({ images: fakeImages(30) });
    graph = await Graph.over(
      { alpha },
      { limits: { maxDepth: 8, maxAliases: 5, maxRootFields: 4, maxCost: 3000 } },
    );
  });
  after(async () => {
    await graph[Symbol.asyncDispose]();
    await alpha.stop();
  });

  const cursor = async (query: string) => {
    const data = await graph.ask(query);
    return (Object.values(data)[0] as any).pageInfo.endCursor as string;
  };

  const REFUSED: [title: string, query: string, code: string, message: RegExp][] = [
    [
      'an unknown host',
      '{ host(name: "nope") { name } }',
      'NOT_FOUND',
      /no host "nope"; hosts: alpha/,
    ],
    [
      'an unknown host in a filter',
      '{ images(filter: { hosts: ["nope"] }) { totalCount } }',
      'NOT_FOUND',
      /no host "nope"/,
    ],
    [
      'a malformed reference',
      '{ image(ref: "UPPER:1") { digest } }',
      'BAD_REFERENCE',
      /lower case.*expected/,
    ],
    [
      'an unknown reference',
      '{ image(ref: "nothing") { digest } }',
      'NOT_FOUND',
      /read as docker.io\/library\/nothing:latest/,
    ],
    [
      'a digest as a tag',
      `{ tag(ref: "a@sha256:${'0'.repeat(64)}") { name } }`,
      'BAD_REFERENCE',
      /not a tag/,
    ],
    [
      'half a digest as a layer',
      '{ layer(digest: "sha256:12") { diffId } }',
      'BAD_REFERENCE',
      /64 hexadecimal digits/,
    ],
    [
      'a page that is too large',
      '{ images(first: 1001) { totalCount } }',
      'LIMIT_EXCEEDED',
      /at most 1000/,
    ],
    [
      'a page that is too large, from the end',
      '{ images(last: 5000) { totalCount } }',
      'LIMIT_EXCEEDED',
      /`last` is 5000/,
    ],
    [
      'a negative page',
      '{ images(first: -1) { totalCount } }',
      'BAD_USER_INPUT',
      /expected 0 to 1000/,
    ],
    [
      'both ends at once',
      '{ images(first: 1, last: 1) { totalCount } }',
      'BAD_USER_INPUT',
      /expected one of them/,
    ],
    [
      'what is no cursor',
      '{ images(after: "bm9wZQ") { totalCount } }',
      'BAD_USER_INPUT',
      /is no cursor; expected a cursor/,
    ],
    ['what is no ID', '{ node(id: "nope") { id } }', 'BAD_USER_INPUT', /is not a global ID/],
    [
      'a selector that is none',
      '{ hosts(filter: { labels: "=x" }) { totalCount } }',
      'BAD_USER_INPUT',
      /expected key=value/,
    ],
    [
      'a time that is none',
      '{ images(filter: { until: "soon" }) { totalCount } }',
      'BAD_USER_INPUT',
      /expected RFC 3339/,
    ],
    [
      'a glob that is none',
      '{ tags(filter: { reference: "" }) { totalCount } }',
      'BAD_USER_INPUT',
      /not a reference glob/,
    ],
    [
      'a query that is too deep',
      '{ hosts { nodes { images { nodes { image { hosts { nodes { host { name } } } } } } } } }',
      'LIMIT_EXCEEDED',
      /9 fields deep; at most 8/,
    ],
    [
      'a query that is too costly',
      '{ images(first: 1000) { nodes { layers { images { nodes { digest } } } } } }',
      'LIMIT_EXCEEDED',
      /may cost \d+ fields on this fleet; at most 3000/,
    ],
    [
      'too many aliases',
      `{ fleet { ${'abcdef'
        .split('')
        .map((a) => `${a}: imageCount`)
        .join(' ')} } }`,
      'LIMIT_EXCEEDED',
      /more than 5 aliases/,
    ],
    [
      'too many root fields',
      '{ fleet { imageCount } images { totalCount } tags { totalCount } layers { totalCount } hosts { totalCount } }',
      'LIMIT_EXCEEDED',
      /5 fields at the root; at most 4/,
    ],
  ];
  for (const [title, query, code, message] of REFUSED) {
    it(`${title} is refused with ${code}`, async () => {
      const error = await graph.refusal(query);
      assert.match(error.message, message);
      assert.equal(error.extensions?.['code'], code);
    });
  }

  it('a fragment hides neither depth nor root fields', async () => {
    const deep = `query { hosts { nodes { ...A } } }
      fragment A on Host { images { nodes { ...B } } }
      fragment B on HostImage { image { hosts { nodes { host { name } } } } }`;
    assert.match((await graph.refusal(deep)).message, /9 fields deep/);
  });

  it('variables of the wrong type are told by name', async () => {
    const error = await graph.refusal('query ($n: Int) { images(first: $n) { totalCount } }', {
      n: 'ten',
    });
    assert.match(error.message, /\$n.*Int cannot represent non-integer value: "ten"/);
    const size = await graph.refusal(
      'query ($b: ByteCount) { images(filter: { largerThan: $b }) { totalCount } }',
      { b: -5 },
    );
    assert.match(size.message, /integer from 0 to 2\^53 - 1/);
  });

  it('the cost of a document is told anew where variables or the fleet change it', async () => {
    const refuses = (document: DocumentNode, variables: object = {}, name?: string) =>
      graph.api.checkCost(document, name, { ...variables }) !== undefined;
    const held = 'images(first: 1000) { nodes { id sizeBytes dangling } }';
    const fields = `nodes { hosts { nodes { host { ${held} } } } }`;
    const sized = parse(`query ($n: Int!) { images(first: $n) { ${fields} } }`);
    assert.equal(refuses(sized, { n: 1 }), false);
    assert.equal(refuses(sized, { n: 1000 }), true);
    assert.equal(refuses(sized, { n: 1 }), false);

    const included = parse(
      `query ($all: Boolean!) { images(first: 1000) { totalCount ...All @include(if: $all) } }
       fragment All on ImageConnection { ${fields} }`,
    );
    assert.equal(refuses(included, { all: false }), false);
    assert.equal(refuses(included, { all: true }), true);

    const two = parse(
      `query A { fleet { hostCount } } query B { images(first: 1000) { ${fields} } }`,
    );
    assert.equal(refuses(two, {}, 'A'), false);
    assert.equal(refuses(two, {}, 'B'), true);

    // Variables that cannot be read say nothing of the cost with others.
    const filtered = parse(
      `query ($f: ImageFilter) { images(first: 1000, filter: $f) { ${fields} } }`,
    );
    assert.equal(refuses(filtered, { f: 'no filter' }), false);
    assert.equal(refuses(filtered, { f: {} }), true);

    const fixed = parse(`{ images(first: 1000) { ${fields} } }`);
    await using empty = await FakeEngine.start();
    await using growing = await Graph.over({ empty }, { limits: { maxCost: 3000 } });
    const isRefused = () => growing.api.checkCost(fixed, undefined, {}) !== undefined;
    assert.equal(isRefused(), false);
    for (const image of fakeImages(100)) empty.addImage(image);
    await growing.until('empty', ({ slot }) => slot.images.size === 100);
    assert.equal(isRefused(), true);
  });

  it('a cursor from another list, order or filter is refused', async () => {
    const page = 'pageInfo { endCursor }';
    const images = await cursor(`{ images(first: 2) { ${page} } }`);
    for (const field of [
      `tags(after: "${images}")`,
      `images(after: "${images}", orderBy: { field: SIZE })`,
      `images(after: "${images}", orderBy: { field: CREATED_AT, direction: ASC })`,
      `images(after: "${images}", filter: { dangling: false })`,
      `images(last: 2, before: "${await cursor(`{ tags(first: 2) { ${page} } }`)}")`,
    ]) {
      const error = await graph.refusal(`{ ${field} { totalCount } }`);
      assert.equal(error.extensions?.['code'], 'BAD_USER_INPUT');
      assert.match(error.message, /is a cursor from another list, filter or order/);
    }
    await graph.ask(`{ images(after: "${images}") { totalCount } }`);
  });

  it('pages meet: no image twice and none left out, while images come', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { images }: any = await graph.ask(
        'query ($after: String) { images(first: 7, after: $after, orderBy: { field: REFERENCE, direction: ASC }) { edges { cursor node { digest } } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      seen.push(...images.edges.map(({ node }: any) => node.digest));
      after = images.pageInfo.hasNextPage ? images.pageInfo.endCursor : null;
      assert.equal(images.edges.at(-1).cursor, images.pageInfo.endCursor);
    } while (after !== null);
    assert.equal(seen.length, 30);
    assert.equal(new Set(seen).size, 30);
  });

  it('an unexpected error shows none of its words', async () => {
    const secret = new Error('password=hunter2');
    const masked = graph.api.formatError({ message: secret.message, path: ['x'] }, secret);
    assert.deepEqual(masked, {
      message: 'Internal error: the log has it under the request id',
      path: ['x'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  });
});
