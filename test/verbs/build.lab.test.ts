import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { OperationIds } from '../../src/operations/operation-id.ts';
import { buildVerb } from '../../src/verbs/build-image.ts';
import { imageArchive, startRegistry, waitUntil } from '../lab/index.ts';
import { CredentialSource } from '../../src/registry/credentials.ts';
import { longSleep, runs } from '../support/host-processes.ts';
import { startGitServer } from '../support/git-server.ts';
import {
  busybox,
  onlyTask,
  startVerbFleet,
  startWebServer,
  VERB_HOSTS,
} from '../support/verb-fleet.ts';
import type { VerbFleet, VerbHost, WebServer } from '../support/verb-fleet.ts';

const FIELDS = `id state logTail tasks { host { name } state progress { phase percent }
  error { code message hint retryable }
  result { ... on BuildImageResult { engineId builder cachedSteps steps image {
    engineId tags { familiarName }
    image { config { env labels { key value } } layers { diffId } } } } } }`;

const NO_INPUT = {
  dockerfilePath: null,
  buildArgs: [],
  target: null,
  labels: [],
  noCache: false,
  pull: false,
  platform: null,
  networkMode: null,
};

const SMALL = `FROM busybox:1
ARG WORD=nothing
RUN echo "$WORD" > /word && echo heard "$WORD"
LABEL team=build
`;

