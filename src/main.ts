#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { parseCommandLine } from './config/command-line.ts';
import { ConfigError } from './config/config-error.ts';
import { systemEnvironment } from './config/environment.ts';
import { loadHosts } from './config/hosts-source.ts';
import type { Settings } from './config/settings.ts';
import { formatTokenLine, hashToken, newToken } from './config/tokens-file.ts';
import { formatEndpoint } from './engine/endpoint.ts';
import { VERSION, startGateway } from './gateway.ts';
import { UnsafeListenError } from './http/listen-policy.ts';
import { StoreUnusableError } from './operations/operation-store.ts';
import { createLogger } from './http/logger.ts';

const DRAIN_GRACE_MS = 10_000;
/** Mistakes that the operator can mend: told without a stack. */
const EXIT_MISTAKE = 2;

const environment = systemEnvironment();

try {
  await run(process.argv.slice(2));
} catch (error) {
  const mendable =
    error instanceof ConfigError ||
    error instanceof UnsafeListenError ||
    error instanceof StoreUnusableError ||
    isSystemError(error);
  printError(mendable ? `dockgraph: ${error.message}` : error);
  process.exitCode = mendable ? EXIT_MISTAKE : 1;
}

async function run(args: string[]): Promise<void> {
  const command = parseCommandLine(args, environment);
  if ('warnings' in command) for (const warning of command.warnings) printError(warning);
  switch (command.kind) {
    case 'HELP':
      print(command.text);
      return;
    case 'VERSION':
      print(VERSION);
      return;
    case 'MISTAKE':
      printError(command.message);
      process.exitCode = command.exitCode;
      return;
    case 'TOKEN': {
      const token = newToken();
      print(`token (shown once): ${token}`);
      print(
        `line for the tokens file: ${formatTokenLine({ name: command.name, hash: hashToken(token) })}`,
      );
      return;
    }
    case 'CHECK': {
      const { hosts, warnings } = await loadHosts(command.configFile, environment);
      for (const warning of warnings) printError(warning);
      for (const { name, endpoint } of hosts) print(`${name}\t${formatEndpoint(endpoint)}`);
      return;
    }
    case 'SERVE':
      await serve(command.settings);
  }
}

async function serve(settings: Settings): Promise<void> {
  // What streams pass on lies beside V8's heap. By itself V8 looks through the whole heap for every
  // few MB of that, which takes half of the time of a transfer; counted with the heap it does not.
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  const logger = createLogger({ level: settings.logLevel });
  const gateway = await startGateway(settings, environment, logger);
  logger.info(`GraphQL at ${gateway.url}/graphql, GraphiQL at ${gateway.url}/`);
  const drain = async (signal: string) => {
    logger.info(`${signal}: draining`);
    await gateway.close({ graceMs: DRAIN_GRACE_MS });
    logger.info('closed');
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Once: a second signal ends the process at once.
    process.once(signal, () => void drain(signal));
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printError(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
}
