import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import { formatEndpoint } from '../../src/engine/endpoint.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import { GatewayProcess, runCli } from './gateway-process.ts';

const hostsYaml = (hosts: Record<string, { endpoint: EngineEndpoint }>) =>
  `hosts:\n${Object.entries(hosts)
    .map(([name, { endpoint }]) => `  - name: ${name}\n    endpoint: ${formatEndpoint(endpoint)}\n`)
    .join('')}`;

const HOSTS = '{ hosts { nodes { name state images { totalCount } } } }';

describe('dockgraph serve', () => {
  it('serves a hosts file and follows its changes; a broken file leaves the hosts as they are', async () => {
    await using alpha = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using bravo = await FakeEngine.start({
      images: [fakeImage('app:1'), fakeImage('app:2')],
    });
    await using gateway = new GatewayProcess();
    const file = join(gateway.folder, 'dockgraph.yaml');
    writeFileSync(file, hostsYaml({ alpha }));
    await gateway.serve(['--config', file]);
    await gateway.logged(/host alpha is ONLINE/);

    // As editors and configuration managers write: another file in its place.
    writeFileSync(`${file}.new`, hostsYaml({ alpha, bravo }));
    renameSync(`${file}.new`, file);
    await gateway.logged(/host bravo is ONLINE/);
    const expected = [
      { name: 'alpha', state: 'ONLINE', images: { totalCount: 1 } },
      { name: 'bravo', state: 'ONLINE', images: { totalCount: 2 } },
    ];
    assert.deepEqual((await gateway.ask(HOSTS)).data.hosts.nodes, expected);

    writeFileSync(file, 'hosts:\n  - name: alpha\n    endpint: tcp://nowhere:1\n');
    const [message] = await gateway.logged(/hosts file not reloaded, the old hosts stay: .*/s);
    assert.match(message, /dockgraph\.yaml:3:5.*endpint/s);
    assert.deepEqual((await gateway.ask(HOSTS)).data.hosts.nodes, expected);

    writeFileSync(file, hostsYaml({ bravo }));
    await gateway.logged(/hosts file reloaded/);
    for (let nodes = expected; nodes.length > 1;)
      nodes = (await gateway.ask(HOSTS)).data.hosts.nodes;
  });

  it('uses what the docker CLI would use where no hosts file is given', async () => {
    await using engine = await FakeEngine.start({ images: [fakeImage('app:1')] });
    await using gateway = new GatewayProcess();
    await gateway.serve([], { HOME: gateway.folder, DOCKER_HOST: formatEndpoint(engine.endpoint) });
    await gateway.logged(/is ONLINE/);
    const { data } = await gateway.ask(HOSTS);
    assert.deepEqual(data.hosts.nodes, [
      { name: 'default', state: 'ONLINE', images: { totalCount: 1 } },
    ]);
  });

  it('drains on SIGTERM and ends well', async () => {
    await using alpha = await FakeEngine.start();
    await using gateway = new GatewayProcess();
    const file = join(gateway.folder, 'dockgraph.yaml');
    writeFileSync(file, hostsYaml({ alpha }));
    await gateway.serve(['--config', file]);
    await gateway.logged(/host alpha is ONLINE/);
    assert.equal(await gateway.end('SIGTERM'), 0);
    await gateway.logged(/^closed$/);
    assert.equal(alpha.subscribers, 0);
  });

  it('asks for a token where a tokens file is given, and takes another one in force at once', async () => {
    await using alpha = await FakeEngine.start();
    await using gateway = new GatewayProcess();
    const file = join(gateway.folder, 'dockgraph.yaml');
    const tokens = join(gateway.folder, 'tokens');
    writeFileSync(file, hostsYaml({ alpha }));
    const { stdout } = await runCli(['token', 'ops']);
    const [, token, line] = /: (dg_\S+)\n.*: (ops: sha256:[0-9a-f]{64})\n/.exec(stdout)!;
    writeFileSync(tokens, `${line}\n`);
    await gateway.serve(['--config', file, '--tokens', tokens]);
    const viewer = '{ viewer { name authenticated } }';
    const refused = await gateway.ask(viewer);
    assert.equal(refused.status, 401);
    assert.equal(refused.errors[0].extensions.code, 'UNAUTHENTICATED');
    const bearer = { authorization: `Bearer ${token}` };
    assert.deepEqual((await gateway.ask(viewer, bearer)).data.viewer, {
      name: 'ops',
      authenticated: true,
    });

    writeFileSync(tokens, `other: sha256:${'0'.repeat(64)}\n`);
    await gateway.logged(/tokens file reloaded/);
    assert.equal((await gateway.ask(viewer, bearer)).status, 401);
  });
});

describe('a mistake of the operator', () => {
  const MISTAKES: [title: string, args: string[], message: RegExp][] = [
    ['an unknown command', ['server'], /did you mean.*serve|unknown command/is],
    ['an unknown flag', ['serve', '--confg', 'x'], /--confg/],
    [
      'a hosts file that is not there',
      ['serve', '--config', '/nonexistent/hosts.yaml'],
      /hosts\.yaml/,
    ],
    ['an address that is none', ['serve', '--listen', ':4000'], /--listen.*expected HOST:PORT/s],
  ];
  for (const [title, args, message] of MISTAKES) {
    it(`${title} ends with code 2 and says what was expected`, async () => {
      const { code, stderr } = await runCli(args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack');
    });
  }

  it('listening elsewhere than on loopback without tokens is refused', async () => {
    const { code, stderr } = await runCli(['serve', '--listen', '0.0.0.0:0'], {
      DOCKER_HOST: 'tcp://127.0.0.1:1',
    });
    assert.equal(code, 2);
    assert.match(stderr, /Refusing to listen on 0\.0\.0\.0 without authentication/);
  });

  it('a port that is taken is told as such', async () => {
    await using taken = await FakeEngine.start();
    const { port } = taken.endpoint as { port: number };
    const { code, stderr } = await runCli(['serve', '--listen', `127.0.0.1:${port}`], {
      DOCKER_HOST: 'tcp://127.0.0.1:1',
    });
    assert.equal(code, 2);
    assert.match(stderr, /EADDRINUSE/);
  });

  it('`check` reads a hosts file without serving it', async () => {
    await using gateway = new GatewayProcess();
    const file = join(gateway.folder, 'dockgraph.yaml');
    writeFileSync(file, 'hosts:\n  - name: a\n    endpoint: tcp://127.0.0.1:2375\n');
    assert.deepEqual(await runCli(['check', '--config', file]), {
      code: 0,
      stdout: 'a\ttcp://127.0.0.1:2375\n',
      stderr: '',
    });
    writeFileSync(
      file,
      'hosts:\n  - name: a\n    endpoint: ftp://x\n  - name: a\n    endpoint: unix:///x\n',
    );
    const { code, stderr } = await runCli(['check', '--config', file]);
    assert.equal(code, 2);
    assert.match(stderr, /:3:\d+.*ftp/s);
    assert.match(stderr, /duplicate|already|twice/i);
  });
});
