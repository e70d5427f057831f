import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { suite, test } from 'node:test';
import { queryAfter } from '../../src/registry/name-pages.ts';
import { parseChallenge } from '../../src/registry/challenge.ts';
import type { NameList } from '../../src/registry/registry-client.ts';
import { startFakeRegistry } from '../support/fake-registry.ts';
import type { RegistryHandler } from '../support/fake-registry.ts';

/** Serves names in pages, as distribution does. */
function paged(names: string[], link: (last: string) => string): RegistryHandler {
  return (_request, response, { searchParams }) => {
    const after = searchParams.get('last');
    const rest = after === null ? names : names.slice(names.indexOf(after) + 1);
    const page = rest.slice(0, Number(searchParams.get('n')));
    if (page.length < rest.length) response.setHeader('Link', link(page.at(-1)!));
    response.end(JSON.stringify({ repositories: page }));
  };
}

/** Goes through a list in parts, as clients do. */
async function inParts(
  list: (after: string | undefined) => Promise<NameList>,
): Promise<{ names: string[]; parts: number }> {
  const names: string[] = [];
  let after: string | undefined;
  for (let parts = 1; ; parts++) {
    assert.ok(parts < 100, 'it has no end');
    const part = await list(after);
    names.push(...part.names);
    if (part.next === null) return { names, parts };
    after = part.next;
  }
}

const NAMES = Array.from({ length: 450 }, (_, n) => `team/r${String(n).padStart(3, '0')}`);

