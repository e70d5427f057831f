/*
 * npm run bench -- SUITE [--only PART[,PART…]] [--quick]
 *
 * Prints tables as it goes and keeps them in bench/RESULTS.md (not with --quick). Whatever it
 * starts listens on loopback and is stopped at the end, on a failure and on Ctrl-C.
 */
import { parseCommandLine, UsageError } from './command-line.ts';
import type { Part, PartContext } from './part.ts';
import { killChildren } from './process/child.ts';
import { describeMachine } from './report/machine.ts';
import { keepResult } from './report/results-file.ts';
import { sectionText } from './report/section-text.ts';
import { SUITES } from './suites.ts';

/** After Ctrl-C, for parts to put back what they changed. */
const UNWIND_MS = 15_000;

try {
  await run();
} catch (error) {
  console.error(error instanceof UsageError ? `bench: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run(): Promise<void> {
  const { suite, parts, quick } = parseCommandLine(process.argv.slice(2), SUITES);
  const interrupted = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    if (interrupted.signal.aborted) return;
    console.error(`\n${signal}: stopping what was started`);
    interrupted.abort(new Error(`stopped by ${signal}`));
    setTimeout(() => process.exit(130), UNWIND_MS).unref();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('exit', killChildren);
  // The docker CLI and dockerode would take it for the hosts that they are given.
  for (const name of ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY']) {
    delete process.env[name];
  }

  const context: PartContext = {
    quick,
    signal: interrupted.signal,
    say: (line) => console.log(`  ${line}`),
  };
  console.log(`${describeMachine()}\n`);
  const failed: string[] = [];
  for (const part of parts) {
    if (!(await runPart(suite, part, context))) failed.push(part.name);
    if (interrupted.signal.aborted) break;
  }
  if (interrupted.signal.aborted) process.exitCode = 130;
  else if (failed.length > 0) {
    console.error(`bench: could not be measured: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}

/** One part that cannot run does not take the others' figures along. */
async function runPart(suite: string, part: Part, context: PartContext): Promise<boolean> {
  console.log(`# ${suite}/${part.name}: ${part.title}`);
  const startedAt = performance.now();
  try {
    const section = await part.run(context);
    console.log(`\n${sectionText(section)}`);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (!context.quick) await keepResult({ suite, part, section, seconds });
    return true;
  } catch (error) {
    if (!context.signal.aborted) console.error(error);
    return false;
  }
}
