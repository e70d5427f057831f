import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { parseHostsFile } from '../../src/config/hosts-file.ts';
import { parseTokens } from '../../src/config/tokens-file.ts';
import { testFolder } from '../config/config-fixtures.ts';
import { read, ROOT } from '../support/documents.ts';

interface Service {
  image: string;
  build?: string;
  command?: string[];
  entrypoint?: string[];
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  privileged?: boolean;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const { services } = compose;
const dockerfile = read('Dockerfile');

describe('docker-compose.yml', () => {
  it('has a gateway over two engines', () => {
    assert.deepEqual(Object.keys(services), ['token', 'gateway', 'alpha', 'bravo', 'images']);
    for (const name of ['token', 'gateway']) assert.equal(services[name]!.build, '.');
    for (const name of ['alpha', 'bravo']) {
      assert.match(services[name]!.image, /^docker:\d+-dind$/);
      assert.equal(services[name]!.privileged, true);
      assert.equal(services[name]!.environment?.['DOCKER_TLS_CERTDIR'], '');
    }
    for (const { depends_on } of Object.values(services)) {
      for (const name of Object.keys(depends_on ?? {})) assert.ok(name in services, name);
    }
  });

  it('publishes the gateway on loopback, and nothing else', () => {
    const published = Object.entries(services).flatMap(([name, { ports }]) =>
      (ports ?? []).map((port) => [name, port]),
    );
    assert.deepEqual(published, [['gateway', '127.0.0.1:4000:4000']]);
  });

  it('mounts what is there', () => {
    const mounts = Object.values(services).flatMap(({ volumes }) => volumes ?? []);
    for (const mount of mounts) {
      const [source = ''] = mount.split(':');
      if (source.startsWith('.')) assert.ok(existsSync(join(ROOT, source)), source);
      else assert.ok(source in compose.volumes, source);
    }
  });

  it('starts the gateway with arguments that it takes', async (t) => {
    const command = parseCommandLine(
      services['gateway']!.command!,
      (await testFolder(t)).environment(),
    );
    assert.ok(command.kind === 'SERVE');
    const { settings } = command;
    assert.deepEqual(settings.listen, { host: '0.0.0.0', port: 4000 });
    const [, folder] = services['gateway']!.volumes![0]!.split(':');
    assert.equal(settings.configFile, join(folder!, 'dockgraph.yaml'));
    assert.ok(settings.tokensFile);
  });

  it('names its engines in the hosts file', async (t) => {
    const folder = await testFolder(t);
    const file = 'examples/compose/dockgraph.yaml';
    const { hosts, warnings } = await parseHostsFile(
      read(file),
      folder.file(basename(file)),
      folder.environment(),
    );
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      hosts.map(({ name, endpoint }) => [name, endpoint]),
      ['alpha', 'bravo'].map((name) => [name, { transport: 'TCP', host: name, port: 2375 }]),
    );
  });

  it('makes a token that the gateway takes, once', async (t) => {
    const folder = await testFolder(t);
    const data = folder.file('data');
    await mkdir(data);
    const { entrypoint, command } = services['token']!;
    const script = command![0]!
      .replaceAll('$$', '$')
      .replaceAll('/data/', `${data}/`)
      .replaceAll('node dist/main.js', `'${process.execPath}' '${join(ROOT, 'src/main.ts')}'`);
    const run = async () => promisify(execFile)(entrypoint![0]!, [...entrypoint!.slice(1), script]);
    const { stdout } = await run();
    assert.match(stdout, /^token \(shown once\): dg_\S+$/m);
    const tokens = await readFile(join(data, 'tokens'), 'utf8');
    assert.deepEqual(
      parseTokens(tokens, 'tokens').map(({ name }) => name),
      ['compose'],
    );
    assert.equal((await run()).stdout, '');
    assert.equal(await readFile(join(data, 'tokens'), 'utf8'), tokens);
  });
});

describe('Dockerfile', () => {
  const stages = dockerfile.split(/^(?=FROM )/m).slice(1);

  it('builds and runs on Node 24', () => {
    assert.equal(stages.length, 2);
    for (const stage of stages) assert.match(stage, /^FROM node:24\b/);
  });

  it('runs as somebody else than root', () => {
    assert.match(stages[1]!, /^USER node$/m);
  });

  it('takes only what the running gateway reads', () => {
    const copied = [...stages[1]!.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, paths]) =>
      paths!.split(' ').map((path) => basename(path)),
    );
    assert.deepEqual(copied.sort(), ['LICENSE', 'dist', 'node_modules', 'package.json', 'schema']);
    assert.match(stages[0]!, /npm prune --omit=dev/);
    assert.match(read('.dockerignore'), /^node_modules$/m);
  });

  it('starts what package.json names as the command', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: { dockgraph: string } };
    assert.match(stages[1]!, new RegExp(`^ENTRYPOINT \\["node", "/app/${bin.dockgraph}"\\]$`, 'm'));
  });
});