suite('a registry', () => {
  test('is read page by page, and of a link only its query is taken', async () => {
    const links = [
      (last: string) => `</v2/_catalog?last=${encodeURIComponent(last)}&n=200>; rel="next"`,
      (last: string) => `<http://169.254.169.254/latest?last=${last}>; rel=next`,
    ];
    for (const link of links) {
      await using registry = await startFakeRegistry(paged(NAMES, link));
      const client = registry.client();
      assert.deepEqual(await client.repositories({ limit: 1000 }), {
        names: NAMES,
        next: null,
        totalCount: 450,
      });
      assert.equal(registry.asked.length, 1);
      const parts = await inParts((after) => client.repositories({ limit: 200, after }));
      assert.deepEqual(parts, { names: NAMES, parts: 3 });
      assert.equal(registry.asked.length, 4);
      const some = await client.repositories({ limit: 10, after: queryAfter(NAMES[0]!) });
      assert.deepEqual(some.names, NAMES.slice(1, 11));
      assert.equal(some.totalCount, null, 'nobody has told it');
    }
  });

  test('goes on as its own link says, where it has words of its own for that', async () => {
    await using registry = await startFakeRegistry((_request, response, { searchParams }) => {
      const from = Number(searchParams.get('next_page') ?? 0);
      const to = from + Number(searchParams.get('n'));
      if (to < NAMES.length) {
        response.setHeader('Link', `</v2/_catalog?n=1&next_page=${to}>; rel="next"`);
      }
      response.end(JSON.stringify({ repositories: NAMES.slice(from, to) }));
    });
    const client = registry.client();
    const parts = await inParts((after) => client.repositories({ limit: 200, after }));
    assert.deepEqual(parts, { names: NAMES, parts: 3 });
  });

  test('that gives all at once is paged here, and nothing is shown twice', async () => {
    let names = NAMES;
    await using registry = await startFakeRegistry((_request, response) =>
      response.end(JSON.stringify({ tags: names })),
    );
    const client = registry.client();
    const tags = (after: string | undefined) => client.tags('app', { limit: 200, after });
    const first = await tags(undefined);
    assert.deepEqual(first.names, NAMES.slice(0, 200));
    assert.equal(first.totalCount, 450);
    assert.deepEqual(await inParts(tags), { names: NAMES, parts: 3 });
    // The last one seen has gone since.
    names = NAMES.filter((name) => name !== NAMES[199]);
    const second = await tags(first.next!);
    assert.deepEqual(second.names, NAMES.slice(200, 400));
    assert.equal(second.totalCount, 449);
  });

  test('is looked through for what fits a filter, and not for ever', async () => {
    const many = Array.from({ length: 25_000 }, (_, n) => `r${String(n).padStart(5, '0')}`);
    await using registry = await startFakeRegistry(
      paged(many, (last) => `</v2/_catalog?last=${last}>; rel="next"`),
    );
    const client = registry.client();
    const accept = (name: string) => name.endsWith('7777');
    const first = await client.repositories({ limit: 50, accept });
    assert.deepEqual(first, { names: ['r07777'], next: 'last=r09999', totalCount: null });
    assert.equal(registry.asked.length, 10);
    const all = await inParts((after) => client.repositories({ limit: 50, accept, after }));
    assert.deepEqual(all, { names: ['r07777', 'r17777'], parts: 3 });
  });

  test('that links in a circle ends', async () => {
    await using registry = await startFakeRegistry((_request, response) => {
      response.setHeader('Link', '</v2/_catalog?last=a>; rel="next"');
      response.end(JSON.stringify({ repositories: ['a'] }));
    });
    const client = registry.client();
    const all = await inParts((after) => client.repositories({ limit: 1000, after }));
    assert.deepEqual(all.names, ['a']);
  });

  test('without tags or without a list says so', async () => {
    await using registry = await startFakeRegistry((_request, response, { pathname }) => {
      if (pathname.endsWith('/tags/list')) response.end('{"name":"x","tags":null}');
      else response.writeHead(404).end('{"errors":[]}');
    });
    const client = registry.client();
    assert.deepEqual(await client.tags('x', { limit: 5 }), {
      names: [],
      next: null,
      totalCount: 0,
    });
    await assert.rejects(client.repositories({ limit: 5 }), { code: 'ENGINE_UNSUPPORTED' });
  });

  test('tells the digest of a tag, if it has it', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await using registry = await startFakeRegistry(({ method }, response, { pathname }) => {
      assert.equal(method, 'HEAD');
      if (pathname === '/v2/team/app/manifests/1') {
        response.setHeader('Docker-Content-Digest', digest).end();
      } else if (pathname.endsWith('/odd')) {
        response.setHeader('Docker-Content-Digest', 'whatever').end();
      } else response.writeHead(pathname.endsWith('/2') ? 404 : 500).end();
    });
    const client = registry.client();
    assert.equal(await client.digest('team/app', '1'), digest);
    assert.equal(await client.digest('team/app', '2'), null);
    assert.equal(await client.digest('team/app', 'odd'), null);
    await assert.rejects(client.digest('team/app', '3'), { code: 'ENGINE_ERROR' });
    await assert.rejects(client.digest('team/app', '../x'), { code: 'BAD_REFERENCE' });
  });

  test('is asked for what it is named and nothing else', async () => {
    await using registry = await startFakeRegistry((_request, response) => response.end('{}'));
    const client = registry.client();
    const odd = ['../x', 'a/../../b', 'a?b', 'a b', '', 'A', 'a:1', `a@sha256:${'0'.repeat(64)}`];
    for (const name of odd) {
      await assert.rejects(async () => client.tags(name, { limit: 1 }), { code: 'BAD_REFERENCE' });
    }
    assert.deepEqual(registry.asked, []);
  });

  test('that answers oddly, hugely, late or from elsewhere ends in an error', async () => {
    const cases: [RegistryHandler, object][] = [
      [(_request, response) => response.end('<html>'), { code: 'ENGINE_ERROR', retryable: false }],
      [(_request, response) => response.end('{"repositories":5}'), { code: 'ENGINE_ERROR' }],
      [(_request, response) => response.end('null'), { code: 'ENGINE_ERROR' }],
      [
        (_request, response) => response.end(`"${'x'.repeat(5 * 1024 * 1024)}"`),
        { code: 'LIMIT_EXCEEDED' },
      ],
      [
        (_request, response) =>
          response.writeHead(307, { Location: 'http://169.254.169.254/' }).end(),
        { code: 'ENGINE_ERROR', retryable: false, message: /HTTP 307; redirects are not followed/ },
      ],
      [
        (_request, response) => response.writeHead(503).end(),
        { code: 'ENGINE_ERROR', retryable: true },
      ],
      [(_request, response) => response.writeHead(403).end(), { code: 'FORBIDDEN' }],
      [() => {}, { code: 'TIMEOUT' }],
      [(request) => request.socket.destroy(), { code: 'ENGINE_ERROR', retryable: true }],
    ];
    for (const [handler, error] of cases) {
      await using registry = await startFakeRegistry(handler);
      const client = registry.client({ deadlineMs: 500 });
      await assert.rejects(client.repositories({ limit: 5 }), error);
    }
  });

  test('is left at once by who leaves', async () => {
    const arrived = Promise.withResolvers<void>();
    await using registry = await startFakeRegistry(() => arrived.resolve());
    const asker = new AbortController();
    const list = registry.client().repositories({ limit: 5, signal: asker.signal });
    await arrived.promise;
    asker.abort();
    await assert.rejects(list, { code: 'CANCELLED' });
  });

  test('gets at most eight requests at once', async () => {
    let open = 0;
    let most = 0;
    await using registry = await startFakeRegistry((_request, response) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        response.end();
      });
    });
    const client = registry.client();
    const tags = Array.from({ length: 50 }, (_, n) => `t${n}`);
    await Promise.all(tags.map((tag) => client.digest('app', tag)));
    assert.ok(most <= 8, `${most}`);
    assert.equal(registry.asked.length, 50);
  });
});

