import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { startEngine, startRegistry } from '../lab/index.ts';
import type { ThrowAwayEngine, ThrowAwayRegistry } from '../lab/index.ts';
import { read } from '../support/documents.ts';
import { Graph } from '../support/graph.ts';
import { archiveOf, randomImage } from '../support/own-engine.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import type { RegistryProxy } from '../support/registry-proxy.ts';
import { openBrowser } from './browser.ts';
import { openGraphiql, openTab, response, RUN, STOP, typeInto } from './graphiql-page.ts';
import { start } from './start-server.ts';

const PULL = read('examples/07-pull-image.graphql');
const WATCH = read('examples/08-watch-operation.graphql');

suite('a real pull, watched', () => {
  let registry: ThrowAwayRegistry;
  /** Makes a pull slow enough to be looked at. */
  let proxy: RegistryProxy;
  let engine: ThrowAwayEngine;
  let graph: Graph;

  before(async () => {
    registry = await startRegistry();
    proxy = await startRegistryProxy(registry.address);
    engine = await startEngine({ release: '26.1' });
    for (const name of ['browser', 'curl']) {
      const image = await randomImage(`watched-by-${name}`, 1_000, 6_000_000, 9_000_000);
      const tag = `${registry.address}/watched-by-${name}:1`;
      await engine.docker(['load'], { input: archiveOf(image, tag) });
      await engine.docker(['push', '--quiet', tag]);
      await engine.docker(['rmi', tag]);
    }
    graph = await Graph.start([
      {
        name: 'alpha',
        labels: {},
        endpoint: { transport: 'UNIX', socketPath: engine.socketPath },
      },
    ]);
  });
  after(async () => {
    await graph?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  test('in GraphiQL, over WebSocket', async (t) => {
    const { url } = await start(t, { api: graph.api });
    const { page, requests, complaints } = await openBrowser(t);
    const goOn = slowDown(proxy);
    t.after(goOn);
    await openGraphiql(page, url);
    await openTab(page, 'PullImage');
    await typeInto(page, 'Variables', { references: [`${proxy.address}/watched-by-browser:1`] });
    const answered = page.waitForResponse((answer) =>
      Boolean(answer.request().postData()?.includes('mutation PullImage')),
    );
    await page.click(RUN);
    const { data } = await (await answered).json();
    await response(page, '"hostName": "alpha"');

    await openTab(page, 'WatchOperation');
    await typeInto(page, 'Variables', { id: data.pullImage.operation.id });
    await page.click(RUN);
    await page.waitForSelector(STOP);
    await response(page, '"state": "RUNNING"');
    // The editor writes other spaces than we do.
    await response(page, /"percent":\s\d?\d\.\d/);
    await response(page, '"phase": "DOWNLOADING"');
    goOn();
    await response(page, '"state": "SUCCEEDED"');
    await response(page, '"percent": 100');
    await page.waitForSelector(RUN);
    assert.ok(requests.some((address) => address.startsWith('ws://')));
    assert.deepEqual(complaints, []);
  });

  test('with curl, over server-sent events', async (t) => {
    const { url, post } = await start(t, { api: graph.api });
    const goOn = slowDown(proxy);
    t.after(goOn);
    const references = [`${proxy.address}/watched-by-curl:1`];
    const { json } = await post({ query: PULL, variables: { references } });
    const variables = JSON.stringify({ id: json.data.pullImage.operation.id });
    const sent = [`query=${WATCH}`, `variables=${variables}`];
    const args = [
      '-sNG',
      '--max-time',
      '60',
      ...sent.flatMap((part) => ['--data-urlencode', part]),
    ];
    const curl = spawn('curl', [...args, `${url}/graphql/stream`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => curl.kill());
    const ended = new Promise((resolve) => curl.on('exit', resolve));
    const lines: string[] = [];
    const seen: any[] = [];
    for await (const line of createInterface({ input: curl.stdout })) {
      lines.push(line);
      if (!line.startsWith('data: {')) continue;
      const { data, errors } = JSON.parse(line.slice('data: '.length));
      assert.equal(errors, undefined);
      seen.push(data.operation);
      const percent = data.operation.tasks[0].progress?.percent ?? 0;
      if (percent > 0 && percent < 100) goOn();
    }
    assert.equal(await ended, 0);
    const percents = seen.map(({ tasks }) => tasks[0].progress?.percent ?? 0);
    assert.ok(
      percents.some((percent) => percent > 0 && percent < 100),
      percents.join(' '),
    );
    assert.equal(percents.at(-1), 100);
    assert.equal(seen.at(-1).state, 'SUCCEEDED', JSON.stringify(seen.at(-1)));
    assert.ok(seen.some(({ tasks }) => tasks[0].progress?.layers.length >= 2));
    assert.equal(
      lines.findLast((line) => line.startsWith('event:')),
      'event: complete',
    );
  });
});

/** Lets every connection have a megabyte a second, until what it returns is called. */
function slowDown(proxy: RegistryProxy): () => void {
  let allowed = 200_000;
  proxy.holdAfter(allowed);
  const timer = setInterval(() => {
    proxy.holdAfter(null);
    proxy.holdAfter((allowed += 200_000));
  }, 200);
  return () => {
    clearInterval(timer);
    proxy.holdAfter(null);
  };
}
