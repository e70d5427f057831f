import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every document for people, by its path from the project's folder. */
export const DOCUMENTS: readonly string[] = globSync(['*.md', 'docs/*.md', 'examples/*.md'], {
  cwd: ROOT,
}).toSorted();

/** The text of a file of the project. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The contents of a document's fenced blocks of one language. */
export function blocks(markdown: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...markdown.matchAll(fence)].map(([, content]) => content!);
}

/** A table's rows as cells without their backticks, found by its first heading; heads left out. */
export function tableRows(markdown: string, heading: string): string[][] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => cells(line)[0] === heading);
  const rows = lines.slice(head + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return head === -1 ? [] : rows.slice(0, end === -1 ? undefined : end).map(cells);
}

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''));
}

/** What curl lines send with `-d '…'`, in blocks and in comments, over several lines or one. */
export function curlBodies(text: string): { url: string; body: CurlBody }[] {
  const [, ...lines] = text.replaceAll(/\\\n#?\s*/g, '').split(/\bcurl\b/);
  return lines.flatMap((line) => {
    const [, json] = /-d\s*'(\{[^']*\})'/.exec(line) ?? [];
    const [url] = /http:[^\s']+/.exec(line) ?? [];
    return json && url ? [{ url, body: JSON.parse(json) as CurlBody }] : [];
  });
}

/** What a curl line posts. */
export interface CurlBody {
  query: string;
  variables?: Record<string, unknown>;
}
