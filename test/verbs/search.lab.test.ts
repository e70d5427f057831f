import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../lab/index.ts';
import { startVerbFleet, startWebServer, VERB_HOSTS } from '../support/verb-fleet.ts';
import type { VerbFleet, WebServer } from '../support/verb-fleet.ts';

const ROWS = [
  { name: 'tool', description: 'The tool.', star_count: 12, is_official: true },
  { name: 'team/tool', description: '', star_count: 3, is_official: false, is_automated: false },
];

const SEARCH = `query ($term: String!, $host: String!, $limit: Int! = 25, $official: Boolean, $minStars: Int) {
  searchImages(term: $term, host: $host, limit: $limit, official: $official, minStars: $minStars) {
    name description stars official } }`;

describe('searchImages through real engines', () => {
  let fleet: VerbFleet;
  let hub: WebServer;

  before(async () => {
    // As Docker Hub speaks it; an engine asks so whichever registry the term begins with.
    hub = await startWebServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://hub');
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('X-Docker-Registry-Standalone', 'true');
      if (url.pathname === '/v1/_ping') response.end('true');
      else if (url.pathname !== '/v1/search') response.writeHead(404).end('{}');
      else if (url.searchParams.get('q') === 'broken') response.writeHead(500).end('{}');
      else {
        const query = url.searchParams.get('q') ?? '';
        const results = ROWS.filter(({ name }) => name.includes(query));
        response.end(JSON.stringify({ query, num_results: results.length, results }));
      }
    });
    fleet = await startVerbFleet();
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const term = (text: string) => `${new URL(hub.url).host}/${text}`;
  const search = async (variables: object) =>
    (await fleet.graph.ask(SEARCH, { ...variables })).searchImages;

  for (const host of VERB_HOSTS) {
    it(`finds images: ${host}`, async () => {
      const found = await search({ host, term: term('tool') });
      assert.deepEqual(
        found.map(({ name, ...rest }: any) => [name.split('/').at(-1), rest]),
        [
          ['tool', { description: 'The tool.', stars: 12, official: true }],
          ['tool', { description: '', stars: 3, official: false }],
        ],
      );
      assert.deepEqual(await search({ host, term: term('nothing-like-it') }), []);
      const official = await search({ host, term: term('tool'), official: true });
      assert.deepEqual(
        official.map(({ stars }: any) => stars),
        [12],
      );
      const others = await search({ host, term: term('tool'), official: false });
      assert.deepEqual(
        others.map(({ stars }: any) => stars),
        [3],
      );
      const starred = await search({ host, term: term('tool'), minStars: 4 });
      assert.deepEqual(
        starred.map(({ stars }: any) => stars),
        [12],
      );
      await search({ host, term: term('tool'), limit: 7 });
      assert.equal(new URL(hub.asked.at(-1)!, hub.url).searchParams.get('n'), '7');
    });

    it(`says what went wrong: ${host}`, async () => {
      const broken = await fleet.graph.query(SEARCH, { host, term: term('broken') });
      assert.equal(broken.data.searchImages, null);
      assert.equal(broken.errors[0]!.extensions?.['code'], 'ENGINE_ERROR');
      assert.equal(broken.errors[0]!.extensions?.['host'], host);
      const down = `127.0.0.1:${await freePort()}/tool`;
      const { errors } = await fleet.graph.query(SEARCH, { host, term: down });
      assert.equal(errors[0]!.extensions?.['code'], 'ENGINE_ERROR', JSON.stringify(errors));
    });
  }

  it('refuses what cannot be asked', async () => {
    const cases: [object, string][] = [
      [{ host: 'nowhere', term: 'tool' }, 'NOT_FOUND'],
      [{ host: 'old', term: ' ' }, 'BAD_USER_INPUT'],
      [{ host: 'old', term: 'tool', limit: 0 }, 'BAD_USER_INPUT'],
      [{ host: 'old', term: 'tool', limit: 101 }, 'BAD_USER_INPUT'],
      [{ host: 'old', term: 'tool', minStars: -1 }, 'BAD_USER_INPUT'],
    ];
    for (const [variables, code] of cases) {
      const { data, errors } = await fleet.graph.query(SEARCH, { ...variables });
      assert.equal(data.searchImages, null);
      assert.equal(errors[0]!.extensions?.['code'], code, JSON.stringify(variables));
    }
  });
});
