/*
 * `npm run schema`: writes the printed schema that clients generate their types from. A change that
 * breaks clients is refused unless `--allow-breaking` says that it is meant; `--check` only compares.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { readTypeDefs } from '../src/graphql/schema.ts';
import { ROOT } from './run.ts';

const file = join(ROOT, 'schema.graphql');
const current = lexicographicSortSchema(buildSchema(readTypeDefs().join('\n')));
const printed = `${printSchema(current)}\n`;
const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';

if (printed !== committed) {
  const changes = committed === '' ? [] : await diff(buildSchema(committed), current);
  const weighty = changes.filter(
    ({ criticality }) => criticality.level !== CriticalityLevel.NonBreaking,
  );
  for (const { criticality, message } of weighty) console.log(`${criticality.level}: ${message}`);
  console.log(`and ${changes.length - weighty.length} changes that break nothing`);
  const breaks = changes.some(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  if (process.argv.includes('--check')) {
    console.log('schema.graphql is stale: run "npm run schema"');
    process.exitCode = 1;
  } else if (breaks && !process.argv.includes('--allow-breaking')) {
    console.log(
      'These changes break clients. Deprecate instead; or, if it is meant, say so in CHANGELOG.md ' +
        'and run "npm run schema -- --allow-breaking"',
    );
    process.exitCode = 1;
  } else {
    writeFileSync(file, printed);
    console.log('schema.graphql written');
  }
}
