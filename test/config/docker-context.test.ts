import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { dockerCliHost } from '../../src/config/docker-context.ts';
import { problemsOf, testFolder } from './config-fixtures.ts';
import type { TestFolder } from './config-fixtures.ts';
import { selfSigned } from './self-signed.ts';

const { cert, key } = selfSigned('docker');

/** A context's files as `docker context create` 28.2 writes them. */
function context(
  name: string,
  host: string,
  { skip = false, tls = [] as string[] } = {},
): Record<string, string> {
  const folder = createHash('sha256').update(name).digest('hex');
  const meta = `{"Name":${JSON.stringify(name)},"Metadata":{},"Endpoints":{"docker":{"Host":${JSON.stringify(host)},"SkipTLSVerify":${skip}}}}`;
  const files: Record<string, string> = {};
  files[`home/.docker/contexts/meta/${folder}/meta.json`] = meta;
  for (const file of tls) {
    files[`home/.docker/contexts/tls/${folder}/docker/${file}`] = file === 'key.pem' ? key : cert;
  }
  return files;
}

async function find(folder: TestFolder, variables: Record<string, string> = {}) {
  // The machine that runs the tests may have an engine of its own.
  return dockerCliHost(folder.environment(variables), folder.file('run/docker.sock'));
}

test('follows DOCKER_HOST in docker’s words', async (t) => {
  const folder = await testFolder(t);
  const table: [address: string, endpoint: object][] = [
    ['tcp://127.0.0.1:5', { transport: 'TCP', host: '127.0.0.1', port: 5 }],
    ['tcp://127.0.0.1', { transport: 'TCP', host: '127.0.0.1', port: 2375 }],
    ['127.0.0.1:5', { transport: 'TCP', host: '127.0.0.1', port: 5 }],
    ['box', { transport: 'TCP', host: 'box', port: 2375 }],
    ['tcp://:77', { transport: 'TCP', host: 'localhost', port: 77 }],
    ['tcp://[::1]', { transport: 'TCP', host: '::1', port: 2375 }],
    [' unix:///x.sock ', { transport: 'UNIX', socketPath: '/x.sock' }],
    ['unix://', { transport: 'UNIX', socketPath: '/var/run/docker.sock' }],
  ];
  for (const [DOCKER_HOST, endpoint] of table) {
    const found = await find(folder, { DOCKER_HOST });
    assert.deepEqual(found.host, { name: 'default', labels: {}, endpoint }, DOCKER_HOST);
    assert.equal(found.decidedBy, 'DOCKER_HOST');
  }
});

test('resolves an ssh address through ssh_config', async (t) => {
  const folder = await testFolder(t);
  await folder.write({
    'home/.ssh/config': 'Host far\n  HostName 10.0.0.9\n  User ops\nMatch exec true\n  Port 1\n',
  });
  const { host, warnings } = await find(folder, { DOCKER_HOST: 'ssh://far:2200' });
  assert.partialDeepStrictEqual(host.endpoint, { host: '10.0.0.9', user: 'ops', port: 2200 });
  assert.equal(warnings.length, 1);
});

test('takes TLS from DOCKER_TLS_VERIFY and DOCKER_CERT_PATH', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'pki/ca.pem': cert, 'pki/cert.pem': cert, 'pki/key.pem': key });
  const files = {
    caFile: folder.file('pki/ca.pem'),
    certFile: folder.file('pki/cert.pem'),
    keyFile: folder.file('pki/key.pem'),
  };
  const table: [variables: Record<string, string>, endpoint: object][] = [
    // docker keeps to 2375 where a host is named without its port.
    [
      { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' },
      { transport: 'TLS', host: 'h', port: 2375, ...files },
    ],
    [{ DOCKER_TLS_VERIFY: '1' }, { transport: 'TLS', host: 'localhost', port: 2376, ...files }],
    [
      { DOCKER_HOST: 'tcp://h:1', DOCKER_TLS: '1' },
      { transport: 'TLS', host: 'h', port: 1, ...files, skipVerify: true },
    ],
    [
      { DOCKER_HOST: 'unix:///x', DOCKER_TLS_VERIFY: '1' },
      { transport: 'UNIX', socketPath: '/x' },
    ],
  ];
  for (const [variables, endpoint] of table) {
    const { host } = await find(folder, { DOCKER_CERT_PATH: 'pki', ...variables });
    assert.deepEqual(host.endpoint, endpoint);
  }
});

