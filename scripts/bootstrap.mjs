#!/usr/bin/env node
// Runs a script of this folder after setting up what it needs, so that `npm test` and
// `npm run demo` work in a fresh clone on a machine that has only Node 20 or later, npm and git.
// Plain JavaScript and no dependencies: it runs before there are any, on the machine's own Node.
//
//   node scripts/bootstrap.mjs FILE [ARGS…]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const bin = join(modules, '.bin');
const page = join(root, 'src', 'http', 'graphiql');
const stamp = join(modules, '.dockgraph-lock');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('dockgraph: installing packages (npm ci) …');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', ...quiet], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, lock);
}

if (!existsSync(join(root, 'dist', 'graphiql', 'index.html'))) {
  console.error('dockgraph: building GraphiQL …');
  const args = [join(modules, 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', page];
  const { status } = spawnSync(join(bin, 'node'), args, {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}

const [file, ...args] = process.argv.slice(2);
const child = spawn(join(bin, 'node'), [join(root, file), ...args], {
  cwd: root,
  env,
  stdio: 'inherit',
});
// Ctrl-C reaches the whole process group; a signal sent to this process alone is passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
