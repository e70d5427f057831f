import type { Section, Table } from '../part.ts';

const VERDICT_COLUMNS = ['target', 'measured', 'met'];

/** A section for a terminal. */
export function sectionText({ tables, verdicts, notes }: Section): string {
  return [
    ...tables.map((table) => `${table.title}\n${alignedTable(table)}`),
    ...(verdicts.length === 0 ? [] : [alignedTable(verdictTable({ verdicts }))]),
    notes.map((note) => `- ${note}`).join('\n'),
    '',
  ].join('\n\n');
}

/** A section for a Markdown file, without its heading. */
export function sectionMarkdown(section: Section): string {
  const { tables, notes, verdicts } = section;
  return [
    // Not every line of a specification has a figure to meet.
    ...(verdicts.length === 0 ? [] : [markdownTable(verdictTable(section))]),
    ...tables.map((table) => `**${table.title}**\n\n${markdownTable(table)}`),
    notes.map((note) => `- ${note}`).join('\n'),
  ].join('\n\n');
}

/** The lines of a Markdown section that say what was met. */
export function verdictLines(markdown: string): string[] {
  return markdown.split('\n').filter((line) => /\|\s*(yes|\*\*no\*\*)\s*\|$/.test(line));
}

/** Head of the table that {@link verdictLines} are rows of. */
export const VERDICT_HEAD = `| ${VERDICT_COLUMNS.join(' | ')} |\n|---|---|---|`;

function verdictTable({ verdicts }: Pick<Section, 'verdicts'>): Table {
  const rows = verdicts.map(({ target, measured, met }) => [
    target,
    measured,
    met ? 'yes' : '**no**',
  ]);
  return { title: '', columns: VERDICT_COLUMNS, rows };
}

function alignedTable({ columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  '),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [text[0], rule, ...text.slice(1)].join('\n');
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, at) => (at === 0 ? '---' : '---:'));
  return [columns, rule, ...rows].map(line).join('\n');
}
