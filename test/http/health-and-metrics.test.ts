import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createMetrics } from '../../src/http/metrics.ts';
import { start } from './start-server.ts';

const read = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
};

suite('health', () => {
  test('is live whatever else happens', async (t) => {
    const { url } = await start(t, {
      readiness: () => ({ ready: false, reasons: ['no hosts file'] }),
      fleetHealth: () => {
        throw new Error('no fleet');
      },
    });
    assert.deepEqual(await read(`${url}/livez`), { status: 200, body: 'ok\n' });
  });

  test('is ready or says why not', async (t) => {
    let ready = true;
    const { url } = await start(t, {
      readiness: () => ({ ready, reasons: ready ? [] : ['the store is closed'] }),
    });
    assert.equal((await read(`${url}/readyz`)).status, 200);
    ready = false;
    const { status, body } = await read(`${url}/readyz`);
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), { ready: false, reasons: ['the store is closed'] });
  });

  test('sums the fleet up', async (t) => {
    let hostsByState: Record<string, number> = { ONLINE: 2, UNREACHABLE: 1 };
    const { url } = await start(t, { fleetHealth: () => ({ hostsByState }) });
    const { status, body } = await read(`${url}/healthz`);
    assert.equal(status, 200);
    const { uptimeSeconds, ...rest } = JSON.parse(body);
    assert.ok(uptimeSeconds >= 0);
    assert.deepEqual(rest, {
      status: 'degraded',
      version: '1.2.3',
      hosts: { total: 3, byState: { ONLINE: 2, UNREACHABLE: 1 } },
    });
    hostsByState = { ONLINE: 2, UNREACHABLE: 0 };
    assert.equal(JSON.parse((await read(`${url}/healthz`)).body).status, 'ok');
  });
});

suite('metrics', () => {
  test('show hosts by state and the age of what is known of them', async () => {
    const hosts = [
      { name: 'alpha', state: 'ONLINE', lastSyncAt: Date.now() - 2_000 },
      { name: 'bravo', state: 'ONLINE', lastSyncAt: Date.now() },
      { name: 'gone', state: 'UNREACHABLE', lastSyncAt: null },
    ];
    const { registry } = createMetrics({
      hosts: () => hosts,
      hostStates: ['ONLINE', 'SYNCING', 'UNREACHABLE'],
      operations: [],
    });
    const text = await registry.metrics();
    assert.match(text, /^dockgraph_hosts\{state="ONLINE"\} 2$/m);
    assert.match(text, /^dockgraph_hosts\{state="SYNCING"\} 0$/m);
    assert.match(text, /^dockgraph_hosts\{state="UNREACHABLE"\} 1$/m);
    assert.match(text, /^dockgraph_host_seconds_since_sync\{host="alpha"\} 2(\.\d+)?$/m);
    assert.doesNotMatch(text, /seconds_since_sync\{host="gone"\}/);
    assert.match(text, /^process_resident_memory_bytes /m);
    hosts.pop();
    hosts.shift();
    const later = await registry.metrics();
    assert.match(later, /^dockgraph_hosts\{state="UNREACHABLE"\} 0$/m);
    assert.doesNotMatch(later, /alpha/);
  });

  test('time engine calls and events, until the host is gone', async () => {
    const metrics = createMetrics({
      hosts: () => [],
      hostStates: [],
      operations: [],
      defaultMetrics: false,
    });
    for (const host of ['alpha', 'bravo']) {
      metrics.observeEngineCall({ host, call: 'listImages', durationMs: 20, outcome: 'ok' });
      metrics.observeEngineCall({ host, call: 'ping', durationMs: 2, outcome: 'error' });
      metrics.observeEventLag(host, 30);
      metrics.observeEventLag(host, -5);
    }
    const text = await metrics.registry.metrics();
    const labels = 'host="alpha",call="listImages",outcome="ok"';
    assert.ok(text.includes(`dockgraph_engine_call_duration_seconds_sum{${labels}} 0.02`), text);
    assert.match(text, /event_lag_seconds_count\{host="alpha"\} 2/);
    metrics.forgetHost('alpha');
    const later = await metrics.registry.metrics();
    assert.doesNotMatch(later, /alpha/);
    assert.match(later, /bravo/);
  });

  test('tell apart only operations that are known', async (t) => {
    const { post, url } = await start(t);
    for (const query of ['query Known { hello }', 'query Known { boom }', '{ hello }'])
      await post({ query });
    for (let i = 0; i < 50; i++) await post({ query: `query Attack${i} { hello }` });
    const { body } = await read(`${url}/metrics`);
    const count = (labels: string) =>
      new RegExp(`operation_duration_seconds_count\\{${labels}\\} (\\d+)`).exec(body)?.[1];
    assert.equal(count('operation="Known",outcome="ok"'), '1');
    assert.equal(count('operation="Known",outcome="error"'), '1');
    assert.equal(count('operation="anonymous",outcome="ok"'), '1');
    assert.equal(count('operation="other",outcome="ok"'), '50');
    assert.doesNotMatch(body, /Attack/);
  });
});
