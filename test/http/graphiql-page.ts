import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

export const RUN = 'button[aria-label^="Execute"]';
export const STOP = 'button[aria-label^="Stop"]';

export async function openGraphiql(page: Page, url: string): Promise<void> {
  const answer = await page.goto(`${url}/`);
  assert.equal(answer?.status(), 200, 'GraphiQL is built: npm run build');
  await page.locator('.graphiql-query-editor .view-line').nth(5).waitFor();
}

export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  // GraphiQL looks at the text of another tab a tenth of a second later.
  await page.waitForTimeout(500);
}

/** Types JSON into the tab's editor below the query. */
export async function typeInto(
  page: Page,
  editor: 'Headers' | 'Variables',
  value: object,
): Promise<void> {
  await page.getByRole('button', { name: editor }).click();
  await page.locator(`section[aria-label="${editor}"] .monaco-editor:visible`).click();
  await page.keyboard.insertText(JSON.stringify(value));
}

/** Waits until the response pane shows a text. */
export function response(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('.graphiql-response', { hasText: text }).waitFor({ timeout: 15_000 });
}