suite('a token', () => {
  const credential = (address: string) => ({
    serveraddress: address,
    username: 'ada',
    password: 'love',
  });

  /** Wants a token for what is asked about, which the token names in its turn. */
  function guarded(realm: (request: IncomingMessage) => string, token = btoa): RegistryHandler {
    return (request, response, { pathname, searchParams }) => {
      const { authorization } = request.headers;
      const about = pathname.replace(/^\/v2\/|\/tags\/list$/g, '');
      if (pathname === '/token') {
        const isKnown = authorization === `Basic ${btoa('ada:love')}`;
        const isFresh = request.method === 'POST';
        if (!isKnown && !isFresh) response.writeHead(401).end('{}');
        else if (isFresh) response.end('{"access_token":"refreshed"}');
        else response.end(JSON.stringify({ token: token(`${searchParams.get('scope')}`) }));
      } else if (
        authorization === `Bearer ${btoa(about)}` ||
        authorization === 'Bearer refreshed'
      ) {
        response.end(JSON.stringify({ repositories: [about], tags: [about] }));
      } else {
        const challenge = `Bearer realm="${realm(request)}",service="the registry",scope="${about}"`;
        response.writeHead(401, { 'WWW-Authenticate': challenge }).end('{}');
      }
    };
  }

  const own = ({ headers }: IncomingMessage) => `http://${headers.host}/token`;

  test('is fetched with the credentials for what the registry says, and kept', async () => {
    await using registry = await startFakeRegistry(guarded(own));
    const client = registry.client({ credential: credential(registry.address) });
    assert.deepEqual((await client.repositories({ limit: 5 })).names, ['_catalog']);
    assert.deepEqual((await client.repositories({ limit: 5 })).names, ['_catalog']);
    assert.deepEqual(
      registry.asked.map(({ url, authorization }) => `${url.split('?')[0]} ${authorization}`),
      [
        '/v2/_catalog undefined',
        `/token Basic ${btoa('ada:love')}`,
        `/v2/_catalog Bearer ${btoa('_catalog')}`,
        `/v2/_catalog Bearer ${btoa('_catalog')}`,
      ],
    );
  });

  test('for one repository is not taken for another one that is read at the same time', async () => {
    await using registry = await startFakeRegistry(guarded(own));
    const client = registry.client({ credential: credential(registry.address) });
    const names = Array.from({ length: 20 }, (_, n) => `team/r${n}`);
    const read = async (name: string) => (await client.tags(name, { limit: 5 })).names;
    const expected = names.map((name) => [name]);
    assert.deepEqual(await Promise.all(names.map(read)), expected);
    assert.deepEqual(await Promise.all(names.map(read)), expected);
    assert.equal(registry.asked.filter(({ url }) => url.startsWith('/token')).length, 20);
  });

  test('is refreshed where an identity token was given', async () => {
    await using registry = await startFakeRegistry(guarded(own));
    const identity = { serveraddress: registry.address, identitytoken: 'id+token' };
    const client = registry.client({ credential: identity });
    assert.deepEqual((await client.repositories({ limit: 5 })).names, ['_catalog']);
    const form = new URLSearchParams(registry.asked[1]!.body);
    assert.equal(form.get('grant_type'), 'refresh_token');
    assert.equal(form.get('refresh_token'), 'id+token');
    assert.equal(registry.asked[2]!.authorization, 'Bearer refreshed');
  });

  test('is refused to wrong credentials', async () => {
    await using registry = await startFakeRegistry(guarded(own));
    const wrong = { ...credential(registry.address), password: 'x' };
    await assert.rejects(registry.client({ credential: wrong }).repositories({ limit: 5 }), {
      code: 'FORBIDDEN',
    });
  });

  test('that is none ends in an error that does not show it', async () => {
    await using registry = await startFakeRegistry(guarded(own, () => 'a\r\nX-Evil: b'));
    const client = registry.client({ credential: credential(registry.address) });
    await assert.rejects(client.repositories({ limit: 5 }), (error: any) => {
      assert.equal(error.code, 'ENGINE_ERROR');
      assert.doesNotMatch(JSON.stringify([error, error.message]), /Evil|love/);
      return true;
    });
  });

  test('of another host or port is not asked for, unless that one is listed', async () => {
    await using thief = await startFakeRegistry(guarded(own));
    await using registry = await startFakeRegistry(guarded(() => `http://${thief.address}/token`));
    const options = { credential: credential(registry.address) };
    await assert.rejects(registry.client(options).repositories({ limit: 5 }), (error: any) => {
      assert.equal(error.code, 'FORBIDDEN');
      assert.match(error.details.hint, new RegExp(`add ${thief.address} to DOCKGRAPH_REGISTRIES`));
      return true;
    });
    assert.deepEqual(thief.asked, []);
    const allowed = registry.client({ ...options, allowed: [thief.address] });
    assert.deepEqual((await allowed.repositories({ limit: 5 })).names, ['_catalog']);
    assert.equal(thief.asked.length, 1);
  });

  test('is not asked for in the clear where TLS is wanted', async () => {
    await using registry = await startFakeRegistry(guarded(() => 'http://auth.example/token'));
    const client = registry.client({
      credential: credential(registry.address),
      allowed: ['auth.example'],
    });
    await assert.rejects(client.repositories({ limit: 5 }), {
      code: 'FORBIDDEN',
      message: /in the clear/,
    });
  });
});

suite('a challenge', () => {
  const cases: [string | null, ReturnType<typeof parseChallenge>][] = [
    ['Basic realm="x"', { scheme: 'BASIC' }],
    ['basic', { scheme: 'BASIC' }],
    [
      'Bearer realm="https://a/b?c=d",service="s, t",scope="x:y:pull,push"',
      { scheme: 'BEARER', realm: 'https://a/b?c=d', service: 's, t', scope: 'x:y:pull,push' },
    ],
    [
      'bearer Realm=https://a , error="x\\"y"',
      { scheme: 'BEARER', realm: 'https://a', service: null, scope: null },
    ],
    ['Bearer service="s"', null],
    ['Bearer realm="not a url"', null],
    ['Bearer realm="file:///etc/passwd"', null],
    ['Negotiate', null],
    ['', null],
    [null, null],
  ];
  for (const [header, challenge] of cases) {
    test(`is read: ${header}`, () => assert.deepEqual(parseChallenge(header), challenge));
  }
});