test('looks for certificates in the docker configuration by default', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'home/.docker/ca.pem': cert, 'other/ca.pem': cert });
  const variables = { DOCKER_HOST: 'tcp://h:1', DOCKER_TLS_VERIFY: '1' };
  const caFileOf = async (more: Record<string, string>) => {
    const { endpoint } = (await find(folder, { ...variables, ...more })).host;
    return endpoint.transport === 'TLS' ? endpoint.caFile : undefined;
  };
  assert.equal(await caFileOf({}), folder.file('home/.docker/ca.pem'));
  assert.equal(await caFileOf({ DOCKER_CONFIG: 'other' }), folder.file('other/ca.pem'));
});

test('reads contexts as docker writes them', async (t) => {
  const folder = await testFolder(t);
  await folder.write({
    ...context('plain', 'tcp://127.0.0.1:9'),
    ...context('noport', 'tcp://box'),
    ...context('caonly', 'tcp://box', { tls: ['ca.pem'] }),
    ...context('a+b', 'tcp://127.0.0.1:9', {
      skip: true,
      tls: ['ca.pem', 'cert.pem', 'key.pem'],
    }),
    ...context('sock', 'unix:///var/run/other.sock'),
    ...context('far', 'ssh://me@far:2200'),
    ...context(`_${'x'.repeat(80)}`, ''),
  });
  // The folder that docker 28.2 itself made for this name.
  const folderOfCaOnly = '6afcdc9bdb8ee147fd2d0f48e7058a4cc57da43ebbafbd0f571e5c79698b40e3';
  const tls = (name: string, file: string) =>
    folder.file(`home/.docker/contexts/tls/${name}/docker/${file}`);
  const folderOfAB = '300273daf0bb57c239f83585d71ced54ce6b3b5fb81615abbeeb3f9cf5fae92f';
  const table: [name: string, hostName: string, endpoint: object][] = [
    ['plain', 'plain', { transport: 'TCP', host: '127.0.0.1', port: 9 }],
    ['noport', 'noport', { transport: 'TCP', host: 'box', port: 2375 }],
    [
      'caonly',
      'caonly',
      { transport: 'TLS', host: 'box', port: 2376, caFile: tls(folderOfCaOnly, 'ca.pem') },
    ],
    [
      'a+b',
      'a-b',
      {
        transport: 'TLS',
        host: '127.0.0.1',
        port: 9,
        caFile: tls(folderOfAB, 'ca.pem'),
        certFile: tls(folderOfAB, 'cert.pem'),
        keyFile: tls(folderOfAB, 'key.pem'),
        skipVerify: true,
      },
    ],
    ['sock', 'sock', { transport: 'UNIX', socketPath: '/var/run/other.sock' }],
    [
      `_${'x'.repeat(80)}`,
      'x'.repeat(63),
      { transport: 'UNIX', socketPath: '/var/run/docker.sock' },
    ],
  ];
  for (const [DOCKER_CONTEXT, name, endpoint] of table) {
    const { host } = await find(folder, { DOCKER_CONTEXT });
    assert.deepEqual(host, { name, labels: {}, endpoint });
  }
  const { host } = await find(folder, { DOCKER_CONTEXT: 'far' });
  assert.partialDeepStrictEqual(host.endpoint, { transport: 'SSH', user: 'me', port: 2200 });
});

