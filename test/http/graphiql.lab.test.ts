import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fakeImage } from '../support/fake-image.ts';
import { openBrowser } from './browser.ts';
import { startOverFleet } from './fleet-server.ts';
import { openGraphiql, openTab, response, RUN, STOP, typeInto } from './graphiql-page.ts';
import { ALICE, TOKENS } from './start-server.ts';

suite('GraphiQL in a browser', () => {
  test('runs an example and follows a subscription, without leaving this machine', async (t) => {
    const { url, engines } = await startOverFleet(t);
    const { page, requests, complaints } = await openBrowser(t);
    await openGraphiql(page, url);
    assert.equal(await page.title(), 'dockgraph');
    const tabs = await page.locator('.graphiql-tab-button').allTextContents();
    assert.deepEqual(tabs, [
      'FleetInventory',
      'WhereIsImage',
      'DriftedTags',
      'SharedLayers',
      'DiskUsage',
      'HostChanges',
      'PullImage',
      'WatchOperation',
    ]);

    await page.click(RUN);
    await response(page, '"driftedTagCount": 1');

    await openTab(page, 'DriftedTags');
    await page.click(RUN);
    await response(page, '"familiarName": "app:2"');

    await openTab(page, 'HostChanges');
    await page.click(RUN);
    await page.waitForSelector(STOP);
    await page.waitForTimeout(200);
    engines.alpha.addImage(fakeImage('fresh:1'));
    await response(page, '"totalCount": 3');
    await response(page, '"name": "alpha"');
    await page.click(STOP);

    const origin = new URL(url).host;
    const foreign = requests.filter(
      (address) => !/^(blob|data):/.test(address) && new URL(address).host !== origin,
    );
    assert.deepEqual(foreign, []);
    assert.ok(requests.some((address) => address.startsWith('ws://')));
    assert.deepEqual(complaints, []);
  });

  test('explains the schema and builds queries by clicking', async (t) => {
    const { url } = await startOverFleet(t);
    const { page, complaints } = await openBrowser(t);
    await openGraphiql(page, url);
    await page.click('button[aria-label^="Show Documentation Explorer"]');
    await page.getByRole('link', { name: 'Query' }).click();
    await page.getByText('Everything but the fields that say otherwise').waitFor();
    await page.click('button[aria-label^="Show GraphiQL Explorer"]');
    await page.locator('.graphiql-explorer-root').first().waitFor();
    await page.locator('#root').getByText('layers', { exact: true }).first().waitFor();
    assert.deepEqual(complaints, []);
  });

  test('works with a token typed into the headers, for subscriptions too', async (t) => {
    const { url, engines } = await startOverFleet(t, { tokens: TOKENS });
    const { page } = await openBrowser(t);
    await openGraphiql(page, url);
    await page.click(RUN);
    await response(page, 'This server asks for a token');

    await openTab(page, 'HostChanges');
    await typeInto(page, 'Headers', { Authorization: `Bearer ${ALICE}` });
    await page.click(RUN);
    await page.waitForSelector(STOP);
    await page.waitForTimeout(200);
    engines.bravo.addImage(fakeImage('fresh:1'));
    await response(page, '"name": "bravo"');
    const stored = await page.evaluate(() => JSON.stringify(localStorage));
    assert.doesNotMatch(stored, /dg_alice/, 'the token does not outlive the page');
  });
});
