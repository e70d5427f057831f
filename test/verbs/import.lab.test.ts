import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { OperationIds } from '../../src/operations/operation-id.ts';
import { importVerb } from '../../src/verbs/import-image.ts';
import { freePort, waitUntil } from '../lab/index.ts';
import { onlyTask, startVerbFleet, startWebServer, VERB_HOSTS } from '../support/verb-fleet.ts';
import type { VerbFleet, WebServer } from '../support/verb-fleet.ts';

const FIELDS = `id state tasks { host { name } state progress { phase } error { code message hint retryable }
  result { ... on ImportImageResult { engineId image {
    engineId tags { familiarName }
    image { comment architecture config { cmd } layers { diffId } } } } } }`;

describe('importImage on real engines', () => {
  let fleet: VerbFleet;
  let web: WebServer;
  let nobody: string;
  const tar = singleFileTar('hello', Buffer.from('from the web\n'));
  const open = new Set<ServerResponse>();

  before(async () => {
    web = await startWebServer((request, response) => {
      if (request.url === '/files/root.tar') response.end(tar);
      else if (request.url === '/files/text') response.end('no tar at all'.repeat(100));
      else if (request.url?.startsWith('/files/slow')) {
        response.write(tar.subarray(0, 512));
        open.add(response);
        response.once('close', () => open.delete(response));
      } else response.writeHead(404).end('no such file');
    });
    nobody = `http://127.0.0.1:${await freePort()}/`;
    fleet = await startVerbFleet({ importUrls: [`${web.url}/files`, nobody] });
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await web?.[Symbol.asyncDispose]();
  });

  const importFrom = (url: string, input: object = {}) =>
    fleet.run('importImage', { hosts: { all: true }, url, waitSeconds: 60, ...input }, FIELDS);

  it('makes an image on all engines at once', async () => {
    const operation = await importFrom(`${web.url}/files/root.tar`, {
      reference: 'team/imported:1',
      message: 'from a test',
      changes: ['CMD ["/hello"]'],
      platform: 'linux/amd64',
    });
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
    assert.equal(operation.tasks.length, 3);
    for (const { result } of operation.tasks) {
      assert.equal(result.image.engineId, result.engineId);
      assert.deepEqual(result.image.tags, [{ familiarName: 'team/imported:1' }]);
      assert.equal(result.image.image.comment, 'from a test');
      assert.equal(result.image.image.architecture, 'amd64');
      assert.deepEqual(result.image.image.config.cmd, ['/hello']);
      assert.equal(result.image.image.layers.length, 1);
    }
    const diffIds = operation.tasks.map(({ result }: any) => result.image.image.layers[0].diffId);
    assert.equal(new Set(diffIds).size, 1);
  });

  it('makes an image without a name', async () => {
    const operation = await importFrom(`${web.url}/files/root.tar`);
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
    for (const { result } of operation.tasks) {
      assert.deepEqual(result.image.tags, []);
      assert.equal(result.image.image.comment, `Imported from ${web.url}/files/root.tar`);
    }
  });

  it('sends no engine to a URL that is not allowed, and says which setting it is', async () => {
    const asked = web.asked.length;
    for (const url of [
      `${web.url}/other`,
      `${web.url}/files-of-others/root.tar`,
      `${web.url}/files/../other`,
      'http://169.254.169.254/latest/meta-data',
    ]) {
      const operation = await importFrom(url);
      assert.equal(operation.state, 'FAILED');
      for (const { error } of operation.tasks) {
        assert.equal(error.code, 'FORBIDDEN');
        assert.match(error.hint, /DOCKGRAPH_IMPORT_URLS/);
      }
    }
    assert.equal(web.asked.length, asked);
  });

  it('tells what went wrong', async () => {
    for (const host of VERB_HOSTS) {
      const hosts = { names: [host] };
      const missing = onlyTask(await importFrom(`${web.url}/files/none`, { hosts }), 'FAILED');
      assert.match(missing.error.message, /404/);
      assert.equal(missing.error.code, 'NOT_FOUND', missing.error.message);
      const text = onlyTask(await importFrom(`${web.url}/files/text`, { hosts }), 'FAILED');
      assert.equal(text.error.code, 'ENGINE_ERROR', text.error.message);
      const down = onlyTask(await importFrom(nobody, { hosts }), 'FAILED');
      assert.equal(down.error.code, 'ENGINE_ERROR', down.error.message);
      assert.equal(down.error.retryable, true);
      const changes = ['RUN no'];
      const url = `${web.url}/files/root.tar`;
      const bad = onlyTask(await importFrom(url, { hosts, changes }), 'FAILED');
      assert.equal(bad.error.code, 'BAD_USER_INPUT', bad.error.message);
    }
  });

  for (const host of VERB_HOSTS) {
    it(`says when it is cancelled that engines do not stop: ${host}`, async () => {
      const url = `${web.url}/files/slow?${host}`;
      const reference = `slow-${host}`;
      const hosts = { names: [host] };
      const { id } = await importFrom(url, { hosts, reference, waitSeconds: 0 });
      await waitUntil(() => open.size > 0, { what: 'a download', deadlineMs: 10_000 });
      await fleet.graph.ask(
        'mutation ($id: ID!) { cancelOperation(input: { id: $id }) { operation { state } } }',
        { id },
      );
      const { operation } = await fleet.graph.ask(
        `query ($id: ID!) { operation(id: $id, waitSeconds: 20) { ${FIELDS} } }`,
        { id },
      );
      const { error } = onlyTask(operation, 'CANCELLED');
      assert.match(
        error.message,
        /^cancelled by anonymous: .* may go on fetching the URL to the end/,
      );
      assert.match(error.hint, /look for the image later/);
      // A containerd store may stop or not, by chance; it makes no image in either case.
      if (host !== 'snap') assert.equal(open.size, 1);
      open.values().next().value?.end(tar.subarray(512));
      await waitUntil(() => open.size === 0, { what: 'no download', deadlineMs: 10_000 });
      if (host === 'snap') return;
      const made = `docker.io/library/${reference}:latest`;
      await fleet.graph.until(host, ({ slot }) => slot.tags.has(made));
    });
  }

  it('is found finished after a crash by what engines wrote into it', async () => {
    const asked = Date.now();
    const url = `${web.url}/files/root.tar`;
    const reference = 'docker.io/team/found:1';
    const operation = await importFrom(url, { reference });
    const verb = importVerb({
      fleet: fleet.graph.fleet,
      authFor: async () => undefined,
      importUrls: [],
      uploads: fleet.graph.uploads,
    });
    for (const { host, result } of operation.tasks) {
      const recover = (input: object, time = asked) => {
        const operationId = new OperationIds().next(time);
        const { signal } = new AbortController();
        return verb.recover!(
          { url, reference, message: null, changes: [], platform: null, ...input },
          { operationId, taskId: `${operationId}-0`, host: host.name, signal },
        );
      };
      assert.deepEqual(await recover({}), { engineId: result.engineId });
      assert.equal(await recover({ message: 'another' }), null);
      assert.equal(await recover({ url: `${url}?other` }), null);
      assert.equal(await recover({ reference: null }), null);
      assert.equal(await recover({}, Date.now() + 60_000), null);
    }
  });

  it('stores no URL with a password, and no URL that engines cannot fetch', async () => {
    for (const url of [
      'https://me:s3cret@files.example.com/root.tar',
      'file:///etc/passwd',
      'root.tar',
      '-',
      'git://files.example.com/x',
    ]) {
      const error = await fleet.graph.refusal(
        `mutation ($url: String!) { importImage(input: { hosts: { all: true }, url: $url }) { operation { id } } }`,
        { url },
      );
      assert.equal(error.extensions?.['code'], 'BAD_USER_INPUT');
      assert.doesNotMatch(JSON.stringify(error), /s3cret/);
    }
  });
});