test('decides as docker does: DOCKER_HOST, DOCKER_CONTEXT, config.json, the local engine', async (t) => {
  const folder = await testFolder(t);
  const config = folder.file('home/.docker/config.json');
  await folder.write({
    ...context('one', 'tcp://one:1'),
    ...context('two', 'tcp://two:2'),
    'home/.docker/config.json': '{"auths":{},"currentContext":"one"}',
  });
  const table: [variables: Record<string, string>, name: string, decidedBy: string][] = [
    [{}, 'one', `currentContext of ${config}`],
    [{ DOCKER_CONTEXT: 'two' }, 'two', 'DOCKER_CONTEXT=two'],
    [{ DOCKER_CONTEXT: 'default' }, 'default', 'DOCKER_CONTEXT=default'],
    [{ DOCKER_CONTEXT: 'two', DOCKER_HOST: 'tcp://h' }, 'default', 'DOCKER_HOST'],
    [{ DOCKER_CONTEXT: '', DOCKER_HOST: '' }, 'one', `currentContext of ${config}`],
    // TLS variables do not take part in the choice.
    [{ DOCKER_TLS_VERIFY: '1' }, 'one', `currentContext of ${config}`],
    [{ DOCKER_CONFIG: folder.file('nowhere') }, 'default', 'docker’s default'],
  ];
  for (const [variables, name, decidedBy] of table) {
    const found = await find(folder, variables);
    assert.deepEqual([found.host.name, found.decidedBy], [name, decidedBy]);
  }
});

test('falls back to the local socket, or Docker Desktop’s if only that is there', async (t) => {
  const folder = await testFolder(t);
  const usual = folder.file('run/docker.sock');
  const desktop = folder.file('home/.docker/run/docker.sock');
  const socket = async () => (await find(folder)).host.endpoint;
  assert.deepEqual(await socket(), { transport: 'UNIX', socketPath: usual });
  await folder.write({ 'home/.docker/run/docker.sock': '' });
  assert.deepEqual(await socket(), { transport: 'UNIX', socketPath: desktop });
  await folder.write({ 'run/docker.sock': '' });
  assert.deepEqual(await socket(), { transport: 'UNIX', socketPath: usual });
});

test('tells what docker would stumble over, too', async (t) => {
  const folder = await testFolder(t);
  const broken = createHash('sha256').update('broken').digest('hex');
  const cloud = createHash('sha256').update('cloud').digest('hex');
  await folder.write({
    ...context('one', 'tcp://one:1'),
    ...context('npipe', 'npipe:////./pipe/docker_engine'),
    [`home/.docker/contexts/meta/${broken}/meta.json`]: '{"Name":',
    [`home/.docker/contexts/meta/${cloud}/meta.json`]: '{"Name":"cloud","Endpoints":{}}',
  });
  const meta = (hash: string) => folder.file(`home/.docker/contexts/meta/${hash}/meta.json`);
  const forms = 'unix:///PATH, tcp://HOST[:PORT] or ssh://[USER@]HOST[:PORT][/PATH-OF-SOCKET]';
  const table: [variables: Record<string, string>, problem: string][] = [
    [
      { DOCKER_CONTEXT: 'gone' },
      'there is no docker context "gone" (named by DOCKER_CONTEXT=gone); known are default, cloud, npipe, one',
    ],
    [{ DOCKER_CONTEXT: 'cloud' }, `${meta(cloud)} the context "cloud" has no docker endpoint`],
    [
      { DOCKER_CONTEXT: 'npipe' },
      `the docker context "npipe": unsupported scheme "npipe" in "npipe:////./pipe/docker_engine"; expected ${forms}`,
    ],
    [
      { DOCKER_HOST: 'fd://x' },
      `DOCKER_HOST: unsupported scheme "fd" in "fd://x"; expected ${forms}`,
    ],
    [
      { DOCKER_HOST: 'tcp://h:1/base' },
      'DOCKER_HOST: "tcp://h:1/base" has a path; expected tcp://HOST[:PORT]',
    ],
    [
      { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' },
      `DOCKER_HOST: ${folder.file('home/.docker/ca.pem')}: no such file`,
    ],
    [
      { DOCKER_TLS_VERIFY: '1' },
      `docker’s default with TLS: ${folder.file('home/.docker/ca.pem')}: no such file`,
    ],
  ];
  for (const [variables, expected] of table) {
    assert.deepEqual(await problemsOf(() => find(folder, variables)), [expected]);
  }
  const [problem] = await problemsOf(() => find(folder, { DOCKER_CONTEXT: 'broken' }));
  assert.ok(problem?.startsWith(`${meta(broken)} is no docker context: `), problem);
});

test('warns of a broken config.json and goes on, as docker does', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'home/.docker/config.json': '{"currentContext": 5}' });
  const { host, warnings } = await find(folder);
  assert.equal(host.name, 'default');
  assert.match(warnings.join(), /config\.json is left out: currentContext: /);
});
