import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, HOST_NAMES, imageArchive, lab, startEngine } from '../lab/index.ts';
import type { Lab, LabRegistry } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';
import { ENGINE_KINDS } from '../support/own-engine.ts';
import { busybox, onlyTask } from '../support/verb-fleet.ts';

const OPERATION = `operation { state tasks { hostName state error { code message hint retryable }
  result { ... on PullImageResult { pulled { digest isNew } }
    ... on PushImageResult { pushed { digest } }
    ... on CheckRegistryCredentialsResult { checked { registry fromRequest } } } } }`;

const REMOTE = `query ($ref: String!, $host: String!) {
  tag(ref: $ref) { remote(host: $host) { digest upToDate } } }`;

const REGISTRY = `query ($name: String!, $filter: RepositoryFilter, $path: String!) {
  registry(name: $name) {
    repositories(first: 1000, filter: $filter) { nodes { name } }
    repository(name: $path) { tags { totalCount nodes { name digest tag { targets { host { name } } } } } } } }`;

describe('private registries on every engine of the lab', () => {
  let theLab: Lab;
  let folder: string;
  let graph: Graph;
  let tls: LabRegistry;
  let locked: LabRegistry;
  const path = process.env['PATH'];

  before(async () => {
    theLab = await lab();
    ({ tls, locked } = theLab.registries);
    folder = await mkdtemp(join(tmpdir(), 'dockgraph-registries-'));
    await writeHelper(folder, [tls, locked]);
    process.env['PATH'] = `${folder}:${path}`;
    await mkdir(join(folder, 'certs', tls.address), { recursive: true });
    await copyFile(tls.ca!, join(folder, 'certs', tls.address, 'ca.crt'));
    graph = await startGraph(theLab, folder);
    const image = await busybox('private registries');
    await Promise.all(
      HOST_NAMES.map((host) =>
        theLab.docker(host, ['load'], {
          input: imageArchive([{ image, tags: [tls, locked].map((to) => named(to, host)) }]),
        }),
      ),
    );
    await graph.ask(
      'mutation { refreshHosts(input: { hosts: { all: true } }) { operation { id } } }',
    );
  });
  after(async () => {
    process.env['PATH'] = path;
    await graph?.[Symbol.asyncDispose]();
    for (const host of theLab ? HOST_NAMES : []) {
      for (const to of [tls, locked]) {
        // A test that failed in the middle may have removed it.
        await theLab.docker(host, ['rmi', '--force', named(to, host)]).catch(() => undefined);
      }
    }
    if (folder) await rm(folder, { recursive: true });
  });

  const run = async (mutation: string, input: object) => change(graph, mutation, input);

  for (const kind of ['tls', 'locked'] as const) {
    for (const host of HOST_NAMES) {
      it(`push, pull and remote digest with a credential helper: ${kind}, ${host}`, async () => {
        const registry = theLab.registries[kind];
        const references = [named(registry, host)];
        const hosts = { names: [host] };
        const pushed = onlyTask(await run('pushImage', { hosts, references }), 'SUCCEEDED');
        const [{ digest }] = pushed.result.pushed;
        const remote = await graph.ask(REMOTE, { ref: references[0], host });
        assert.deepEqual(remote.tag.remote, { digest, upToDate: true });
        await theLab.docker(host, ['rmi', references[0]!]);
        const pulled = onlyTask(await run('pullImage', { hosts, references }), 'SUCCEEDED');
        assert.equal(pulled.result.pulled[0].digest, digest);
        const data = await graph.ask(REGISTRY, {
          name: registry.address,
          filter: { name: ['registry-test/*'] },
          path: `registry-test/${host}`,
        });
        const { repositories, repository } = data.registry;
        assert.ok(repositories.nodes.some(({ name }: any) => name === `registry-test/${host}`));
        assert.equal(repository.tags.totalCount, 1);
        assert.deepEqual(repository.tags.nodes, [
          { name: '1', digest, tag: { targets: [{ host: { name: host } }] } },
        ]);
      });
    }
  }

  it('credentials are checked on all hosts at once, and are nowhere afterwards', async () => {
    const registries = [tls.address, locked.address];
    const input = { hosts: { all: true }, registries };
    const own = await run('checkRegistryCredentials', input);
    assert.equal(own.state, 'SUCCEEDED', JSON.stringify(own));
    assert.equal(own.tasks.length, HOST_NAMES.length);
    for (const { result } of own.tasks) {
      const expected = registries.map((registry) => ({ registry, fromRequest: false }));
      assert.deepEqual(result.checked, expected);
    }
    const given = (password: string) =>
      registries.map((registry) => ({ registry, username: tls.username, password }));
    const right = await run('checkRegistryCredentials', {
      ...input,
      credentials: given(tls.password!),
    });
    assert.equal(right.state, 'SUCCEEDED', JSON.stringify(right));
    assert.equal(right.tasks[0].result.checked[1].fromRequest, true);
    const wrong = await run('checkRegistryCredentials', {
      ...input,
      credentials: given('pa55w0rd'),
    });
    assert.equal(wrong.state, 'FAILED');
    for (const { error } of wrong.tasks) {
      assert.equal(error.code, 'FORBIDDEN', error.message);
      assert.match(error.hint, /refuses the credentials given/);
    }
    const none = await run('checkRegistryCredentials', {
      ...input,
      registries: [theLab.registries.open.address],
    });
    for (const { error } of none.tasks) {
      assert.equal(error.code, 'FORBIDDEN');
      assert.equal(error.hint, `give credentials for ${theLab.registries.open.address}`);
    }
    const { data } = await graph.query(
      '{ operations(first: 100) { nodes { input logTail tasks { result { __typename } error { message } } } } }',
    );
    const everything = JSON.stringify([data, own, right, wrong, none]);
    assert.ok(everything.includes(tls.address));
    assert.doesNotMatch(everything, new RegExp(`pa55w0rd|${tls.password}`));
  });

  it('a check that makes no sense starts nothing', async () => {
    const check = `mutation ($input: CheckRegistryCredentialsInput!) {
      checkRegistryCredentials(input: $input) { operation { id } } }`;
    const hosts = { all: true };
    for (const registries of [[], ['team'], ['https://a.example'], ['a.example/team']]) {
      const error = await graph.refusal(check, { input: { hosts, registries } });
      assert.match(String(error.extensions?.['code']), /^BAD_/, JSON.stringify(registries));
    }
    // Not those of Docker Hub, as which a user's name would be read in a reference.
    const unclear = [{ registry: 'team', username: 'ada', password: 'love' }];
    const misled = await graph.refusal(check, {
      input: { hosts, registries: ['docker.io'], credentials: unclear },
    });
    assert.equal(misled.extensions?.['code'], 'BAD_REFERENCE');
    const half = [{ registry: 'a.example', username: 'ada' }];
    const input = { hosts, registries: ['a.example'], credentials: half };
    const error = await graph.refusal(check, { input });
    assert.equal(error.extensions?.['code'], 'BAD_USER_INPUT');
  });

  it('a registry that is down is named by every host', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const down = await run('checkRegistryCredentials', {
      hosts: { all: true },
      registries: [address],
      credentials: [{ registry: address, username: 'a', password: 'b' }],
    });
    for (const { error } of down.tasks) {
      assert.equal(error.code, 'ENGINE_ERROR', error.message);
      assert.equal(error.retryable, true);
      assert.match(error.hint, new RegExp(`does not reach ${address}`));
    }
  });

  it('without credentials a remote digest is refused with a hint, and a wrong password too', async () => {
    const file = join(folder, 'wrong.json');
    const auth = Buffer.from(`${locked.username}:pa55w0rd`).toString('base64');
    await writeFile(file, JSON.stringify({ auths: { [locked.address]: { auth } } }));
    const cases: [string[], RegExp][] = [
      [[], new RegExp(`^give credentials for ${locked.address}$`)],
      [[file], /refuses the credentials given/],
    ];
    for (const [credentialFiles, hint] of cases) {
      await using other = await startGraph(theLab, folder, { credentialFiles });
      for (const host of HOST_NAMES) {
        const { data, errors } = await other.query(REMOTE, { ref: named(locked, host), host });
        assert.equal(data.tag.remote, null);
        const [error] = errors;
        assert.equal(error?.extensions?.['code'], 'FORBIDDEN', error?.message);
        assert.equal(error?.extensions?.['host'], host);
        assert.match(String(error?.extensions?.['hint']), hint, host);
        assert.doesNotMatch(JSON.stringify(errors), /pa55w0rd/);
      }
      const asked = await other.query(REGISTRY, {
        name: locked.address,
        path: 'registry-test/alpha',
      });
      assert.equal(asked.data.registry.repositories, null);
      for (const { extensions } of asked.errors) {
        assert.equal(extensions?.['code'], 'FORBIDDEN');
        assert.match(String(extensions?.['hint']), /credentials/);
      }
    }
  });

  it('a registry whose authority the gateway does not know is not asked any further', async () => {
    const certificates = [join(folder, 'nothing'), join(folder, 'foreign')];
    await mkdir(join(certificates[1]!, tls.address), { recursive: true });
    const foreign = theLab.negative.tls.wrongCa.ca;
    await copyFile(foreign, join(certificates[1]!, tls.address, 'ca.crt'));
    for (const folderOf of certificates) {
      await using other = await startGraph(theLab, folder, { certificates: folderOf });
      const { data, errors } = await other.query(REGISTRY, { name: tls.address, path: 'x' });
      assert.equal(data.registry.repositories, null);
      for (const { message, extensions } of errors) {
        assert.equal(extensions?.['code'], 'ENGINE_ERROR');
        assert.match(message, /has a certificate that is not trusted/);
        assert.ok(String(extensions?.['hint']).includes(`${folderOf}/${tls.address}/ca.crt`));
        assert.equal(extensions?.['retryable'], false);
      }
    }
  });

  for (const kind of ENGINE_KINDS) {
    const engineName = `${kind.release}, ${kind.store} store`;
    it(`an engine that does not know the authority says so: ${engineName}`, async () => {
      const trusts = [{ address: tls.address, ca: theLab.negative.tls.wrongCa.ca }];
      await using engine = await startEngine({ ...kind, trusts });
      const image = await busybox('untrusted');
      const reference = named(tls, 'own');
      await engine.docker(['load'], { input: imageArchive([{ image, tags: [reference] }]) });
      await using other = await Graph.start(
        [
          {
            name: 'own',
            labels: {},
            endpoint: { transport: 'UNIX', socketPath: engine.socketPath },
          },
        ],
        { credentialFiles: [join(folder, 'config.json')] },
      );
      const hosts = { names: ['own'] };
      const tasks = [
        await change(other, 'pushImage', { hosts, references: [reference] }),
        await change(other, 'pullImage', { hosts, references: [named(tls, 'alpha')] }),
        await change(other, 'checkRegistryCredentials', { hosts, registries: [tls.address] }),
      ].map((operation) => onlyTask(operation, 'FAILED'));
      for (const { error } of tasks) {
        assert.equal(error.code, 'ENGINE_ERROR', error.message);
        assert.equal(error.retryable, false);
        assert.match(error.message, /x509: certificate signed by unknown authority/);
        assert.match(error.hint, /does not trust the certificate of .*certs\.d/);
      }
      const error = await other.refusal(REMOTE, { ref: reference, host: 'own' });
      assert.equal(error.extensions?.['code'], 'ENGINE_ERROR');
      assert.match(String(error.extensions?.['hint']), /does not trust the certificate/);
    });
  }
});

