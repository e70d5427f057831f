import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Part, Section } from '../part.ts';
import { describeMachine } from './machine.ts';
import { sectionMarkdown, verdictLines, VERDICT_HEAD } from './section-text.ts';

const FILE = new URL('../RESULTS.md', import.meta.url);

/** What one run of a part found. */
export interface PartResult {
  suite: string;
  part: Part;
  section: Section;
  /** How long it took. */
  seconds: number;
}

/**
 * Puts a part's result in the place of its last one. Parts are kept one by one, each with its date
 * and machine, so that one can be run again without the others.
 */
export async function keepResult({ suite, part, section, seconds }: PartResult): Promise<void> {
  const sections = await readSections();
  const name = `${suite}/${part.name}`;
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const origin = `${date} UTC, ${seconds} s, ${describeMachine()}. \`npm run bench -- ${suite} --only ${part.name}\``;
  sections.set(name, [`## ${name}: ${part.title}`, origin, sectionMarkdown(section)].join('\n\n'));
  const blocks = [...sections].map(([name, text]) => `<!-- part ${name} -->\n\n${text}\n`);
  const text = [head([...sections.values()]), ...blocks].join('\n');
  const options = await resolveConfig(FILE);
  await writeFile(FILE, await format(text, { ...options, parser: 'markdown' }));
}

async function readSections(): Promise<Map<string, string>> {
  const text = await readFile(FILE, 'utf8').catch(() => '');
  const [, ...blocks] = text.split(/^<!-- part /m);
  return new Map(
    blocks.map((block) => {
      const end = block.indexOf(' -->');
      return [block.slice(0, end), block.slice(end + 4).trim()];
    }),
  );
}

function head(sections: string[]): string {
  return `# Bench results

Written by \`npm run bench -- SUITE\`; do not edit. \`--only PART[,PART…]\` runs parts and replaces
their sections here, \`--quick\` runs small sizes and keeps nothing. The suites need the lab of real
engines: \`npm run lab -- up && npm run lab -- seed\`.

Everything runs on one machine over loopback, servers and load alike, so absolute figures are the
machine's. Ratios are between contenders that took turns in the same rounds: read those.

Each section says how busy the machine was at its end: the load average, the bench's own two or
three included. Far above that, others had the processors too: times are too long by as much, p99
most of all, and a ratio may be off by a fifth.

${VERDICT_HEAD}
${sections.flatMap(verdictLines).join('\n')}
`;
}
