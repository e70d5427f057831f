/*
 * `npm test`: all tests, with the real engines that they need. Arguments are test files (all by
 * default); a lab that was up before stays up.
 */
import { existsSync, globSync } from 'node:fs';
import { labPaths } from '../test/lab/index.ts';
import { installPackages } from '../test/lab/packages.ts';
import { seed } from '../test/lab/seed/seed.ts';
import { down, up } from '../test/lab/up.ts';
import { ROOT, buildGraphiql, run } from './run.ts';

const given = process.argv.slice(2);
const files = given.length > 0 ? given : globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted();
const paths = labPaths();
const wasUp = existsSync(paths.hostsFile);

// What documented lines are run with, and what looks at GraphiQL.
const programs = { chromium: '/usr/bin/chromium', curl: '/usr/bin/curl', jq: '/usr/bin/jq' };
await installPackages(console.log, programs);
await up(paths, console.log);
await seed(paths, console.log);
try {
  process.exitCode =
    (await buildGraphiql()) ||
    (await run('node', '--test', '--test-concurrency=2', '--test-timeout=180000', ...files));
} finally {
  if (!wasUp) await down(paths);
}