function named({ address }: LabRegistry, host: string): string {
  return `${address}/registry-test/${host}:1`;
}

/** A graph over all hosts of the lab that may ask its registries. */
async function startGraph(
  theLab: Lab,
  folder: string,
  {
    credentialFiles = [join(folder, 'config.json')],
    certificates = join(folder, 'certs'),
  }: { credentialFiles?: string[]; certificates?: string } = {},
): Promise<Graph> {
  const allowed = Object.values(theLab.registries).map(({ address }) => ({
    host: address,
    plainHttp: false,
  }));
  const graph = await Graph.start(
    HOST_NAMES.map((name) => ({ name, labels: {}, endpoint: labEndpoint(theLab, name) })),
    { credentialFiles, registries: { allowed, certificates } },
  );
  return graph;
}

/** A program as `docker login` leaves passwords to, and a config.json that names it. */
async function writeHelper(folder: string, registries: LabRegistry[]): Promise<void> {
  const answers = registries.map(
    ({ address, username, password }) =>
      `${address}) echo '{"Username":"${username}","Secret":"${password}"}';;`,
  );
  const program = `#!/bin/sh
[ "$1" = get ] || exit 2
read server
case "$server" in
${answers.join('\n')}
*) echo 'credentials not found in native keychain'; exit 1;;
esac
`;
  const file = join(folder, 'docker-credential-lab-registries');
  await writeFile(file, program);
  await chmod(file, 0o755);
  const credHelpers = Object.fromEntries(
    registries.map(({ address }) => [address, 'lab-registries']),
  );
  await writeFile(join(folder, 'config.json'), JSON.stringify({ credHelpers }));
}

async function change(graph: Graph, mutation: string, input: object): Promise<any> {
  const type = mutation[0]!.toUpperCase() + mutation.slice(1);
  const data = await graph.ask(
    `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { ${OPERATION} } }`,
    { input: { waitSeconds: 120, ...input } },
  );
  return data[mutation].operation;
}
