import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { formatEndpoint } from '../../src/engine/endpoint.ts';
import { loadHosts } from '../../src/config/hosts-source.ts';
import type { HostsSource } from '../../src/config/hosts-source.ts';
import { problemsOf, testFolder } from './config-fixtures.ts';
import type { TestFolder } from './config-fixtures.ts';
import { signals } from './signals.ts';

const hostsText = (...names: string[]) =>
  `hosts:${names.map((name) => `\n  - {name: ${name}, endpoint: tcp://${name}}`).join('')}\n`;

/** Replaces the hosts file at once, as editors do: a write in place may be seen half done. */
async function replace(folder: TestFolder, text: string): Promise<void> {
  await folder.write({ new: text });
  await rename(folder.file('new'), folder.file('dockgraph.yaml'));
}

/** Watches a source; what it tells comes as `hosts NAMES` and `error MESSAGE`. */
function watching(t: TestContext, source: HostsSource) {
  const told = signals<string>();
  const controller = new AbortController();
  t.after(() => controller.abort());
  assert.ok(source.watch);
  source.watch(
    (hosts, warnings) =>
      told.tell(['hosts', ...hosts.map(({ name }) => name), ...warnings].join(' ')),
    (error) => told.tell(`error ${(error as Error).message}`),
    { signal: controller.signal, debounceMs: 20 },
  );
  return { told, stop: () => controller.abort() };
}

test('loads a hosts file and follows its changes; a broken one keeps the old hosts', async (t) => {
  const folder = await testFolder(t);
  const file = folder.file('dockgraph.yaml');
  await folder.write({ 'dockgraph.yaml': hostsText('a') });
  const source = await loadHosts(file, folder.environment());
  assert.deepEqual(source.origin, { kind: 'FILE', file });
  assert.deepEqual(
    source.hosts.map(({ name }) => name),
    ['a'],
  );
  const { told } = watching(t, source);

  await replace(folder, hostsText('a', 'b'));
  assert.equal(await told.next(), 'hosts a b');

  await replace(folder, 'hosts: [{name: a}]');
  assert.match(await told.next(), /^error .*:1:9: hosts\[0\]\.endpoint: is missing/);

  await rm(file);
  assert.equal(await told.next(), `error ${file}: no such file`);

  await replace(folder, 'hosts: []');
  assert.equal(await told.next(), `hosts ${file} names no hosts`);
});

test('loads again what was only touched, since files that it names may have changed', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'dockgraph.yaml': hostsText('a') });
  const { told } = watching(
    t,
    await loadHosts(folder.file('dockgraph.yaml'), folder.environment()),
  );
  await replace(folder, hostsText('a'));
  assert.equal(await told.next(), 'hosts a');
});

test('notices what changed between the load and the watch', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'dockgraph.yaml': hostsText('a') });
  const source = await loadHosts(folder.file('dockgraph.yaml'), folder.environment());
  await folder.write({ 'dockgraph.yaml': hostsText('b') });
  const { told } = watching(t, source);
  assert.equal(await told.next(), 'hosts b');
});

test('fails at start for a file that cannot be used', async (t) => {
  const folder = await testFolder(t);
  const file = folder.file('gone.yaml');
  assert.deepEqual(await problemsOf(() => loadHosts(file, folder.environment())), [
    `${file} no such file`,
  ]);
});

test('serves what the docker CLI would use where there is no file', async (t) => {
  const folder = await testFolder(t);
  const source = await loadHosts(undefined, folder.environment({ DOCKER_HOST: 'tcp://box:2375' }));
  assert.deepEqual(source.origin, { kind: 'DOCKER_CLI', decidedBy: 'DOCKER_HOST' });
  assert.deepEqual(
    source.hosts.map(({ endpoint }) => formatEndpoint(endpoint)),
    ['tcp://box:2375'],
  );
  assert.equal(source.watch, undefined);
});