describe('buildImage on real engines', () => {
  let fleet: VerbFleet;
  let web: WebServer;
  const allowed: string[] = [];
  let folder: string;
  /** The gateway's own credentials. */
  let configFile: string;

  before(async () => {
    const inTar = 'FROM busybox:1\nCOPY Other /copied\nRUN cat /copied\n';
    web = await startWebServer((request, response) => {
      response.setHeader('Content-Type', 'application/x-tar');
      if (request.url === '/contexts/one.tar')
        response.end(singleFileTar('Other', Buffer.from(inTar)));
      else if (request.url === '/contexts/Dockerfile') {
        response.setHeader('Content-Type', 'text/plain');
        response.end('FROM busybox:1\nRUN echo alone > /alone\n');
      } else response.writeHead(404).end('no such file');
    });
    allowed.push(`${web.url}/contexts/`);
    folder = await mkdtemp(join(tmpdir(), 'dockgraph-build-'));
    configFile = join(folder, 'config.json');
    const source = new CredentialSource([configFile]);
    fleet = await startVerbFleet({
      busybox: true,
      importUrls: allowed,
      gatewayAuth: (registry) => source.find(registry),
    });
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await web?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true });
  });

  // Throw-away engines have no bridge.
  const build = (input: object) =>
    fleet.run(
      'buildImage',
      { hosts: { all: true }, networkMode: 'none', waitSeconds: 120, ...input },
      FIELDS,
    );

  it('builds an inline Dockerfile on all engines at once, and takes it from the cache then', async () => {
    const input = {
      context: { dockerfile: SMALL },
      tags: ['team/small:1', 'small'],
      buildArgs: [{ name: 'WORD', value: 'hello' }],
      labels: [{ key: 'by', value: 'a test' }],
    };
    const first = await build(input);
    assert.equal(first.state, 'SUCCEEDED', JSON.stringify(first));
    for (const { result, progress } of first.tasks) {
      assert.equal(result.image.engineId, result.engineId);
      assert.deepEqual(
        result.image.tags.map(({ familiarName }: any) => familiarName),
        ['small:latest', 'team/small:1'],
      );
      const labels = result.image.image.config.labels.map(({ key, value }: any) => [key, value]);
      assert.deepEqual(labels.sort(), [
        ['by', 'a test'],
        ['team', 'build'],
      ]);
      assert.equal(result.image.image.layers.length, 2);
      assert.equal(progress.phase, 'BUILDING');
      assert.equal(result.builder, 'BUILDKIT');
      assert.equal(result.steps, 2);
      assert.equal(result.cachedSteps, 0);
    }
    for (const name of VERB_HOSTS) {
      const lines = first.logTail.filter((line: string) => line.startsWith(`${name}: `));
      const step = lines.find((line: string) => / #\d+ \[2\/2\] RUN echo "/.test(line));
      assert.ok(step, JSON.stringify(lines));
      const number = /#\d+/.exec(step)![0];
      const said = new RegExp(`^${name}: ${number} \\d\\.\\d{3} heard hello$`);
      assert.ok(
        lines.some((line: string) => said.test(line)),
        JSON.stringify(lines),
      );
    }
    for (const name of VERB_HOSTS) {
      const said = await fleet.engines[name].docker([
        'run',
        '--rm',
        '--network=none',
        'small',
        'cat',
        '/word',
      ]);
      assert.equal(said, 'hello\n');
    }

    const again = await build(input);
    for (const [index, { result }] of again.tasks.entries()) {
      assert.deepEqual([result.cachedSteps, result.steps], [1, 2], JSON.stringify(again.logTail));
      assert.equal(result.engineId, first.tasks[index].result.engineId);
    }
    const anew = await build({ ...input, noCache: true });
    for (const { result } of anew.tasks) assert.equal(result.cachedSteps, 0);
  });

  it('builds a target without a tag', async () => {
    const dockerfile = `FROM busybox:1 AS one\nRUN echo one > /one\nFROM one AS two\nRUN false\n`;
    const operation = await build({ context: { dockerfile }, target: 'one' });
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
    for (const { result } of operation.tasks) {
      assert.deepEqual(result.image?.tags, [], JSON.stringify(result));
    }
  });

  it('builds what engines fetch: a tar with a path in it, a single Dockerfile', async () => {
    const tar = await build({
      context: { url: `${web.url}/contexts/one.tar` },
      dockerfilePath: 'Other',
      tags: ['from-tar'],
    });
    assert.equal(tar.state, 'SUCCEEDED', JSON.stringify(tar));
    const single = await build({
      context: { url: `${web.url}/contexts/Dockerfile` },
      tags: ['from-file'],
    });
    assert.equal(single.state, 'SUCCEEDED', JSON.stringify(single));
  });

  it('builds a branch and folder of a Git repository', async () => {
    await using git = await startGitServer({
      'app/Dockerfile': 'FROM busybox:1\nCOPY it /it\n',
      'app/it': 'x',
      Dockerfile: 'FROM busybox:1\nCOPY app/it /it\n',
    });
    allowed.push(git.url);
    const contexts = { CLASSIC: '#topic:app', BUILDKIT: '#topic' };
    for (const [builder, part] of Object.entries(contexts)) {
      const context = { url: `${git.url}/repo.git${part}` };
      const operation = await build({ context, tags: ['git'] });
      for (const { host, state, result, error } of operation.tasks) {
        if (host.name === 'old') {
          assert.equal(state, 'SUCCEEDED', JSON.stringify(error));
          // The BuildKit of 20.10 takes no folders.
          assert.deepEqual([result.builder, result.steps], [builder, 2]);
        } else {
          // The lab's newer engines have no git, as many hosts.
          assert.equal(error.code, 'ENGINE_ERROR', error.message);
          assert.equal(error.hint, `install git on ${host.name}`);
          assert.equal(error.retryable, false);
        }
      }
    }
  });

  it('sends no engine to a URL that is not allowed', async () => {
    const asked = web.asked.length;
    const operation = await build({ context: { url: `${web.url}/elsewhere/one.tar` } });
    for (const { error } of operation.tasks) {
      assert.equal(error.code, 'FORBIDDEN');
      assert.match(error.hint, /DOCKGRAPH_IMPORT_URLS/);
    }
    assert.equal(web.asked.length, asked);
    const missing = await build({ context: { url: `${web.url}/contexts/none` } });
    for (const { error } of missing.tasks) assert.match(error.message, /404/);
  });

  for (const host of VERB_HOSTS) {
    const hosts = { names: [host] };

    it(`says in which step it failed, with the output: ${host}`, async () => {
      const dockerfile =
        'FROM busybox:1\nRUN echo about to fail; echo oh no >&2; exit 3\nRUN true\n';
      const operation = await build({ hosts, context: { dockerfile }, tags: ['failed'] });
      const { error } = onlyTask(operation, 'FAILED');
      assert.equal(error.code, 'ENGINE_ERROR');
      assert.match(
        error.message,
        /exit code: 3 \(step 2\/3: RUN echo about to fail; .*; it said: /,
      );
      // In whatever order the two streams came.
      for (const words of ['about to fail', 'oh no']) {
        assert.ok(error.message.split('; it said: ')[1].includes(words), error.message);
        const line = operation.logTail.find((text: string) => text.endsWith(` ${words}`));
        assert.match(line, /^#\d+ \d\.\d{3} /);
      }
      assert.equal(error.hint, 'the output of the step says why');
      assert.equal(error.retryable, false);
      assert.equal(
        fleet.graph.fleet.host(host).slot.tags.has('docker.io/library/failed:latest'),
        false,
      );
      assert.equal(await containers(host), '');
    });

    it(`says what is wrong with a Dockerfile: ${host}`, async () => {
      const cases: [string, string, RegExp][] = [
        ['FROM busybox:1\nNONSENSE x\n', 'BAD_USER_INPUT', /unknown instruction: NONSENSE/i],
        ['RUN true\n', 'BAD_USER_INPUT', /no build stage in current context/i],
        ['FROM 127.0.0.1:1/none:1\n', 'ENGINE_ERROR', /127\.0\.0\.1:1.*connection refused/],
        ['FROM busybox:1\nCOPY nothing /\n', 'ENGINE_ERROR', /step 2\/2: COPY nothing/],
      ];
      for (const [dockerfile, code, message] of cases) {
        const { error } = onlyTask(await build({ hosts, context: { dockerfile } }), 'FAILED');
        assert.match(error.message, message);
        assert.equal(error.code, code, error.message);
      }
    });

    it(`stops on the engine when it is cancelled: ${host}`, async () => {
      const sleep = longSleep();
      const dockerfile = `FROM busybox:1\nRUN echo before\nRUN ${sleep}\nRUN true\n`;
      const { id } = await build({
        hosts,
        context: { dockerfile },
        tags: ['slow'],
        waitSeconds: 0,
      });
      const look = async () =>
        (await fleet.graph.ask(`query ($id: ID!) { operation(id: $id) { ${FIELDS} } }`, { id }))
          .operation;
      await waitUntil(() => runs(sleep), {
        what: 'the step to run',
        deadlineMs: 30_000,
      });
      const running = await look();
      assert.equal(running.tasks[0].progress.percent, 50);
      assert.match(running.logTail.join('\n'), /^#\d+ \d\.\d{3} before$/m);
      await fleet.graph.ask(
        'mutation ($id: ID!) { cancelOperation(input: { id: $id }) { operation { state } } }',
        { id },
      );
      const { operation } = await fleet.graph.ask(
        `query ($id: ID!) { operation(id: $id, waitSeconds: 20) { ${FIELDS} } }`,
        { id },
      );
      const { error } = onlyTask(operation, 'CANCELLED');
      assert.ok(
        error.message.includes(`cancelled by anonymous: stopped in step 3/4: RUN ${sleep}`),
        error.message,
      );
      await waitUntil(async () => !(await runs(sleep)), {
        what: 'the step to be gone',
        deadlineMs: 15_000,
      });
    });
  }

  const containers = (host: (typeof VERB_HOSTS)[number]) =>
    fleet.engines[host].docker(['ps', '--all', '--no-trunc', '--format={{.Command}}']);

  it('pulls what it builds on with the credentials of the request, or the gateway', async () => {
    const htpasswd = { username: 'jo', password: 'open-sesame' };
    await using registry = await startRegistry({ htpasswd });
    const { address } = registry;
    const docker = (args: string[], options = {}) => fleet.engines.old.docker(args, options);
    const base = `${address}/base:1`;
    const image = await busybox('of the private registry');
    await docker(['load'], { input: imageArchive([{ image, tags: [base] }]) });
    await docker(['login', '--username=jo', '--password=open-sesame', address]);
    await docker(['push', base]);
    await docker(['rmi', base]);
    // Its name is an argument: no one who only reads the Dockerfile knows the registry.
    const context = { dockerfile: 'ARG BASE\nFROM $BASE\nRUN true\n' };
    const input = { context, tags: ['private'], pull: true };
    const buildArgs = [{ name: 'BASE', value: base }];
    const refused = await build({ ...input, buildArgs });
    for (const { error } of refused.tasks) {
      assert.equal(error.code, 'FORBIDDEN', error.message);
      assert.equal(error.hint, `give credentials for ${address}`);
    }
    const wrong = [{ registry: address, username: 'jo', password: 'wrong-word' }];
    for (const { error } of (await build({ ...input, buildArgs, credentials: wrong })).tasks) {
      assert.equal(error.code, 'FORBIDDEN', error.message);
      assert.match(error.hint, /refuses the credentials given/);
      assert.doesNotMatch(JSON.stringify(error), /wrong-word/);
    }
    const missing = [{ name: 'BASE', value: `${address}/nope:1` }];
    const credentials = [{ registry: address, ...htpasswd }];
    for (const { error } of (await build({ ...input, buildArgs: missing, credentials })).tasks) {
      assert.equal(error.code, 'NOT_FOUND', error.message);
    }
    const built = await build({ ...input, buildArgs, credentials });
    assert.equal(built.state, 'SUCCEEDED', JSON.stringify(built));
    for (const { result, progress } of built.tasks) {
      assert.ok(result.image, JSON.stringify(result));
      assert.equal(progress.percent, 100);
    }
    const { operation } = await fleet.graph.ask(
      'query ($id: ID!) { operation(id: $id) { input logTail(lines: 1000) } }',
      { id: built.id },
    );
    assert.doesNotMatch(JSON.stringify(operation), /open-sesame/);

    // As `docker login` on the gateway's machine writes it.
    const auth = Buffer.from('jo:open-sesame').toString('base64');
    await writeFile(configFile, JSON.stringify({ auths: { [address]: { auth } } }));
    const byGateway = await build({ ...input, buildArgs, noCache: true });
    assert.equal(byGateway.state, 'SUCCEEDED', JSON.stringify(byGateway));
    await rm(configFile);
  });

  it('is built by the classic builder on a network that BuildKit does not take', async () => {
    const hosts = { names: ['old', 'new'] };
    for (const name of hosts.names as VerbHost[]) {
      const lender = 'run --detach --rm --network=none --name=lender busybox:1 sleep 1000';
      await fleet.engines[name].docker(lender.split(' '));
    }
    const networkMode = 'container:lender';
    const dockerfile = 'FROM busybox:1\nRUN echo from the classic one; exit 3\n';
    const failed = await build({ hosts, networkMode, context: { dockerfile } });
    for (const { error } of failed.tasks) {
      assert.match(error.message, /returned a non-zero code: 3 \(step 2\/2: RUN echo from/);
    }
    const built = await build({
      hosts,
      networkMode,
      context: { dockerfile: SMALL },
      tags: ['lent'],
    });
    assert.equal(built.state, 'SUCCEEDED', JSON.stringify(built));
    for (const { result } of built.tasks) {
      assert.deepEqual([result.builder, result.steps, result.cachedSteps], ['CLASSIC', 4, 0]);
    }
    for (const name of hosts.names as VerbHost[]) {
      await fleet.engines[name].docker(['kill', 'lender']);
    }
  });

  it('is found finished after a crash by its tags, if it is younger than the operation', async () => {
    const asked = Date.now();
    const id = (time: number) => new OperationIds().next(time);
    const dockerfile = `FROM busybox:1\nRUN echo ${asked}\n`;
    const tags = ['docker.io/team/found:1', 'docker.io/team/found:2'];
    const built = await build({ context: { dockerfile }, tags });
    assert.equal(built.state, 'SUCCEEDED', JSON.stringify(built));
    const verb = buildVerb({
      fleet: fleet.graph.fleet,
      authFor: async () => undefined,
      importUrls: [],
      uploads: fleet.graph.uploads,
    });
    for (const { host, result } of built.tasks) {
      const recover = (operationId: string, names: string[]) =>
        verb.recover!(
          { ...NO_INPUT, context: { dockerfile }, tags: names },
          {
            operationId,
            taskId: `${operationId}-0`,
            host: host.name,
            signal: new AbortController().signal,
          },
        );
      const found = await recover(id(asked), tags);
      assert.deepEqual(found, {
        engineId: result.engineId,
        builder: null,
        cachedSteps: null,
        steps: null,
      });
      assert.equal(await recover(id(asked), [...tags, 'docker.io/library/busybox:1']), null);
      assert.equal(await recover(id(asked), []), null);
      assert.equal(await recover(id(Date.now() + 60_000), tags), null);
    }
  });

  it('refuses what cannot be before anything is stored', async () => {
    const cases: [object, string][] = [
      [{ context: { dockerfile: ' \n' } }, 'BAD_USER_INPUT'],
      [{ context: { dockerfile: 'x'.repeat(256 * 1024 + 1) } }, 'LIMIT_EXCEEDED'],
      [{ context: { dockerfile: SMALL }, dockerfilePath: 'Other' }, 'BAD_USER_INPUT'],
      [{ context: { dockerfile: SMALL }, tags: ['UPPER'] }, 'BAD_REFERENCE'],
      [{ context: { url: 'https://token@git.example.com/a.git' } }, 'BAD_USER_INPUT'],
      [{ context: { url: 'git@git.example.com:a.git' } }, 'BAD_USER_INPUT'],
      // GraphQL itself sees to @oneOf.
      [{ context: { url: 'https://a/', dockerfile: SMALL } }, 'GRAPHQL_VALIDATION_FAILED'],
    ];
    for (const [input, code] of cases) {
      const error = await fleet.graph.refusal(
        'mutation ($input: BuildImageInput!) { buildImage(input: $input) { operation { id } } }',
        { input: { hosts: { all: true }, ...input } },
      );
      assert.equal(error.extensions?.['code'], code, JSON.stringify(error));
    }
  });
});
