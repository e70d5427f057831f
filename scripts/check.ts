/*
 * `npm run check`: everything that needs no engine. Goes on after a failure, so that one run tells
 * all that is wrong. Tests that need real parts (engines, sshd, a browser) are named `*.lab.test.ts`.
 */
import { globSync } from 'node:fs';
import { ROOT, run } from './run.ts';

const unitTests = globSync('test/**/*.test.ts', { cwd: ROOT, exclude: ['**/*.lab.test.ts'] });

const CHECKS: Record<string, string[]> = {
  'resolver types are up to date': ['graphql-codegen', '--config', 'codegen.ts', '--check'],
  'schema.graphql is up to date': ['node', 'scripts/schema.ts', '--check'],
  'types of src, test, bench': ['tsc', '-p', 'tsconfig.json'],
  'types of GraphiQL': ['tsc', '-p', 'src/http/graphiql/tsconfig.json'],
  'lint of TypeScript': ['oxlint', '--type-aware', '--max-warnings=0'],
  'lint of SDL': ['eslint', 'schema'],
  format: ['prettier', '--check', '--log-level=warn', '.'],
  'no dead code or dependency': ['knip'],
  'tests that need no engine': ['node', '--test', '--test-reporter=dot', ...unitTests],
};

const failed: string[] = [];
for (const [name, [program, ...args]] of Object.entries(CHECKS)) {
  console.log(`\n— ${name}`);
  if ((await run(program!, ...args)) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nall checks passed' : `\nFAILED: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
